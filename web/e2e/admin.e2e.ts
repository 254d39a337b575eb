import type { Browser, Page } from 'playwright-core'
import type { Account, Instance, Visit } from './harness.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callApi, expectAccessible, launchBrowser, phone, screenshot, setUpInstance, signIn, startInstance, visit } from './harness.ts'

let instance: Instance
let browser: Browser
let owner: Account
let visitor: Visit
let page: Page
const others: Visit[] = []

beforeAll(async () => {
  ;[instance, browser] = await Promise.all([
    startInstance(),
    launchBrowser(),
  ])
  owner = await setUpInstance(instance)
})

afterAll(async () => {
  await browser?.close()
  await instance?.stop()
})

beforeEach(async () => {
  visitor = await visit(browser, instance)
  page = visitor.page
})

afterEach(async () => {
  for (const { context, faults } of [
    visitor,
    ...others.splice(0),
  ]) {
    await context.close()
    expect(faults).toEqual([])
  }
})

const api = <T = Record<string, any>>(method: string, path: string, body?: unknown) => callApi<T>(instance, method, path, body, owner.accessToken)

/** Somebody else in a browser of their own. */
async function another(): Promise<Page> {
  const other = await visit(browser, instance)
  others.push(other)
  return other.page
}

/** A member whom the API has invited and let in. */
async function makeMember(name: string, role: string, spaceRole: string | null): Promise<{ name: string, email: string, password: string }> {
  const person = { name, email: `${name.split(' ')[0]!.toLowerCase()}@northwind.example`, password: 'five grey herons at dawn' }
  const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/invitations`, { role, spaceRole })
  await callApi(instance, 'POST', `/public/invitations/${url.split('/').at(-1)}/accept`, person)
  return person
}

const pick = async (on: Page, label: string, option: string | RegExp) => {
  await on.getByRole('combobox', { name: label, exact: true }).click()
  await on.getByRole('option', { name: option, exact: typeof option === 'string' }).click()
}
const memberRow = (on: Page, name: string) => on.getByRole('row').filter({ hasText: name })

/** Those who keep the focus inside a toast are hidden elements that take it, which axe holds against the library. */
async function closeToasts(on: Page) {
  const close = on.getByRole('region', { name: /notifications/i }).getByRole('button', { name: 'Close' })
  while (await close.count() > 0) await close.first().click({ timeout: 2000 }).catch(() => {})
  await expect.poll(() => on.getByRole('region', { name: /notifications/i }).getByRole('listitem').count()).toBe(0)
}

/** At both widths; the page is left at the desktop's. */
async function expectGood(what: string) {
  await closeToasts(page)
  await expectAccessible(page, what)
  await screenshot(page, `admin-${what}`)
  const size = page.viewportSize()!
  await page.setViewportSize(phone)
  await expectAccessible(page, `${what} on a phone`)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(overflow, `${what} is no wider than a phone`).toBe(0)
  await screenshot(page, `admin-${what}-phone`)
  await page.setViewportSize(size)
}

describe('members', () => {
  it('are invited by a link that is shown once, join, and feel a change of role at once', async () => {
    await signIn(page, owner, `/w/${owner.slug}/members`)
    await memberRow(page, owner.name).waitFor()
    await page.getByRole('button', { name: 'Invite', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('E-mail').fill('mika@northwind.example')
    await expectAccessible(page, 'the invitation form')
    await screenshot(page, 'admin-invite')
    await dialog.getByRole('button', { name: 'Create invitation' }).click()
    const link = await dialog.getByRole('textbox', { name: 'Invitation link' }).inputValue()
    expect(link).toMatch(new RegExp(`^${instance.url}/invite/[\\w-]{43}$`))
    await dialog.getByRole('img', { name: /QR/ }).waitFor()
    await expectAccessible(page, 'the made invitation')
    await screenshot(page, 'admin-invited')
    await dialog.getByRole('button', { name: 'Copy link' }).click()
    // The click answers before the clipboard has it.
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(link)
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('region', { name: 'Open invitations' }).getByText('mika@northwind.example').waitFor()

    const mika = { name: 'Mika Aalto', email: 'mika@northwind.example', password: 'five grey herons at dawn' }
    const theirs = await another()
    await theirs.goto(link)
    await theirs.getByLabel('Your name').fill(mika.name)
    await theirs.getByLabel('Choose a password').fill(mika.password)
    await theirs.getByRole('button', { name: 'Create account and join' }).click()
    await theirs.waitForURL(/\/w\/northwind/)
    // Without a reload: the live event brings the row.
    await memberRow(page, mika.name).waitFor()
    await expect.poll(() => page.getByRole('region', { name: 'Open invitations' }).count()).toBe(0)

    await theirs.goto(`/w/${owner.slug}/members`)
    await memberRow(theirs, mika.name).waitFor()
    expect(await theirs.getByRole('button', { name: 'Invite', exact: true }).count()).toBe(0)
    expect(await theirs.getByRole('combobox').count()).toBe(0)
    expect(await theirs.getByRole('link', { name: 'Activity' }).count()).toBe(0)

    await pick(page, 'Role of Mika Aalto', 'Administrator')
    await theirs.getByRole('button', { name: 'Invite', exact: true }).waitFor()
    await theirs.getByRole('link', { name: 'Activity' }).first().waitFor()
    // Administrators do not touch owners.
    expect(await theirs.getByRole('combobox', { name: `Role of ${owner.name}` }).count()).toBe(0)
    expect(await theirs.getByRole('button', { name: `End the membership of ${owner.name}` }).count()).toBe(0)

    await page.getByRole('button', { name: 'End the membership of Mika Aalto' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End membership' }).click()
    await page.getByText('Mika Aalto is no longer a member').first().waitFor()
    await theirs.getByText('No workspace yet').first().waitFor()
  })

  it('keep an owner: the last one hears why in the server\'s words', async () => {
    await makeMember('Sasha Lindqvist', 'staff', 'viewer')
    await makeMember('Noor Haddad', 'admin', null)
    await api('POST', `/workspaces/${owner.workspaceId}/invitations`, { email: 'kim@northwind.example', role: 'staff', spaceRole: 'editor' })
    await signIn(page, owner, `/w/${owner.slug}/members`)
    await memberRow(page, owner.name).waitFor()
    await page.getByText('kim@northwind.example').waitFor()
    await expectGood('members')

    await page.getByRole('button', { name: 'Leave the workspace' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave workspace' }).click()
    await page.getByText('Make somebody else an owner first').first().waitFor()
    await memberRow(page, owner.name).waitFor()

    // By keys alone: the role on files of a colleague.
    await page.getByRole('combobox', { name: 'Role of Sasha Lindqvist on files' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('[role=option][data-highlighted]', { hasText: 'Viewer' }).waitFor()
    await page.keyboard.press('ArrowUp')
    // The select moves on in a task of its own; no hand is faster than that.
    await page.locator('[role=option][data-highlighted]', { hasText: 'Previewer' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('Sasha Lindqvist now has the role Previewer on files').first().waitFor()
    const { items } = await api<{ items: { name: string, spaceRole: string }[] }>('GET', `/workspaces/${owner.workspaceId}/members`)
    expect(items.find(({ name }) => name === 'Sasha Lindqvist')?.spaceRole).toBe('previewer')

    await page.getByRole('button', { name: 'Revoke the invitation: kim@northwind.example' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke invitation' }).click()
    await expect.poll(() => page.getByText('kim@northwind.example').count()).toBe(0)
  })
})

describe('activity', () => {
  it('tells what happened, filters by the address, and grows while one looks', async () => {
    const { items: [space] } = await api<{ items: { rootFolderId: string }[] }>('GET', `/workspaces/${owner.workspaceId}/spaces`)
    const folder = await api<{ id: string }>('POST', `/workspaces/${owner.workspaceId}/folders`, { parentId: space!.rootFolderId, name: 'Audit 2026' })
    const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/links`, {
      itemIds: [folder.id],
      password: 'herons at dawn',
    })
    const token = url.split('/').at(-1)
    await fetch(`${instance.url}/api/v1/public/links/${token}/unlock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: 'wrong password' }),
    })

    await signIn(page, owner, `/w/${owner.slug}/activity`)
    await page.getByText('Robin Keller made the folder Audit 2026 in Northwind').waitFor()
    await page.getByText('A visitor was refused at the link Audit 2026: wrong password').waitFor()
    await page.getByRole('img', { name: /Events of the last 30 days/ }).waitFor()
    await expectGood('activity')

    await pick(page, 'Outcome', 'Refused')
    await pick(page, 'Kinds of action', 'Links')
    await page.keyboard.press('Escape')
    await page.getByRole('searchbox').fill('audit')
    await page.waitForURL(/outcome=refused.*q=audit|q=audit.*outcome=refused/)
    const address = new URL(page.url())
    expect(Object.fromEntries(address.searchParams)).toEqual({ outcome: 'refused', kinds: 'links', q: 'audit' })
    await page.reload()
    await page.getByText('A visitor was refused at the link Audit 2026: wrong password').waitFor()
    expect(await page.getByText('made the folder').count()).toBe(0)
    expect(await page.getByRole('searchbox').inputValue()).toBe('audit')
    await page.getByRole('button', { name: 'Remove the filter Refused' }).waitFor()
    await expectGood('activity-filtered')

    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByText('made the folder Audit 2026').waitFor()
    expect(new URL(page.url()).search).toBe('')

    await api('POST', `/workspaces/${owner.workspaceId}/folders`, { parentId: folder.id, name: 'Minutes' })
    await page.getByText('made the folder Minutes in Audit 2026').waitFor()
    await page.getByRole('link', { name: 'Minutes' }).first().click()
    await page.waitForURL(/\/files\/[\da-f-]{36}/)
    await page.goBack()

    await page.getByRole('button', { name: 'Proof' }).click()
    await page.getByText(/^\d+ events, unbroken$/).waitFor()
    await expectAccessible(page, 'the proof')
    await screenshot(page, 'admin-proof')
  })

  it('waits with what is new while one reads further down', async () => {
    const { items: [space] } = await api<{ items: { rootFolderId: string }[] }>('GET', `/workspaces/${owner.workspaceId}/spaces`)
    for (let index = 0; index < 60; index++) await api('POST', `/workspaces/${owner.workspaceId}/folders`, { parentId: space!.rootFolderId, name: `Folder ${index}` })
    await signIn(page, owner, `/w/${owner.slug}/activity`)
    await page.getByText('made the folder Folder 59').waitFor()
    // The second page comes by itself.
    await page.getByText('made the folder Folder 59').hover()
    await page.mouse.wheel(0, 4000)
    await page.getByText('made the folder Folder 3 in').waitFor()
    await api('POST', `/workspaces/${owner.workspaceId}/folders`, { parentId: space!.rootFolderId, name: 'Late' })
    await page.getByRole('button', { name: 'One new event' }).click()
    await page.getByText('made the folder Late').waitFor()
  })
})

describe('policies', () => {
  it('are drafted with a preview, saved by themselves, published, changed, and read at their address', async () => {
    await signIn(page, owner, '/admin/policies')
    await page.getByText('No policies yet').waitFor()
    await page.getByRole('button', { name: 'New policy' }).first().click()
    const dialog = page.getByRole('dialog')
    await expect.poll(() => dialog.getByLabel('Title').inputValue()).not.toBe('')
    await expectAccessible(page, 'the new policy')
    await screenshot(page, 'admin-new-policy')
    await dialog.getByRole('button', { name: 'Create draft' }).click()
    await page.waitForURL(/\/admin\/policies\/[\da-f-]{36}$/)
    await page.getByText(/places are left to fill in/).waitFor()
    await expectGood('policy-editor')

    // What is not finished is not published, and the dialog leads to it.
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await dialog.getByLabel('What changed').fill('First version')
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
    await dialog.getByText('The text is not finished').waitFor()
    await screenshot(page, 'admin-policy-unfinished')
    await dialog.getByRole('button', { name: /^Line \d+:/ }).first().click()
    const area = page.getByRole('textbox', { name: 'Text in Markdown' })
    expect(await area.evaluate((field: HTMLTextAreaElement) => field.value.slice(field.selectionStart, field.selectionEnd))).toMatch(/^\[\[TO DO:/)

    await area.fill('# Who we are\n\nNorthwind keeps **little**.\n\n<img src=x onerror=alert(1)>')
    await page.getByRole('region', { name: 'Preview' }).getByRole('heading', { name: 'Who we are' }).waitFor()
    expect(await page.getByRole('region', { name: 'Preview' }).locator('img').count()).toBe(0)
    await page.getByText('Draft saved').waitFor()
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await dialog.getByLabel('What changed').fill('First version')
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
    await expectGood('policy-publish')
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Versions' }).click()
    const link = page.getByRole('link', { name: 'Version 1' })
    expect(await link.getAttribute('href')).toBe('/policies/privacy/versions/1')
    await expectAccessible(page, 'the versions')
    await screenshot(page, 'admin-policy-versions')
    await page.keyboard.press('Escape')
    await page.goto('/admin/policies')
    await page.getByText('Unpublished changes').waitFor()
    await expectGood('policies')
  })

  it('are not overwritten by two who write at once, and nothing unsaved is lost unasked', async () => {
    const made = await api<{ id: string }>('POST', '/admin/policies', {
      kind: 'page',
      slug: 'cookies',
      title: 'Cookies',
      markdown: 'One.',
    })
    await signIn(page, owner, `/admin/policies/${made.id}`)
    const area = page.getByRole('textbox', { name: 'Text in Markdown' })
    await expect.poll(() => area.inputValue()).toBe('One.')
    await api('PATCH', `/admin/policies/${made.id}`, { markdown: 'Theirs.' })
    await area.fill('Mine.')
    await page.getByText('Somebody else has changed this draft').waitFor()
    await expectAccessible(page, 'the conflict')
    await screenshot(page, 'admin-policy-conflict')

    // Leaving asks, because it cannot be saved.
    await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link', { name: 'Policies' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect(new URL(page.url()).pathname).toBe(`/admin/policies/${made.id}`)

    await page.getByRole('button', { name: 'Load theirs' }).click()
    expect(await area.inputValue()).toBe('Theirs.')
    await area.fill('Both.')
    // Leaving at once saves what stands there.
    await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link', { name: 'Policies' }).click()
    await page.getByRole('heading', { name: 'Policies' }).waitFor()
    expect((await api<{ draftMarkdown: string }>('GET', `/admin/policies/${made.id}`)).draftMarkdown).toBe('Both.')
  })
})

describe('the operator', () => {
  it('changes settings, makes a workspace, sees the server\'s own log', async () => {
    await signIn(page, owner, '/admin/settings')
    await page.getByLabel('Organisation').fill('Northwind Ltd')
    await page.getByLabel('Postal address').fill('1 Harbour Road\nHamburg')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Settings saved').first().waitFor()
    expect(await api('GET', '/admin/instance')).toMatchObject({ organisation: 'Northwind Ltd', postalAddress: '1 Harbour Road\nHamburg' })
    await expectGood('settings')

    await page.goto('/admin/workspaces')
    await page.getByRole('button', { name: 'New workspace' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Harbour & Söhne')
    await expectAccessible(page, 'the new workspace')
    await page.getByRole('dialog').getByRole('button', { name: 'Create workspace' }).click()
    await page.getByRole('link', { name: 'Harbour & Söhne' }).waitFor()
    await expectGood('workspaces')

    await page.goto('/admin/activity')
    await page.getByText('Robin Keller changed the settings of Northwind files').waitFor()
    await page.getByText('Robin Keller signed in').first().waitFor()
    await expectGood('instance-activity')
  })

  it('is told when the address in the browser is not the public one; others are not', async () => {
    const elsewhere = await startInstance({ PUBLIC_URL: 'https://files.northwind.example' })
    try {
      const operator = await setUpInstance(elsewhere)
      const other = await visit(browser, elsewhere)
      others.push(other)
      // The session's cookie is Secure here, which a browser keeps for localhost.
      await signIn(other.page, operator, '/admin/settings')
      await other.page.getByText(`Links and invitations begin with https://files.northwind.example, but you are at ${elsewhere.url}.`).first().waitFor()
      await expectAccessible(other.page, 'the warning')
      await screenshot(other.page, 'admin-public-address')
      await other.context.close()
      others.pop()
      expect(other.faults).toEqual([])
    }
    finally {
      await elsewhere.stop()
    }
  })
})

describe('the account', () => {
  it('keeps name and language for every browser', async () => {
    await signIn(page, owner, '/account')
    await page.getByLabel('Name').fill('Robin Keller-Voss')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Your name is now Robin Keller-Voss').first().waitFor()
    await expectGood('account')
    await pick(page, 'Language', 'Deutsch')
    await page.getByRole('heading', { name: 'Konto' }).waitFor()
    await page.getByText('Sprache gespeichert').first().waitFor()

    const elsewhere = await another()
    await signIn(elsewhere, owner, '/account')
    await elsewhere.getByRole('heading', { name: 'Konto' }).waitFor()
    await elsewhere.getByRole('button', { name: 'Abmelden' }).click()
    await elsewhere.waitForURL(/\/login/)
  })
})
