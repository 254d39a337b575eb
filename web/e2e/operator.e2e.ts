import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Api, Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { CLIENT, startProvider } from '../../server/test/oidc-providers.ts'
import { soakIt } from '../../server/test/soak.ts'
import { desktop, enter, expectAccessible, expectGood, expectRegistered, launchBrowser, phone, portray, screenshot, signIn, visit } from './harness.ts'
import { callApi, setUpInstance } from './instance.ts'
import { openOwnStage, startOwnInstance } from './stage.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let owner: Account
let api: Api
let visitor: Visit
let page: Page
const others: Visit[] = []

beforeAll(async () => {
  stage = await openOwnStage({ BACKUP_TO: '/mnt/backup' })
  ;({ instance, browser, owner, api } = stage)
})

afterAll(() => stage?.close())

beforeEach(async () => {
  visitor = await visit(browser, instance)
  page = visitor.page
})

afterEach(async () => {
  for (const { context, page, faults } of [
    visitor,
    ...others.splice(0),
  ]) {
    await expectRegistered(page)
    await context.close()
    expect(faults).toEqual([])
  }
})

/** Somebody else in a browser of their own. */
async function another(): Promise<Page> {
  const other = await visit(browser, instance)
  others.push(other)
  return other.page
}

describe('the operator', () => {
  it('changes settings, makes a workspace, sees the server\'s own log', async () => {
    await signIn(page, owner, '/admin/settings')
    await page.getByLabel('Organisation').fill('Northwind Ltd')
    await page.getByLabel('Postal address').fill('1 Harbour Road\nHamburg')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Settings saved').first().waitFor()
    expect(await api('GET', '/admin/instance')).toMatchObject({ organisation: 'Northwind Ltd', postalAddress: '1 Harbour Road\nHamburg' })
    await page.getByText('None is known to be damaged.').waitFor()
    const backups = page.getByRole('region', { name: 'Backups' })
    await backups.getByText('There is no backup yet').waitFor()
    await backups.getByText(/They are made in \/mnt\/backup when somebody runs “.+ backup”.* They are not encrypted/).waitFor()
    await page.getByRole('region', { name: 'About ClientShare' }).getByText(/^ClientShare \d+\.\d+\.\d+/).waitFor()
    await page.getByRole('button', { name: 'Read and compare all now' }).click()
    await page.getByText('All stored files are being read').first().waitFor()
    await expectGood(page, 'settings')

    await page.goto('/admin/workspaces')
    await page.getByRole('button', { name: 'New workspace' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Harbour & Söhne')
    await expectAccessible(page, 'the new workspace')
    await page.getByRole('dialog').getByRole('button', { name: 'Create workspace' }).click()
    await page.getByRole('link', { name: 'Harbour & Söhne' }).waitFor()
    await page.getByRole('button', { name: 'Change storage: Harbour & Söhne' }).click()
    const storage = page.getByRole('dialog', { name: 'Storage of Harbour & Söhne' })
    await storage.getByLabel('Storage in GB').fill('2.5')
    await expectAccessible(page, 'the storage of a workspace')
    await portray(page, 'workspace-storage')
    await storage.getByRole('button', { name: 'Save' }).click()
    await page.getByText('of 2.5 GB used').waitFor()
    await expectGood(page, 'workspaces')
    await portray(page, 'workspaces')

    await page.goto('/admin/activity')
    await page.getByText('Robin Keller changed the settings of Northwind files').waitFor()
    await page.getByText('Robin Keller signed in').first().waitFor()
    await expectGood(page, 'instance-activity')
  })

  it('sets how long data is kept: a shorter time says before what it deletes, the trash tells of it, the log too', async () => {
    await enter(page, owner, '/admin/retention')
    const trash = page.locator('[data-kind="trash"]')
    await trash.getByText('Counted from: the day that they were put there').waitFor()
    await page.locator('[data-kind="audit"]').getByText('for ever', { exact: true }).waitFor()
    const days = trash.getByLabel('Days: Files and folders in the trash')
    await days.fill('0')
    await trash.getByText('Between 1 and 3,650 days.').waitFor()
    await expectGood(page, 'retention')
    await days.fill('17')
    await trash.getByRole('button', { name: /^Save/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/is deleted for ever in the coming night/).waitFor()
    await portray(page, 'retention-shorter')
    await dialog.getByRole('button', { name: 'Keep 17 days only' }).click()
    await trash.getByText(/^Set on .+ by Robin Keller$/).waitFor()
    expect((await api<{ items: { kind: string, days: number | null }[] }>('GET', '/admin/retention')).items[0]).toMatchObject({ kind: 'trash', days: 17 })
    await portray(page, 'retention')
    await page.goto('/admin/activity')
    await page.getByText('Robin Keller changed how long is kept: the trash').waitFor()
  })

  it('sets how long people stay signed in; whose session rests for so long is told why it has ended, over the page and at the door', async () => {
    await enter(page, owner, '/admin/settings')
    const form = page.getByRole('form', { name: 'How long people stay signed in' })
    const choose = async (label: string, option: RegExp) => {
      await form.getByRole('combobox', { name: label }).click()
      await page.getByRole('option', { name: option }).click()
    }
    await choose('Without use', /^30 min/)
    await choose('From the sign-in on', /^12 h/)
    await form.getByRole('button', { name: /^Save/ }).click()
    await page.getByText('Settings saved').first().waitFor()
    await expectGood(page, 'settings-sessions')
    await page.goto('/account')
    await page.getByRole('region', { name: 'Where you are signed in' }).getByText(/ends in \d+ minutes unless it is used before/).first().waitFor()

    const rest = async () => {
      const database = new pg.Client(instance.databaseUrl)
      await database.connect()
      await database.query(`update sessions set last_used_at = last_used_at - interval '1 hour', expires_at = expires_at - interval '1 hour'
        where id = (select id from sessions order by last_used_at desc, created_at desc limit 1)`).finally(() => database.end())
    }
    await rest()
    await page.getByLabel('Name').fill('Robin M. Keller')
    await page.getByRole('button', { name: 'Save' }).click()
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
    const why = /^You were signed out: a session ends here after 30 mins? of rest\.$/
    await dialog.getByText(why).waitFor()
    await expectAccessible(page, 'a session that has ended by itself')
    await portray(page, 'session-ended')
    await dialog.getByLabel('Password').fill(owner.password)
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Your name is now Robin M. Keller').first().waitFor()

    await rest()
    await page.goto('/admin/settings')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByText(why).waitFor()
    await expectGood(page, 'sign-in-after-rest')
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await choose('Without use', /^30 days/)
    await choose('From the sign-in on', /^Without end/)
    await form.getByRole('button', { name: /^Save/ }).click()
    await page.getByText('Settings saved').first().waitFor()
    await api('PATCH', '/me', { name: owner.name })
  })

  soakIt('is told when the address in the browser is not the public one', async () => {
    // The same server by its other name.
    const elsewhere = {
      ...instance,
      url: instance.url.replace('localhost', '127.0.0.1'),
    }
    const other = await visit(browser, elsewhere)
    others.push(other)
    await enter(other.page, owner, '/admin/settings')
    await other.page.getByText(`Links and invitations begin with ${instance.url}, but you are at ${elsewhere.url}.`).first().waitFor()
    await expectAccessible(other.page, 'the warning')
    await screenshot(other.page, 'public-address')
  })

  soakIt('is told on the sign-in page when the server wants https and the page came by http', async () => {
    const https = await startOwnInstance({ PUBLIC_URL: 'https://files.northwind.example' })
    // Browsers keep such a cookie for `localhost`, so by a name that is not.
    const named = await launchBrowser('--host-resolver-rules=MAP files.northwind.example 127.0.0.1')
    try {
      await setUpInstance(https, { name: owner.name, email: owner.email, password: owner.password })
      const url = `http://files.northwind.example:${new URL(https.url).port}`
      const visit = await named.newPage()
      await visit.goto(`${url}/login`)
      await visit.getByText('You would be signed out with the next page').waitFor()
      await visit.getByText(`set PUBLIC_URL to ${url}`).waitFor()
      expect(await visit.getByRole('link', { name: 'Open https://files.northwind.example' }).getAttribute('href')).toBe('https://files.northwind.example')
      await expectGood(visit, 'sign-in-insecure')
      await visit.goto(`${https.url}/login`)
      await visit.getByRole('heading', { name: 'Sign in' }).waitFor()
      expect(await visit.getByText('You would be signed out').count()).toBe(0)
    }
    finally {
      await named.close()
      await https.stop()
    }
  })
})

describe('policies', () => {
  it('are drafted with a preview, saved by themselves, published, changed, and read at their address', async () => {
    await enter(page, owner, '/admin/policies')
    await page.getByText('No policies yet').waitFor()
    await page.getByRole('button', { name: 'New policy' }).first().click()
    const dialog = page.getByRole('dialog')
    await expect.poll(() => dialog.getByLabel('Title').inputValue()).not.toBe('')
    await expectAccessible(page, 'the new policy')
    await screenshot(page, 'new-policy')
    await dialog.getByRole('button', { name: 'Create draft' }).click()
    await page.waitForURL(/\/admin\/policies\/[\da-f-]{36}$/)
    await page.getByText(/places are left to fill in/).waitFor()
    await expectGood(page, 'policy-editor')

    // What is not finished is not published: the dialog begins with that, and leads to it.
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await dialog.getByText(/places are left to fill in/).waitFor()
    expect(await dialog.getByRole('button', { name: 'Publish', exact: true }).count()).toBe(0)
    await expectAccessible(page, 'the unfinished policy')
    await screenshot(page, 'policy-unfinished')
    await dialog.getByRole('button', { name: /^Line \d+:/ }).first().click()
    const area = page.getByRole('textbox', { name: 'Text in Markdown' })
    await expect.poll(() => area.evaluate((field: HTMLTextAreaElement) => field.value.slice(field.selectionStart, field.selectionEnd))).toMatch(/^\[\[TO DO:/)

    await area.fill('# Who we are\n\nNorthwind keeps **little**.\n\n<img src=x onerror=alert(1)>')
    await page.getByRole('region', { name: 'Preview' }).getByRole('heading', { name: 'Who we are' }).waitFor()
    expect(await page.getByRole('region', { name: 'Preview' }).locator('img').count()).toBe(0)
    await area.fill('![Our house](https://example.test/house.png)')
    await page.getByText('A picture is left out.').waitFor()
    await page.getByRole('region', { name: 'Preview' }).getByText('Our house').waitFor()
    await screenshot(page, 'policy-picture')
    await area.fill('# Who we are\n\nNorthwind keeps **little**.\n\n<img src=x onerror=alert(1)>')
    await page.getByRole('region', { name: 'Preview' }).getByRole('heading', { name: 'Who we are' }).waitFor()
    await page.getByText('Draft saved').waitFor()
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    // Nothing was there before the first version that could have changed.
    await dialog.getByLabel('In effect from').waitFor()
    expect(await dialog.getByLabel('What changed').count()).toBe(0)
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.getByText(/v1 in effect since/).waitFor()
    const { markdown, number } = await callApi<{ markdown: string, number: number }>(instance, 'GET', '/public/policies/privacy')
    expect({ markdown, number }).toEqual({ markdown: '# Who we are\n\nNorthwind keeps **little**.\n\n<img src=x onerror=alert(1)>', number: 1 })

    const reader = await another()
    await reader.goto('/policies/privacy')
    await reader.getByText('Northwind keeps little.').waitFor()

    await area.fill('# Who we are\n\nNorthwind keeps nothing.')
    await page.getByText('Unpublished changes').waitFor()
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await dialog.getByText('Changes since version 1').waitFor()
    expect(await dialog.locator('del').first().textContent()).toContain('little')
    expect(await dialog.locator('ins').first().textContent()).toContain('nothing')
    await expectGood(page, 'policy-publish')
    await dialog.getByLabel('What changed').fill('Nothing is kept')
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.getByText(/v2 in effect since/).waitFor()

    // A second language, and a fact in it that follows the settings.
    await page.getByRole('button', { name: 'Language', exact: true }).click()
    await page.getByRole('menuitem', { name: 'German' }).click()
    await page.waitForURL(/language=de/)
    await expect.poll(() => area.inputValue()).toContain('[[TO DO:')
    await area.fill('Sitzungen enden nach ')
    await page.getByRole('button', { name: 'Insert a fact' }).click()
    await page.getByRole('option', { name: /After how long without use/ }).click()
    await expect.poll(() => area.inputValue()).toBe('Sitzungen enden nach {{session.idle}}')
    await page.getByRole('region', { name: 'Preview' }).locator('.fact', { hasText: '30 Tage' }).waitFor()
    await area.fill('Sitzungen enden nach {{session.idle}}. {{nothing}}')
    await page.getByText('Line 1: this server knows no fact {{nothing}}').waitFor()
    await page.getByRole('button', { name: 'Go there' }).click()
    await expect.poll(() => area.evaluate((field: HTMLTextAreaElement) => field.value.slice(field.selectionStart, field.selectionEnd))).toBe('{{nothing}}')
    await expectGood(page, 'policy-unknown-fact')
    await area.fill('Sitzungen enden nach {{session.idle}}.')
    await page.getByLabel('Title').first().fill('Datenschutz')
    // It begins with the starter's.
    await page.getByText('Highlights (3 of 3)').click()
    expect(await page.getByRole('button', { name: 'Add a highlight' }).count()).toBe(0)
    for (const number of [3, 2, 1]) await page.getByRole('button', { name: `Remove highlight ${number}` }).click()
    await page.getByText('Highlights (0 of 3)').waitFor()
    await page.getByRole('button', { name: 'Add a highlight' }).click()
    await page.getByRole('group', { name: 'Highlight 1' }).getByLabel('Title').fill('Wie lange')
    await page.getByRole('group', { name: 'Highlight 1' }).getByLabel('Sentence').fill('Nach {{session.idle}}.')
    await page.getByRole('region', { name: 'Preview' }).getByText('Nach 30 Tage.').waitFor()
    await page.getByText('Draft saved').waitFor()
    await expectGood(page, 'policy-languages')
    await portray(page, 'policy-languages')
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await dialog.getByRole('checkbox', { name: 'English' }).click()
    await portray(page, 'policy-publish-languages')
    await expectAccessible(page, 'publishing a language')
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.getByText(/v3 in effect since/).waitFor()
    await page.getByRole('button', { name: /^English.*older than v3/ }).waitFor()
    expect(await callApi(instance, 'GET', '/public/policies/privacy?language=de')).toMatchObject({ number: 3, markdown: 'Sitzungen enden nach 30 Tage.' })

    // The setting changes: the version in effect is drifting, and the draft is prepared.
    await api('PATCH', '/admin/instance', { sessionIdleMinutes: 7 * 1440 })
    await page.reload()
    await page.getByText('What the version in effect says is no longer so').waitFor()
    await expectGood(page, 'policy-drift')
    await portray(page, 'policy-drift')
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await expect.poll(() => dialog.getByLabel('What changed, in German').inputValue()).toContain('30 Tage → 7 Tage')
    await page.keyboard.press('Escape')
    await api('PATCH', '/admin/instance', { policyReview: true })
    await page.goto('/admin/policies')
    await page.getByText('No longer so').waitFor()
    await expectGood(page, 'policies-drifting')
    await page.getByRole('link', { name: 'Privacy policy' }).click()
    await page.getByText('Another operator has to approve it before you publish.').waitFor()
    await expectGood(page, 'policy-review')
    await api('PATCH', '/admin/instance', { policyReview: false, sessionIdleMinutes: 30 * 1440 })
    await page.reload()

    await page.getByRole('button', { name: 'Versions' }).click()
    const link = page.getByRole('link', { name: 'Version 1' })
    expect(await link.getAttribute('href')).toBe('/policies/privacy/versions/1')
    await expectAccessible(page, 'the versions')
    await screenshot(page, 'policy-versions')
    await page.keyboard.press('Escape')
    await page.goto('/admin/policies')
    await page.getByText(/v3 in effect since/).waitFor()
    await expectGood(page, 'policies')
  })

  soakIt('are not overwritten by two who write at once, and nothing unsaved is lost unasked', async () => {
    const made = await api<{ id: string }>('POST', '/admin/policies', {
      kind: 'page',
      slug: 'cookies',
      title: 'Cookies',
      markdown: 'One.',
    })
    await enter(page, owner, `/admin/policies/${made.id}`)
    const area = page.getByRole('textbox', { name: 'Text in Markdown' })
    await expect.poll(() => area.inputValue()).toBe('One.')
    await api('PATCH', `/admin/policies/${made.id}`, { markdown: 'Theirs.' })
    await area.fill('Mine.')
    await page.getByText('Somebody else has changed this draft').waitFor()
    await expectAccessible(page, 'the conflict')
    await screenshot(page, 'policy-conflict')

    // Leaving asks, because it cannot be saved.
    await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link', { name: 'Policies' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect(new URL(page.url()).pathname).toBe(`/admin/policies/${made.id}`)

    await page.getByRole('button', { name: 'Load theirs' }).click()
    await expect.poll(() => area.inputValue()).toBe('Theirs.')
    await area.fill('Both.')
    // Leaving at once saves what stands there.
    await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link', { name: 'Policies' }).click()
    await page.getByRole('heading', { name: 'Policies' }).waitFor()
    await expect.poll(async () => (await api<{ drafts: { markdown: string }[] }>('GET', `/admin/policies/${made.id}`)).drafts[0]!.markdown).toBe('Both.')
  })
})

it('a provider is set up and tried out; by its word somebody invited comes in, and is signed out there too; an account that is there is connected by its owner', async () => {
  const provider = await startProvider([`${instance.url}/api/v1/auth/oidc/harbour-id/callback`], [`${instance.url}/login`], '127.0.0.1')
  onTestFinished(provider.close)
  Object.assign(provider.people, {
    robin: { email: owner.email, email_verified: true },
    nadia: { email: 'nadia@harbour.example', email_verified: true, name: 'Nadia Newcomer' },
  })
  const signInThere = async (login: string) => {
    await page.getByLabel('Who are you?').fill(login)
    await page.getByRole('button', { name: 'Sign in there' }).click()
  }

  await enter(page, owner, '/admin/settings')
  await page.getByRole('link', { name: 'Providers' }).click()
  await page.getByRole('button', { name: 'Add provider' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Harbour ID')
  await dialog.getByText(`${instance.url}/api/v1/auth/oidc/harbour-id/callback`).waitFor()
  await dialog.getByLabel('Issuer').fill(`${provider.issuer}/.well-known/openid-configuration`)
  await dialog.getByRole('button', { name: 'Look it up' }).click()
  await dialog.getByText('It answers, and is who it says').waitFor()
  expect(await dialog.getByLabel('Issuer').inputValue()).toBe(provider.issuer)
  await dialog.getByLabel('Client ID').fill(CLIENT.id)
  await dialog.getByLabel('Client secret').fill(CLIENT.secret)
  await dialog.getByLabel('Domains that it vouches for').fill('harbour.example')
  await expectAccessible(page, 'a new provider')
  // The longest of dialogs keeps its head on a phone.
  await page.setViewportSize(phone)
  expect(await dialog.locator('[data-slot=header]').evaluate(head => head.scrollHeight - head.clientHeight)).toBe(0)
  await page.setViewportSize(desktop)
  await portray(page, 'provider-new')
  await dialog.getByRole('button', { name: 'Add provider' }).click()
  await page.getByRole('button', { name: 'Try it out: Harbour ID' }).click()
  await signInThere('nadia')
  await page.getByText('It vouches for nadia@harbour.example').waitFor()
  expect(new URL(page.url()).hash).toBe('')
  await expectGood(page, 'sign-in providers')
  await portray(page, 'providers')

  await page.goto('/account')
  await page.getByRole('button', { name: 'Connect with Harbour ID' }).click()
  // Signed in there as somebody else by now.
  await page.getByText('nadia@harbour.example').waitFor()
  await page.getByRole('button', { name: 'Disconnect Harbour ID' }).click()
  await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Disconnect', exact: true }).click()
  await page.getByText('Not connected').waitFor()

  await api('POST', `/workspaces/${owner.workspaceId}/invitations`, { role: 'staff', email: 'nadia@harbour.example' })
  await visitor.context.clearCookies()
  await page.goto('/login?next=/account')
  await page.getByRole('button', { name: 'Sign in with Harbour ID' }).waitFor()
  await expectAccessible(page, 'sign-in by a provider')
  await portray(page, 'login-provider')
  await page.getByRole('button', { name: 'Sign in with Harbour ID' }).click()
  await signInThere('robin')
  // Somebody has this address here, which is told to nobody.
  await page.getByText('No account here is connected with it').waitFor()
  await expectGood(page, 'nobody connected')
  await portray(page, 'nobody-connected')
  await page.getByRole('link', { name: 'To the sign-in' }).click()
  await visitor.context.clearCookies()
  await page.getByRole('button', { name: 'Sign in with Harbour ID' }).click()
  await signInThere('nadia')
  await page.waitForURL('**/account')
  const connected = page.getByRole('region', { name: 'Other ways to sign in' }).getByText('nadia@harbour.example')
  await connected.waitFor()

  // Whose session has ended and who has no password comes on by the provider, back to where they were.
  const save = await page.getByRole('button', { name: 'Save' }).first().elementHandle()
  await page.getByLabel('Name').fill('Nadia N. Newcomer')
  const database = new pg.Client(instance.databaseUrl)
  await database.connect()
  await database.query(`update sessions set expires_at = now() - interval '1 hour' where user_id = (select id from users where email = 'nadia@harbour.example')`).finally(() => database.end())
  // The page may know by itself before: the dialog lies over the button then.
  await save!.dispatchEvent('click')
  const expired = page.getByRole('dialog', { name: 'Your session has ended' })
  await expired.getByText('Sign in as always').waitFor()
  await expectAccessible(page, 'a session that has ended, without a password')
  await portray(page, 'session-ended-provider')
  await expired.getByRole('button', { name: 'To the sign-in' }).click()
  await page.getByRole('button', { name: 'Sign in with Harbour ID' }).click()
  await page.waitForURL('**/account')
  await connected.waitFor()
  await page.getByRole('button', { name: 'Sign out' }).last().click()
  await page.getByRole('button', { name: 'Yes, sign me out' }).click()
  await page.waitForURL('**/login')
  // It went there and nowhere else.
  expect(visitor.faults.splice(0).filter(fault => !fault.startsWith(`leaves the origin: ${provider.issuer}/`))).toEqual([])
})
