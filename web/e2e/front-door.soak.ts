import type { Locator, Page } from 'playwright-core'
import type { TestImap } from '../../server/test/imap-server.ts'
import type { TestSmtp } from '../../server/test/smtp-server.ts'
import type { Visit } from './harness.ts'
import type { Stage } from './stage.ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dovecotBinary, startImap } from '../../server/test/imap-server.ts'
import { startSmtp } from '../../server/test/smtp-server.ts'
import { enter, portray, visit } from './harness.ts'
import { makeAccount } from './instance.ts'
import { openOwnStage } from './stage.ts'

const why = dovecotBinary
  ? ''
  : ' (skipped: no Dovecot; install dovecot-imapd)'

/** The whole way, as an operator, a member and two people outside go it on a fresh deployment. */
describe.skipIf(why)(`a fresh deployment for others${why}`, () => {
  let smtp: TestSmtp
  let imap: TestImap
  let stage: Stage
  let member: Awaited<ReturnType<typeof makeAccount>>
  const visits: Visit[] = []
  beforeAll(async () => {
    smtp = await startSmtp({ encryption: 'none' })
    imap = await startImap()
    stage = await openOwnStage({
      SMTP_URL: smtp.url,
      SMTP_ALLOW_PLAIN: 'true',
      MAIL_FROM: 'files@northwind.example',
      REPLY_INBOX: imap.url('replies'),
      REPLY_ADDRESS: 'replies@northwind.example',
      DEPLOYMENT: 'hosted',
    })
    member = await makeAccount(stage.instance, stage.operator, 'elsewhere')
  })
  afterEach(async () => {
    for (const { context, faults } of visits.splice(0)) {
      await context.close()
      expect(faults).toEqual([])
    }
  })
  afterAll(async () => {
    await stage?.close()
    await smtp?.close()
    await imap?.stop()
  })

  async function open(): Promise<Page> {
    const one = await visit(stage.browser, stage.instance)
    visits.push(one)
    return one.page
  }
  const mailTo = async (address: string, matches: (text: string) => boolean) => {
    const find = () => smtp.mails.findLast(({ to, text }) => to[0] === address && matches(text))
    await expect.poll(find, { timeout: 180_000 }).toBeDefined()
    return find()!
  }
  const linkIn = async (address: string, path: string) => new RegExp(`http\\S+/${path}#token=[\\w-]+`).exec((await mailTo(address, text => text.includes(`/${path}#`))).text)![0]
  /** The draft that is open, without what its operator has to say. */
  async function finish(page: Page): Promise<void> {
    const area = page.getByRole('textbox', { name: 'Text in Markdown' })
    await expect.poll(() => area.inputValue()).toContain('[[TO DO:')
    await area.fill((await area.inputValue()).replaceAll(/\[\[TO DO:[^\]]*\]\]/g, 'as our lawyers have it').replaceAll(/^> .*\n/gm, ''))
    await page.getByText('Draft saved').waitFor()
  }
  async function publish(page: Page, number: number): Promise<void> {
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.getByText(new RegExp(`v${number} in effect since`)).waitFor()
  }
  async function writeFrom(page: Page, { name, email, message }: { name: string, email: string, message: string }): Promise<void> {
    await page.getByLabel('Name', { exact: true }).fill(name)
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Message').fill(message)
    for (const box of await page.getByRole('checkbox', { name: /I have read|I agree/ }).all()) await box.check()
  }
  /** Led there before anything else. */
  async function agree(page: Page): Promise<void> {
    await page.waitForURL(url => url.pathname === '/agree')
    await page.getByRole('checkbox', { name: 'I agree to “Terms of use”' }).check()
    await page.getByRole('button', { name: 'Agree and go on' }).click()
  }
  const threadOf = async (operator: Page, name: string): Promise<Locator> => {
    await operator.goto('/admin/requests')
    await operator.getByRole('link', {
      name: new RegExp(name),
    }).first().click()
    return operator.getByRole('region', { name: 'The chosen request' })
  }

  it('ten questions are a policy that is true, and stays true; members are told', async () => {
    const operator = await open()
    await enter(operator, stage.owner, '/admin/policies/questions')
    const save = () => operator.getByRole('button', { name: 'Save answer' }).click()
    await operator.getByText('2 of 10 answered · 8 open').waitFor()
    await operator.getByLabel('Organisation').fill('Northwind Files Ltd')
    await save()
    await operator.getByLabel('Postal address').fill('1 Harbour Road\nHamburg')
    await save()
    await operator.getByRole('radio', { name: 'To the request form' }).check()
    await save()
    await operator.getByRole('radio', { name: 'Nobody: we do all of it ourselves' }).check()
    await save()
    await operator.getByRole('radio', { name: 'No', exact: true }).check()
    await save()
    await operator.getByRole('radio', { name: 'No, nothing is sold here' }).check()
    await save()
    await operator.getByLabel('Law and courts').fill('The law of Hamburg')
    await save()
    await operator.getByLabel('Data protection authority').fill('The commissioner of Hamburg')
    await save()
    await operator.getByText('All that was to be asked is answered.').waitFor()
    await operator.getByRole('button', { name: 'Make the pages' }).click()
    await operator.getByRole('dialog').getByRole('button', { name: /^Make \d pages$/ }).click()
    await operator.getByRole('dialog').waitFor({ state: 'detached' })
    await operator.goto('/admin/policies')
    await operator.getByRole('link', { name: 'Privacy policy' }).click()
    await finish(operator)
    await publish(operator, 1)

    const reader = await open()
    await reader.goto('/policies/privacy')
    const today = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date())
    await reader.getByText(new RegExp(`In effect since ${today}`)).waitFor()
    await reader.getByText('Northwind Files Ltd, 1 Harbour Road, Hamburg').first().waitFor()
    const trash = reader.getByRole('row', { name: /in the trash/ }).first()
    await trash.getByText('30 days').waitFor()

    await operator.goto('/admin/retention')
    await operator.getByLabel('Days: Files and folders in the trash').fill('17')
    await operator.locator('[data-kind="trash"]').getByRole('button', { name: /^Save/ }).click()
    await operator.getByRole('dialog').getByRole('button', { name: 'Keep 17 days only' }).click()
    await operator.locator('[data-kind="trash"]').getByText(/^Set on/).waitFor()
    await reader.reload()
    await reader.getByRole('note').filter({ hasText: 'Changed since this was published' }).getByText('17 days').first().waitFor()
    await portray(reader, 'privacy-changed-since')

    const elsewhere = await open()
    await enter(elsewhere, member, '/notifications')
    await operator.goto('/admin/policies')
    await operator.getByText('No longer so').waitFor()
    await operator.getByRole('link', { name: 'Privacy policy' }).click()
    await publish(operator, 2)
    await reader.reload()
    await trash.getByText('17 days').waitFor()
    expect(await reader.getByText('Changed since this was published').count()).toBe(0)
    await elsewhere.getByText(/published (?:version 2|2 versions) of .*Privacy policy/).waitFor()
    await mailTo(member.email, text => text.includes('Privacy policy'))
  })

  it('a visitor asks for access, confirms, is approved, signs in, and accepts the terms', async () => {
    const operator = await open()
    await enter(operator, stage.owner, '/admin/policies')
    await operator.getByRole('link', { name: 'Terms of use' }).click()
    await finish(operator)
    await publish(operator, 1)
    await operator.getByRole('button', { name: 'Agreement' }).click()
    await operator.getByRole('radio', { name: 'by saying so' }).click()
    await agree(operator)

    const guest = await open()
    await guest.goto('/')
    await guest.waitForURL(url => url.pathname === '/home')
    await writeFrom(guest, { name: 'Ana Lindqvist', email: 'ana@harbour.example', message: 'May I have access?' })
    await guest.getByLabel('Company').fill('Harbour')
    await guest.getByRole('button', { name: 'Send', exact: true }).click()
    await guest.getByRole('heading', { name: 'One more step' }).waitFor()
    await guest.goto(await linkIn('ana@harbour.example', 'requests'))
    await guest.getByRole('button', { name: 'Yes, this is my request' }).click()
    await guest.getByText('Open', { exact: true }).waitFor()

    const thread = await threadOf(operator, 'Ana Lindqvist')
    await thread.getByRole('button', { name: 'Approve' }).click()
    await operator.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
    await operator.getByRole('dialog').getByText('ana@harbour.example gets a mail').waitFor()

    await guest.goto(await linkIn('ana@harbour.example', 'password-reset'))
    await guest.getByLabel('New password').fill('a long walk by the canal')
    await guest.locator('[type=submit]').click()
    await guest.getByLabel('E-mail').fill('ana@harbour.example')
    await guest.getByLabel('Password', { exact: true }).fill('a long walk by the canal')
    await guest.getByRole('button', { name: 'Sign in', exact: true }).click()
    await agree(guest)
    await guest.waitForURL(url => url.pathname.startsWith('/w/harbour'))
  })

  it('a privacy question is answered by mail, and the answer to that comes back by mail', async () => {
    const guest = await open()
    await guest.goto('/contact?kind=privacy')
    await writeFrom(guest, { name: 'Jonas Weber', email: 'jonas@weber.example', message: 'What do you hold about me?' })
    await guest.getByRole('button', { name: 'Send', exact: true }).click()
    await guest.getByRole('heading', { name: 'One more step' }).waitFor()
    await guest.goto(await linkIn('jonas@weber.example', 'requests'))
    await guest.getByRole('button', { name: 'Yes, this is my request' }).click()
    await guest.getByText('Open', { exact: true }).waitFor()

    const operator = await open()
    await enter(operator, stage.owner, '/admin/requests')
    const thread = await threadOf(operator, 'Jonas Weber')
    await thread.getByRole('textbox', { name: 'Answer' }).fill('Your name, your address and this question.')
    await thread.getByRole('button', { name: 'Send', exact: true }).click()
    await thread.getByText('by mail').waitFor()
    const mail = await mailTo('jonas@weber.example', text => text.includes('and this question'))
    imap.deliver('replies', [
      'From: Jonas Weber <jonas@weber.example>',
      `To: ${mail.headers['reply-to']}`,
      'Subject: Re: my question',
      `In-Reply-To: ${mail.headers['message-id']}`,
      '',
      'Thank you. Please delete it.',
    ].join('\r\n'))
    await expect.poll(async () => {
      await operator.reload()
      await thread.getByText('What do you hold about me?').waitFor()
      return thread.getByText('Thank you. Please delete it.').count()
    }, { timeout: 240_000, interval: 3_000 }).toBe(1)
    await portray(operator, 'inbox-answer-by-mail')
  })
})
