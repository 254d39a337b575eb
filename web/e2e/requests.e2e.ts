import type { Browser, Page } from 'playwright-core'
import type { TestSmtp } from '../../server/test/smtp-server.ts'
import type { Visit } from './harness.ts'
import type { Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startSmtp } from '../../server/test/smtp-server.ts'
import { desktop, enter, expectAccessible, expectNoOverflow, expectReflow, phone, portray, visit } from './harness.ts'
import { openOwnStage } from './stage.ts'

let smtp: TestSmtp
let stage: Stage
let instance: Instance
let browser: Browser
const visits: Visit[] = []

beforeAll(async () => {
  smtp = await startSmtp({ encryption: 'none' })
  stage = await openOwnStage({
    SMTP_URL: smtp.url,
    SMTP_ALLOW_PLAIN: 'true',
    MAIL_FROM: 'files@northwind.example',
    DEPLOYMENT: 'hosted',
  })
  ;({ instance, browser } = stage)
  const { id } = await stage.api<{ id: string }>('POST', '/admin/policies', {
    kind: 'privacy',
    slug: 'privacy',
    title: 'Privacy policy',
    markdown: 'What we do with data.',
  })
  await stage.api('POST', `/admin/policies/${id}/publish`, {
    effectiveOn: new Date().toISOString().slice(0, 10),
    summary: 'First version.',
  })
})

afterAll(async () => {
  await stage?.close()
  await smtp?.close()
})

afterEach(async () => {
  for (const { context, faults } of visits.splice(0)) {
    await context.close()
    expect(faults).toEqual([])
  }
})

async function open(options: Parameters<typeof visit>[2] = {}): Promise<Page> {
  const one = await visit(browser, instance, options)
  visits.push(one)
  return one.page
}
/** The address that the last mail to somebody leads to. */
async function linkTo(address: string, path: string): Promise<string> {
  const find = () => new RegExp(`http\\S+/${path}#token=[\\w-]+`).exec(smtp.mails.findLast(({ to, text }) => to[0] === address && text.includes(`/${path}#`))?.text ?? '')?.[0]
  await expect.poll(find).toBeDefined()
  return find()!
}
async function fillIn(page: Page, { name, email, message }: { name: string, email: string, message: string }): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Message').fill(message)
  await page.getByLabel(/I have read/).check()
}
async function seeBoth(page: Page, what: string): Promise<void> {
  for (const viewport of [phone, desktop]) {
    await page.setViewportSize(viewport)
    await expectNoOverflow(page, what)
  }
}

it('somebody asks for access on the home page, confirms, is approved, chooses a password and is in', async () => {
  const guest = await open()
  await guest.goto('/')
  await guest.waitForURL(url => url.pathname === '/home')
  await guest.getByRole('heading', { name: 'Files for clients, and proof of who got what' }).waitFor()
  await expectAccessible(guest, 'the home page')
  await expectReflow(guest)
  await portray(guest, 'home')
  await fillIn(guest, { name: 'Ana Lindqvist', email: 'ana@harbour.example', message: 'Hello,\n\nmay I have access? <b>Please</b>' })
  await guest.getByLabel('Company').fill('Harbour & Sons')
  await guest.getByRole('button', { name: 'Send', exact: true }).click()
  await guest.getByRole('heading', { name: 'One more step' }).waitFor()
  await portray(guest, 'request-sent')

  const link = await linkTo('ana@harbour.example', 'requests')
  await guest.goto(link)
  await guest.getByText('Not confirmed yet').waitFor()
  await expectAccessible(guest, 'the confirmation')
  await portray(guest, 'request-confirm')
  const operator = await open()
  await enter(operator, stage.owner, '/admin/requests')
  await operator.getByText('Nothing here').waitFor()
  await guest.getByRole('button', { name: 'Yes, this is my request' }).click()
  await guest.getByText('Open', { exact: true }).waitFor()

  await operator.reload()
  await operator.getByRole('link', { name: /Ana Lindqvist/ }).click()
  const thread = operator.getByRole('region', { name: 'The chosen request' })
  await thread.getByText('<b>Please</b>').waitFor()
  await thread.getByText('confirmed address').waitFor()
  await expectAccessible(operator, 'the inbox')
  await portray(operator, 'inbox-thread')
  await seeBoth(operator, 'the inbox')
  await thread.getByRole('button', { name: 'Approve' }).click()
  const dialog = operator.getByRole('dialog', { name: 'Let Ana Lindqvist in' })
  expect(await dialog.getByLabel('Name of the workspace').inputValue()).toBe('Harbour & Sons')
  await dialog.getByLabel('Address').fill('northwind')
  await dialog.getByRole('button', { name: 'Approve' }).click()
  await dialog.getByText('Another workspace has this address').first().waitFor()
  await dialog.getByLabel('Address').fill('harbour')
  await expectAccessible(operator, 'the approval')
  await portray(operator, 'inbox-approve')
  await dialog.getByRole('button', { name: 'Approve' }).click()
  await dialog.getByText('ana@harbour.example gets a mail').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await thread.getByText('Approved').first().waitFor()

  await guest.goto(await linkTo('ana@harbour.example', 'password-reset'))
  await guest.getByLabel('New password').fill('a long walk by the canal')
  await guest.locator('[type=submit]').click()
  await guest.getByLabel('E-mail').fill('ana@harbour.example')
  await guest.getByLabel('Password', { exact: true }).fill('a long walk by the canal')
  await guest.getByRole('button', { name: 'Sign in', exact: true }).click()
  await guest.waitForURL(url => url.pathname.startsWith('/w/harbour'))
})

it('a privacy question is answered by mail, the sender writes back on its page, and it ends with a letter', async () => {
  const guest = await open({ locale: 'de-DE' })
  await guest.goto('/contact?kind=privacy')
  await guest.getByRole('heading', { name: 'Kontakt' }).waitFor()
  await guest.getByLabel('Was Sie möchten').selectOption('deletion')
  await guest.getByLabel('Name', { exact: true }).fill('Jonas Weber')
  await guest.getByLabel('E-Mail-Adresse').fill('jonas@weber.example')
  await guest.getByLabel('Nachricht').fill('Bitte löschen Sie, was Sie über mich haben.')
  await expectAccessible(guest, 'the form')
  await expectReflow(guest)
  await portray(guest, 'contact-de')
  await guest.getByLabel(/Ich habe/).check()
  await guest.getByRole('button', { name: 'Senden', exact: true }).click()
  await guest.getByRole('heading', { name: 'Noch ein Schritt' }).waitFor()
  await guest.goto(await linkTo('jonas@weber.example', 'requests'))
  await guest.getByRole('button', { name: 'Ja, das ist meine Anfrage' }).click()
  await guest.getByText('Wir antworten bis').waitFor()

  const operator = await open()
  await enter(operator, stage.owner, '/admin/requests')
  // The only new one.
  await operator.getByRole('link', { name: /Jonas Weber/ }).waitFor()
  await operator.keyboard.press('j')
  const thread = operator.getByRole('region', { name: 'The chosen request' })
  await thread.getByText('Bitte löschen Sie').waitFor()
  await operator.keyboard.press('a')
  await operator.getByText('The assignment is saved').first().waitFor()
  await thread.getByRole('button', { name: 'Note', exact: true }).click()
  await thread.getByRole('textbox', { name: 'Note' }).fill('I know him: our client since 2019.')
  await thread.getByRole('button', { name: 'Keep the note' }).click()
  await thread.getByText('Note for operators').waitFor()
  await thread.getByRole('textbox', { name: 'Answer' }).fill('Von welchem Konto sprechen Sie?')
  await thread.getByRole('button', { name: 'Send', exact: true }).click()
  await thread.getByText('by mail').waitFor()
  await guest.goto('about:blank')
  await guest.goto(await linkTo('jonas@weber.example', 'requests'))
  await guest.getByText('Von welchem Konto sprechen Sie?').waitFor()
  await guest.getByLabel('Etwas ergänzen').fill('Von dem mit dieser Adresse.')
  await guest.getByRole('button', { name: 'Nachricht senden' }).click()
  await guest.getByText('Von dem mit dieser Adresse.').waitFor()
  await expectAccessible(guest, 'the page of a request')
  await portray(guest, 'request-page-de')
  await operator.reload()
  await thread.getByText('Von dem mit dieser Adresse.').waitFor()
  await thread.getByRole('textbox', { name: 'Answer' }).fill('Das Konto ist gelöscht.')
  await thread.getByLabel('What was done').fill('Deleted the account and its log entries')
  await portray(operator, 'inbox-privacy')
  await thread.getByRole('button', { name: 'Send and close' }).click()
  await thread.getByText('Answered').first().waitFor()
  await expect.poll(() => smtp.mails.filter(({ to }) => to[0] === 'jonas@weber.example').length).toBe(3)
  await operator.goto('/admin/activity')
  await operator.getByText(/added a message to a request/).first().waitFor()
})

it('a member asks from inside, and sees what goes along; answers have templates', async () => {
  const member = await open()
  await enter(member, stage.owner, '/w/northwind/files')
  await member.getByRole('button', { name: /Robin Keller/ }).first().click()
  await member.getByRole('menuitem', { name: 'Help' }).click()
  const dialog = member.getByRole('dialog', { name: 'Help' })
  await dialog.getByLabel('What do you need?').fill('Where is the trash?')
  await dialog.getByText('/w/northwind/files').waitFor()
  await expectAccessible(member, 'the help')
  await portray(member, 'help')
  await dialog.getByRole('button', { name: 'Send' }).click()
  await dialog.getByText('Your request has arrived').waitFor()

  // What failed goes along by its number.
  await member.route('**/api/v1/workspaces/*/links?*', route => route.fulfill({
    status: 500,
    contentType: 'application/problem+json',
    json: {
      code: 'internal',
      status: 500,
      title: 'Something failed',
      requestId: 'req-of-what-failed',
    },
  }))
  await member.goto('/w/northwind/links')
  await member.getByRole('alert').getByRole('button', { name: 'Ask for help' }).click()
  await member.getByRole('dialog', { name: 'Help' }).getByText('req-of-what-failed').waitFor()
  await portray(member, 'help-after-failure')
  await member.unroute('**/api/v1/workspaces/*/links?*')

  await member.goto('/admin/requests')
  await member.getByRole('button', { name: 'Templates' }).click()
  const templates = member.getByRole('dialog', { name: 'Templates' })
  await templates.getByRole('button', { name: 'Add a template' }).click()
  await templates.getByLabel('Title').fill('Thank you')
  await templates.getByLabel('Text').fill('Thank you for writing.')
  await expectAccessible(member, 'the templates')
  await templates.getByRole('button', { name: 'Save' }).click()
  await templates.waitFor({ state: 'detached' })
  await member.getByRole('link', { name: /Where is the trash/ }).click()
  const thread = member.getByRole('region', { name: 'The chosen request' })
  await thread.getByText('signed in').waitFor()
  await thread.getByRole('button', { name: 'Template' }).click()
  await member.getByRole('menuitem', { name: 'Thank you' }).click()
  expect(await thread.getByRole('textbox', { name: 'Answer' }).inputValue()).toBe('Thank you for writing.')
})

it('an operator writes the home page, and makes a workspace for somebody', async () => {
  const operator = await open()
  await enter(operator, stage.owner, '/admin/home-page')
  await operator.getByLabel('Claim').fill('Drawings that arrive')
  await operator.getByRole('button', { name: 'Add a point' }).click()
  await operator.getByLabel('Title').fill('By link')
  await operator.getByRole('button', { name: 'Add a link' }).click()
  await operator.getByLabel('Label').fill('Northwind')
  await operator.getByLabel('Address', { exact: true }).fill('javascript:alert(1)')
  await operator.getByRole('button', { name: 'Save' }).click()
  await operator.getByRole('alert').first().waitFor()
  await operator.getByLabel('Address', { exact: true }).fill('https://northwind.example')
  await expectAccessible(operator, 'the home page’s editor')
  await portray(operator, 'home-editor')
  await seeBoth(operator, 'the home page’s editor')
  await operator.getByRole('button', { name: 'Save' }).click()
  await operator.getByText('The home page is saved').first().waitFor()
  const guest = await open()
  await guest.goto('/')
  await guest.getByRole('heading', { name: 'Drawings that arrive' }).waitFor()
  expect(await guest.getByRole('link', { name: 'Northwind', exact: true }).getAttribute('href')).toBe('https://northwind.example')

  await operator.goto('/admin/workspaces')
  await operator.getByRole('button', { name: 'New for somebody' }).click()
  const dialog = operator.getByRole('dialog', { name: 'A workspace for somebody' })
  await dialog.getByLabel('Name of the owner').fill('Ben Harbour')
  await dialog.getByLabel('E-mail address').fill('ben@harbour.example')
  await dialog.getByLabel('Name of the workspace').fill('Ben')
  await dialog.getByLabel('Address', { exact: true }).fill('ben')
  await expectAccessible(operator, 'a workspace for somebody')
  await dialog.getByRole('button', { name: 'Make the workspace' }).click()
  await dialog.getByText('ben@harbour.example gets a mail').waitFor()
})

it('the form works without JavaScript', async () => {
  const guest = await open({ javaScriptEnabled: false })
  await guest.goto('/contact')
  await guest.getByRole('link', { name: 'the form without JavaScript' }).click()
  await guest.getByRole('textbox', { name: 'Name', exact: true }).fill('Cleo')
  await guest.getByLabel('E-mail address').fill('cleo@harbour.example')
  await guest.getByLabel('Message').fill('Hello')
  await guest.getByLabel(/I have read/).check()
  await guest.getByRole('button', { name: 'Send' }).click()
  await guest.getByText(/Your request is R-/).waitFor()
  await linkTo('cleo@harbour.example', 'requests')
})
