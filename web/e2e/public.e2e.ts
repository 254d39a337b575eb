import type { Browser, Page } from 'playwright-core'
import type { Account, Instance } from './harness.ts'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callApi, desktop, expectAccessible, launchBrowser, phone, screenshot, setUpInstance, startInstance, visit } from './harness.ts'

/** What people without an account see: links, invitations, policies. */

const password = 'blue lantern on the pier'
const message = 'The signed set, thanks!\nPlease check annex A.'
const bytes = Buffer.from('%PDF-1.7\n'.padEnd(300_000, 'Quarterly figures. '))
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

let instance: Instance
let browser: Browser
let owner: Account
let rootId: string
const ids: Record<string, string> = {}

const api = <T = Record<string, any>>(method: string, path: string, body?: unknown) => callApi<T>(instance, method, path, body, owner.accessToken)

async function uploadFile(parentId: string, name: string, data: Buffer): Promise<string> {
  const form = new FormData()
  form.append('file', new Blob([
    new Uint8Array(data),
  ]), name)
  const response = await fetch(`${instance.url}/api/v1/workspaces/${owner.workspaceId}/files?${new URLSearchParams({ parentId, name })}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${owner.accessToken}` },
    body: form,
  })
  const answer = await response.json() as { id: string }
  expect(response.status, JSON.stringify(answer)).toBe(201)
  return answer.id
}

const makeFolder = async (parentId: string, name: string) => (await api<{ id: string }>('POST', `/workspaces/${owner.workspaceId}/folders`, { parentId, name })).id

/** The path of a new link. */
async function share(options: Record<string, unknown>): Promise<string> {
  const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/links`, options)
  return new URL(url).pathname
}

/** Presses what starts a download, and returns what arrived on the disk. */
async function save(page: Page, press: () => Promise<void>): Promise<{ name: string, data: Buffer }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    press(),
  ])
  return {
    name: download.suggestedFilename(),
    data: await readFile(await download.path()),
  }
}

/** No sideways scrolling, down to the smallest phones (WCAG 1.4.10). */
async function expectReflow(page: Page): Promise<void> {
  const before = page.viewportSize()!
  await page.setViewportSize({ width: 320, height: 640 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await page.setViewportSize(before)
}

/** Both sizes, light and dark, to be looked at. */
async function portray(page: Page, name: string): Promise<void> {
  const before = page.viewportSize()!
  for (const [size, viewport] of Object.entries({ phone, desktop })) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForTimeout(250)
      await screenshot(page, `public-${name}-${size}-${colorScheme}`)
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  await page.setViewportSize(before)
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 })

beforeAll(async () => {
  instance = await startInstance()
  owner = await setUpInstance(instance)
  const spaces = await api<{ items: { rootFolderId: string }[] }>('GET', `/workspaces/${owner.workspaceId}/spaces`)
  rootId = spaces.items[0]!.rootFolderId
  ids.report = await uploadFile(rootId, 'Report Q3.pdf', bytes)
  ids.odd = await uploadFile(rootId, 'Protokoll <b>final – sehr langer Name ohne jede Rücksicht auf schmale Telefone_2026-11-23.txt', Buffer.from('plain'))
  ids.photos = await makeFolder(rootId, 'Photos')
  ids.site = await makeFolder(ids.photos, 'Building site')
  await uploadFile(ids.site, 'roof.jpg', Buffer.from('not really a picture'))
  ids.many = await makeFolder(ids.photos, 'Many')
  for (let n = 1; n <= 103; n++) await uploadFile(ids.many, `scan-${String(n).padStart(3, '0')}.png`, Buffer.from(`scan ${n}`))
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await instance?.stop()
})

describe('the page of a link', () => {
  it('asks for the password, names nothing before, and hands out the very bytes', async () => {
    const link = await share({
      itemIds: [
        ids.report,
        ids.odd,
        ids.photos,
      ],
      password,
      message,
      expiresAt: new Date(Date.now() + 7 * 86_400_000).toISOString(),
      maxDownloads: 20,
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    await heading(page).waitFor()
    const locked = await page.locator('body').textContent()
    expect(locked).toContain('Northwind')
    for (const secret of [
      'Report',
      'Photos',
      'Robin',
      'signed set',
    ]) expect(locked).not.toContain(secret)
    await expectAccessible(page, 'locked link')
    await expectReflow(page)
    await portray(page, 'locked')

    const field = page.getByLabel('Password', { exact: true })
    await field.fill('a wrong guess')
    await field.press('Enter')
    await page.getByRole('alert').getByText('The password is wrong').waitFor()
    await expectAccessible(page, 'wrong password')

    await field.fill(password)
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('Robin Keller shared 106 files').waitFor()
    await page.getByText('20 downloads left').waitFor()
    await expectAccessible(page, 'link')
    await expectReflow(page)
    await portray(page, 'link')

    const { name, data } = await save(page, () => page.getByRole('button', { name: /Report Q3\.pdf/ }).click())
    expect(name).toBe('Report Q3.pdf')
    expect(sha256(data)).toBe(sha256(bytes))
    await page.getByText('The download of Report Q3.pdf has started.').waitFor()
    await page.getByText('19 downloads left').waitFor()
    await page.getByRole('button', { name: 'Show checksums' }).click()
    await page.getByText(sha256(bytes)).waitFor()
    await expectAccessible(page, 'link after a download')
    await expectReflow(page)
    await portray(page, 'downloaded')

    const all = await save(page, () => page.getByRole('button', { name: /Download all/ }).click())
    expect(all.name).toMatch(/\.zip$/)
    expect(all.data.subarray(0, 2).toString()).toBe('PK')
    expect(all.data.includes('Photos/Building site/roof.jpg')).toBe(true)

    // The grant outlives a reload in a cookie alone: no script of the page can read or has kept it, nor the token.
    await page.reload()
    await page.getByText('18 downloads left').waitFor()
    const kept = await page.evaluate(() => JSON.stringify({
      ...localStorage,
      ...sessionStorage,
    }) + document.cookie)
    expect(kept).not.toContain(link.split('/').at(-1)!)
    expect(kept).not.toContain('eyJ')
    expect(faults).toEqual([])
    await context.close()
  })

  it('slows down guessing, says how long, and then takes the right password', async () => {
    const link = await share({
      itemIds: [ids.report],
      password,
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    const field = page.getByLabel('Password', { exact: true })
    const wait = page.getByRole('timer')
    for (let guess = 0; guess < 12 && !await wait.isVisible(); guess++) {
      await field.fill(`guess ${guess}`)
      await Promise.all([
        page.waitForResponse(/\/unlock$/),
        field.press('Enter'),
      ])
      await page.getByRole('alert').getByText(/wrong|Too many/).waitFor()
    }
    await wait.getByText(/Try again in \d+ sec/).waitFor()
    await expectAccessible(page, 'made to wait')
    await wait.waitFor({ state: 'hidden', timeout: 30_000 })
    await field.fill(password)
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('Robin Keller shared one file').waitFor()
    expect(faults).toEqual([])
    await context.close()
  })

  it('walks through folders by the address, a page at a time', async () => {
    const link = await share({
      itemIds: [ids.photos],
      title: 'Site visit',
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    await heading(page).getByText('Site visit').waitFor()
    await page.getByRole('button', { name: /Photos.*Open folder/ }).click()
    await page.getByRole('button', { name: /Building site.*Open folder/ }).click()
    await page.getByRole('button', { name: /roof\.jpg/ }).waitFor()
    expect(new URL(page.url()).searchParams.get('folder')).toBe(ids.site)
    const path = page.getByRole('navigation', { name: 'Folders' })
    expect((await path.getByRole('listitem').allTextContents()).map(text => text.trim())).toEqual(['All files', 'Photos', 'Building site'])
    await expectAccessible(page, 'folder of a link')
    await expectReflow(page)
    await portray(page, 'folder')

    await page.reload()
    await page.getByRole('button', { name: /roof\.jpg/ }).waitFor()
    await path.getByRole('button', { name: 'Photos' }).click()
    await page.getByRole('button', { name: /Many.*Open folder/ }).click()
    await page.getByRole('button', { name: /scan-100/ }).waitFor()
    expect(await page.getByRole('button', { name: /scan-103/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'Show more' }).click()
    await page.getByRole('button', { name: /scan-103/ }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: /Building site.*Open folder/ }).waitFor()

    const folder = await save(page, () => page.getByRole('button', { name: /Download the folder Building site/ }).click())
    expect(folder.data.includes('roof.jpg')).toBe(true)
    expect(faults).toEqual([])
    await context.close()
  })

  it('says one and the same for used up, unknown and revoked links', async () => {
    const link = await share({
      itemIds: [ids.report],
      maxDownloads: 1,
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    const { data } = await save(page, () => page.getByRole('button', { name: /^Download ·/ }).click())
    expect(sha256(data)).toBe(sha256(bytes))
    await page.getByText('That was the last download of this link.').waitFor()
    expect(await page.getByRole('button', { name: /^Download ·/ }).count()).toBe(0)
    await expectAccessible(page, 'last download')

    const revoked = await api<{ id: string, url: string }>('POST', `/workspaces/${owner.workspaceId}/links`, {
      itemIds: [ids.report],
    })
    await api('DELETE', `/workspaces/${owner.workspaceId}/links/${revoked.id}`)
    const texts: (string | null)[] = []
    for (const path of [
      link,
      new URL(revoked.url).pathname,
      `/s/${'A'.repeat(43)}`,
      '/s/short',
      `/s/${'x'.repeat(900)}`,
    ]) {
      await page.goto(path)
      await heading(page).getByText('This link does not work (any more)').waitFor()
      texts.push(await page.locator('#main').textContent())
    }
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).not.toContain('Northwind')
    await expectAccessible(page, 'link that does not work')
    await expectReflow(page)
    await portray(page, 'gone')
    expect(faults).toEqual([])
    await context.close()
  })

  it('speaks German and remembers it', async () => {
    const link = await share({
      itemIds: [ids.report],
      message,
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de')
    await page.getByText('Robin Keller hat eine Datei freigegeben').waitFor()
    await page.reload()
    await page.getByText('Robin Keller hat eine Datei freigegeben').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('de')
    await page.getByText('Was aufgezeichnet wird').click()
    await page.getByText('Northwind kann diese Einträge sehen').waitFor()
    await expectAccessible(page, 'link in German')
    await portray(page, 'german')
    expect(faults).toEqual([])
    await context.close()
  })

  it('weighs at most 150 kB, gzipped, with all that its first view asks for', async () => {
    const link = await share({
      itemIds: [ids.report],
    })
    const { context, page } = await visit(browser, instance, { viewport: phone })
    const urls = new Set<string>()
    page.on('request', request => urls.add(request.url()))
    await page.goto(link)
    await heading(page).getByText('Robin Keller').waitFor()
    await page.waitForLoadState('networkidle')
    const sizes = await Promise.all([...urls].map(async url => ({
      url: url.slice(instance.url.length),
      bytes: await gzippedSize(url),
    })))
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0)
    const listing = sizes.sort((a, b) => b.bytes - a.bytes).map(({ url, bytes }) => `${bytes} ${url}`).join('\n')
    expect(sizes.length).toBeGreaterThan(5)
    expect(total, listing).toBeLessThan(150_000)
    // Nothing of what staff use comes along.
    expect(listing).not.toMatch(/AppLayout|LoginPage|woff2/)
    await context.close()
  })

  it('says what is missing without JavaScript', async () => {
    const { context, page } = await visit(browser, instance, { viewport: phone, javaScriptEnabled: false })
    for (const path of ['/s/anything', '/login']) {
      await page.goto(path)
      await page.getByRole('heading', { name: 'This page needs JavaScript' }).waitFor()
    }
    await context.close()
  })
})

/** Bytes of an answer's body on the wire for a client that takes gzip. */
async function gzippedSize(url: string): Promise<number> {
  const request = get(url, {
    headers: { 'accept-encoding': 'gzip', 'accept': '*/*' },
  })
  const [response] = await once(request, 'response')
  let bytes = 0
  for await (const chunk of response) bytes += (chunk as Buffer).length
  return bytes
}

describe('the page of an invitation', () => {
  const invite = async (options: Record<string, unknown>) => new URL((await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/invitations`, options)).url).pathname

  it('takes a new person into the workspace, once', async () => {
    const path = await invite({ role: 'staff', spaceRole: 'editor', email: 'dana@northwind.example' })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(path)
    await heading(page).getByText('Join Northwind').waitFor()
    await page.getByText('Robin Keller invites you as staff.').waitFor()
    expect(await page.getByLabel('E-mail').inputValue()).toBe('dana@northwind.example')
    expect(await page.getByLabel('E-mail').getAttribute('readonly')).not.toBeNull()
    await expectAccessible(page, 'invitation')
    await expectReflow(page)
    await portray(page, 'invitation')

    await page.getByLabel('Your name').fill('Dana Weiss')
    await page.getByLabel('Choose a password').fill('short')
    await page.getByText('Too short yet').waitFor()
    await page.getByLabel('Choose a password').fill('seven herons over still water')
    await page.getByText('Strong.').waitFor()
    await page.getByRole('button', { name: 'Create account and join' }).click()
    await page.waitForURL(/\/w\/northwind/)
    await page.getByText('Northwind').first().waitFor({ state: 'attached' })
    expect(faults).toEqual([])

    await page.goto(path)
    await heading(page).getByText('This invitation does not work (any more)').waitFor()
    await expectAccessible(page, 'used invitation')
    await portray(page, 'invitation-gone')

    // An open invitation, by somebody who is signed in: one button.
    const second = await api<{ id: string }>('POST', '/workspaces', { name: 'Harbour', slug: 'harbour' })
    const { url } = await api<{ url: string }>('POST', `/workspaces/${second.id}/invitations`, { role: 'admin' })
    await page.goto(new URL(url).pathname)
    await page.getByText('dana@northwind.example').waitFor()
    await expectAccessible(page, 'invitation, signed in')
    await portray(page, 'invitation-signed-in')
    await page.getByRole('button', { name: 'Join Harbour' }).click()
    await page.waitForURL(/\/w\/harbour/)
    expect(faults).toEqual([])
    await context.close()
  })

  it('takes someone who has an account, by its password', async () => {
    const third = await api<{ id: string }>('POST', '/workspaces', { name: 'Quay', slug: 'quay' })
    const { url } = await api<{ url: string }>('POST', `/workspaces/${third.id}/invitations`, { role: 'staff' })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(new URL(url).pathname)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('E-mail').fill('dana@northwind.example')
    await page.getByLabel('Password', { exact: true }).fill('not the right one')
    await page.getByRole('button', { name: 'Sign in and join' }).click()
    await page.getByText('This e-mail and password do not go together.').waitFor()
    await expectAccessible(page, 'invitation, refused')
    await page.getByLabel('Password', { exact: true }).fill('seven herons over still water')
    await page.getByRole('button', { name: 'Sign in and join' }).click()
    await page.waitForURL(/\/w\/quay/)
    expect(faults).toEqual([])
    await context.close()
  })

  it('says one and the same for invitations that do not work', async () => {
    const { context, page, faults } = await visit(browser, instance)
    const texts: (string | null)[] = []
    for (const token of [
      'nothing',
      'A'.repeat(43),
      'x'.repeat(900),
    ]) {
      await page.goto(`/invite/${token}`)
      await heading(page).getByText('This invitation does not work (any more)').waitFor()
      texts.push(await page.locator('#main').textContent())
    }
    expect(new Set(texts).size).toBe(1)
    expect(faults).toEqual([])
    await context.close()
  })
})

describe('the pages of policies', () => {
  const day = (inDays: number) => new Date(Date.now() + inDays * 86_400_000).toISOString().slice(0, 10)
  const text = (retention: string, extra = '') => [
    '# What we keep',
    'Logs of visits are kept for ' + `${retention}.`,
    ...Array.from({ length: 14 }, (_, n) => `Paragraph ${n + 1} stays as it is, whatever happens around it.`),
    '## Contact',
    `Write to us.${extra}`,
    '<script>alert(1)</script> is text, and [this](javascript:alert(1)) is no link.',
  ].join('\n\n')

  beforeAll(async () => {
    const { id } = await api<{ id: string }>('POST', '/admin/policies', {
      kind: 'privacy',
      slug: 'privacy',
      title: 'Privacy policy',
      markdown: text('90 days'),
    })
    await api('POST', `/admin/policies/${id}/publish`, {
      effectiveOn: day(0),
      summary: 'First version.',
    })
    await api('PATCH', `/admin/policies/${id}`, {
      markdown: text('30 days'),
    })
    await api('POST', `/admin/policies/${id}/publish`, {
      effectiveOn: day(0),
      summary: 'Logs go after 30 days instead of 90.',
    })
    await api('PATCH', `/admin/policies/${id}`, {
      markdown: text('14 days', ' We answer within a week.'),
    })
    await api('POST', `/admin/policies/${id}/publish`, {
      effectiveOn: day(30),
      summary: 'Logs go after 14 days; answers come within a week.',
    })
    const terms = await api<{ id: string }>('POST', '/admin/policies', {
      kind: 'terms',
      slug: 'terms',
      title: 'Terms of use',
      markdown: '# Terms\n\nBe kind.',
    })
    await api('POST', `/admin/policies/${terms.id}/publish`, {
      effectiveOn: day(0),
      summary: 'First version.',
    })
  })

  it('are linked from sign-in and from links, and show what is in effect', async () => {
    const link = await share({
      itemIds: [ids.report],
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto('/login')
    await page.getByRole('navigation', { name: 'Policies' }).getByRole('link', { name: 'Privacy policy' }).click()
    await page.waitForURL('/policies/privacy')
    await heading(page).getByText('Privacy policy').waitFor()
    await page.getByText(/In effect since/).waitFor()
    await page.getByText('Logs of visits are kept for 30 days.').waitFor()
    await page.getByText('A new version takes effect on').waitFor()
    await page.getByText('<script>alert(1)</script>').waitFor()
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0)
    await expectAccessible(page, 'policy')
    await expectReflow(page)
    await portray(page, 'policy')

    await page.goto('/policies')
    await page.getByRole('main').getByRole('link', { name: /Terms of use/ }).waitFor()
    await expectAccessible(page, 'policies')
    await portray(page, 'policies')

    await page.goto(link)
    await page.getByText('What is recorded').click()
    await page.getByRole('main').getByRole('link', { name: 'Privacy policy' }).click()
    await heading(page).getByText('Privacy policy').waitFor()
    expect(faults).toEqual([])
    await context.close()
  })

  it('tell old and upcoming versions and what changed between them', async () => {
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto('/policies/privacy/versions/1')
    await page.getByText('This is an earlier version.').waitFor()
    await page.getByText('kept for 90 days.').waitFor()
    await portray(page, 'policy-old')

    const scripts: string[] = []
    page.on('request', request => scripts.push(request.url()))
    await page.getByRole('region', { name: 'All versions' }).getByRole('link', { name: /Version 3/ }).click()
    await page.getByText('This version is not in effect yet.').waitFor()
    expect(scripts.some(url => url.includes('PolicyDiff'))).toBe(false)
    await page.getByLabel('Show changes since').selectOption('1')
    const changes = page.getByRole('region', { name: 'Changes from version 1 to version 3' })
    await changes.locator('del').getByText('90').waitFor()
    await changes.locator('ins').getByText('14').waitFor()
    expect(scripts.some(url => url.includes('PolicyDiff'))).toBe(true)
    // Not by colour alone: words for those who hear, signs and lines for those who see.
    expect(await changes.locator('del').first().textContent()).toMatch(/Removed:[^\u2212]*\u2212.*90/s)
    expect(await changes.locator('ins').first().textContent()).toMatch(/Added:[^+]*\+.*14/s)
    expect(await changes.locator('del').first().evaluate(element => getComputedStyle(element).textDecorationLine)).toBe('line-through')
    await changes.getByText(/\d+ unchanged lines/).first().waitFor()
    expect(new URL(page.url()).searchParams.get('compare')).toBe('1')
    await expectAccessible(page, 'policy, compared')
    await expectReflow(page)
    await changes.scrollIntoViewIfNeeded()
    await portray(page, 'policy-diff')

    await page.reload()
    await changes.locator('del').getByText('90').waitFor()

    // On paper: the text, its title and day, and nothing to press.
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('combobox', { name: 'Language' }).isVisible()).toBe(false)
    expect(await page.getByText('All versions').isVisible()).toBe(false)
    expect(await page.getByText('Write to us. We answer within a week.').isVisible()).toBe(true)
    await page.emulateMedia({ media: null })

    for (const path of ['/policies/nothing', '/policies/privacy/versions/99']) {
      await page.goto(path)
      await heading(page).getByText('Policy not found').waitFor()
    }
    await expectAccessible(page, 'policy not found')
    expect(faults).toEqual([])
    await context.close()
  })
})
