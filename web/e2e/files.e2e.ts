import type { Browser, Page } from 'playwright-core'
import type { Account, Instance, Visit } from './harness.ts'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callApi, expectAccessible, launchBrowser, phone, screenshot, signIn, startInstance, visit } from './harness.ts'

let instance: Instance
let browser: Browser
let account: Account
let folder: string
let visitor: Visit
let page: Page

/** The first visit: every test stands on what the wizard has made. */
async function goThroughWizard(page: Page): Promise<Account> {
  const person = { name: 'Robin Keller', email: 'robin@northwind.example', password: 'a long walk by the canal' }
  await page.goto(`/setup#token=${instance.setupToken}`)
  await page.getByLabel('Name of this server').fill('Northwind files')
  await page.getByLabel('Your name').fill(person.name)
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Northwind')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('link', { name: 'Open the workspace' }).click()
  await page.waitForURL('**/w/northwind/files')
  const { accessToken } = await callApi<{ accessToken: string }>(instance, 'POST', '/auth/login', { email: person.email, password: person.password })
  const { memberships: [membership] } = await callApi<{ memberships: { workspaceId: string, slug: string }[] }>(instance, 'GET', '/me', undefined, accessToken)
  return {
    ...person,
    ...membership!,
    accessToken,
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clientshare-files-'))
  ;[instance, browser] = await Promise.all([
    startInstance(),
    launchBrowser(),
  ])
  const first = await visit(browser, instance)
  account = await goThroughWizard(first.page)
  await first.context.close()
  expect(first.faults).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await instance?.stop()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  visitor = await visit(browser, instance)
  page = visitor.page
})

afterEach(async () => {
  await visitor.context.close()
  expect(visitor.faults).toEqual([])
})

function makeFile(name: string, size: number): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  // Not the same everywhere: parts in a wrong order would be another file.
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += 1024) bytes.writeUInt32LE(at % 0xFFFFFFFF, Math.min(at, Math.max(0, size - 4)))
  writeFileSync(path, bytes)
  return path
}

/** A folder of its own for a test, by the API; the page is opened in it. */
async function openFolder(name: string): Promise<string> {
  const { items: [space] } = await callApi<{ items: { rootFolderId: string }[] }>(instance, 'GET', `/workspaces/${account.workspaceId}/spaces`, undefined, account.accessToken)
  const { id } = await callApi<{ id: string }>(instance, 'POST', `/workspaces/${account.workspaceId}/folders`, { parentId: space!.rootFolderId, name }, account.accessToken)
  await signIn(page, account, `/w/${account.slug}/files/${id}`)
  await page.getByRole('heading', { name }).waitFor()
  return id
}

const row = (name: string) => page.getByRole('row').filter({
  has: page.locator(`text="${name}"`),
})
const tray = () => page.getByRole('region', { name: 'Uploads' })
const toast = (text: string) => page.getByText(text, { exact: true }).first()

async function pick(...paths: string[]) {
  await page.getByTestId('pick-files').setInputFiles(paths)
}

describe('files', () => {
  it('leads from an empty page over a drop to a link on the clipboard', async () => {
    await signIn(page, account, `/w/${account.slug}/files`)
    await page.getByRole('heading', { name: 'Drop files here' }).waitFor()
    await expectAccessible(page, 'empty files page')
    await screenshot(page, 'files-empty')

    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['quarter three'], 'Report Q3.pdf', { type: 'application/pdf', lastModified: 1_790_000_000_000 }))
      return transfer
    })
    await page.dispatchEvent('#main', 'dragover', { dataTransfer: data })
    await page.getByText('Drop to upload to Northwind').waitFor()
    await page.dispatchEvent('#main', 'drop', { dataTransfer: data })

    await row('Report Q3.pdf').waitFor()
    await tray().getByText('One file uploaded').waitFor()
    await row('Report Q3.pdf').click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Share' }).click()
    await page.getByRole('dialog').waitFor()
    await expectAccessible(page, 'share dialog')
    await page.getByRole('button', { name: 'Create and copy link' }).click()
    await toast('Link created and copied').waitFor()
    const url = await page.evaluate(() => navigator.clipboard.readText())
    expect(url).toMatch(new RegExp(`^${instance.url}/s/[\\w-]{40,}$`))
    const { items } = await callApi<{ items: { url: string }[] }>(instance, 'GET', `/workspaces/${account.workspaceId}/links`, undefined, account.accessToken)
    expect(items.map(link => link.url)).toContain(url)
  })

  it('sets protection on a link, edits and revokes it', async () => {
    const parentId = await openFolder('Protected')
    await callApi(instance, 'POST', `/workspaces/${account.workspaceId}/folders`, { parentId, name: 'Contracts' }, account.accessToken)
    await row('Contracts').click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Share' }).click()
    await page.getByRole('button', { name: /Password, expiry/ }).click()
    await page.getByRole('switch', { name: 'Password' }).click()
    await page.getByLabel('Title').fill('Signed set')
    await page.getByLabel('Download limit').fill('3')
    await page.getByRole('button', { name: 'Create and copy link' }).click()
    await toast('Link created and copied').waitFor()
    await page.getByRole('button', { name: 'QR code' }).click()
    await page.getByRole('img', { name: /QR code of/ }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Done' }).click()

    await page.goto(`/w/${account.slug}/links`)
    const link = page.getByRole('list', { name: 'Links' }).getByRole('listitem').filter({ hasText: 'Signed set' })
    await link.getByText('0 / 3').waitFor()
    await expectAccessible(page, 'links page')
    await screenshot(page, 'links')
    await link.getByRole('button', { name: /More for link/ }).click()
    await page.getByRole('menuitem', { name: 'Edit…' }).click()
    await page.getByLabel('Download limit').fill('5')
    await expectAccessible(page, 'edit link dialog')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await link.getByText('0 / 5').waitFor()
    await link.getByRole('button', { name: /More for link/ }).click()
    await page.getByRole('menuitem', { name: 'Revoke' }).click()
    await page.getByRole('dialog').getByText('Contracts').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await toast('Link “Signed set” revoked').waitFor()
    await link.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Ended' }).click()
    await link.getByText('Revoked', { exact: true }).waitFor()
    expect(page.url()).toContain('state=ended')
  })

  it('uploads a folder with its structure', async () => {
    const parentId = await openFolder('Trees')
    const tree = join(folder, 'Client set')
    for (const name of [
      'a/one.txt',
      'a/b/two.txt',
      'a/b/zero.bin',
      'top.md',
    ]) {
      makeFile(join('Client set', name), name.includes('zero')
        ? 0
        : 2000)
    }
    await page.getByTestId('pick-folder').setInputFiles(tree)
    await tray().getByText('4 files uploaded').waitFor()
    // The same again: folders are reused, the files are asked about once.
    await page.getByTestId('pick-folder').setInputFiles(tree)
    await page.getByRole('dialog', { name: 'This name is taken' }).waitFor()
    await expectAccessible(page, 'conflict dialog')
    await page.getByRole('checkbox', { name: /Do the same for/ }).check()
    await page.getByRole('radio', { name: 'Skip' }).check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('dialog', { name: 'This name is taken' }).waitFor({ state: 'detached' })

    const names = async (id: string) => (await callApi<{ items: { id: string, name: string }[] }>(instance, 'GET', `/workspaces/${account.workspaceId}/items?parentId=${id}`, undefined, account.accessToken)).items
    const [set, ...others] = await names(parentId)
    expect([set?.name, others]).toEqual(['Client set', []])
    const inside = await names(set!.id)
    expect(inside.map(({ name }) => name)).toEqual(['a', 'top.md'])
    const below = await names(inside[0]!.id)
    expect(below.map(({ name }) => name)).toEqual(['b', 'one.txt'])
    expect((await names(below[0]!.id)).map(({ name }) => name)).toEqual(['two.txt', 'zero.bin'])
  })

  it('goes on with a large file after a pause, a reload and a crash of the server', async () => {
    const parentId = await openFolder('Large')
    const size = 64 * 1024 * 1024
    const path = makeFile('Master.bin', size)
    let parts = 0
    await page.route('**/parts/*', async (route) => {
      parts++
      await new Promise(resolve => setTimeout(resolve, 250))
      await route.continue().catch(() => {})
    })
    await pick(path)
    await expect.poll(() => parts, { timeout: 20_000 }).toBeGreaterThan(1)
    await tray().getByRole('button', { name: 'Pause Master.bin' }).click()
    await tray().getByText(/^Paused/).first().waitFor()
    await expectAccessible(page, 'files page with the tray')
    await screenshot(page, 'files-paused')
    // Long enough that the page has written down what it needs.
    await page.waitForTimeout(2500)
    await instance.crash()
    await page.reload()
    await tray().getByText(/^Paused/).first().waitFor()
    await tray().getByRole('button', { name: 'Go on with Master.bin' }).click()
    await tray().getByText('One file uploaded').waitFor({ timeout: 60_000 })
    await row('Master.bin').waitFor()
    const { createHash } = await import('node:crypto')
    const { readFileSync } = await import('node:fs')
    const { items: [item] } = await callApi<{ items: { id: string, size: number }[] }>(instance, 'GET', `/workspaces/${account.workspaceId}/items?parentId=${parentId}`, undefined, account.accessToken)
    expect(item?.size).toBe(size)
    const content = await fetch(`${instance.url}/api/v1/files/${item!.id}/content`, {
      headers: { authorization: `Bearer ${account.accessToken}` },
    })
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    expect(digest(new Uint8Array(await content.arrayBuffer()))).toBe(digest(readFileSync(path)))
  })

  it('goes on by itself when the network comes back', async () => {
    await openFolder('Offline')
    await page.route('**/parts/*', async (route) => {
      await new Promise(resolve => setTimeout(resolve, 300))
      await route.continue().catch(() => {})
    })
    await pick(makeFile('Tape.bin', 24 * 1024 * 1024))
    await tray().getByText(/^Uploading/).waitFor()
    await visitor.context.setOffline(true)
    await tray().getByText('Offline, uploads go on by themselves').waitFor()
    await page.waitForTimeout(800)
    await visitor.context.setOffline(false)
    await tray().getByText('One file uploaded').waitFor({ timeout: 60_000 })
  })

  it('renames, moves, deletes, and takes each back', async () => {
    const parentId = await openFolder('Desk')
    await callApi(instance, 'POST', `/workspaces/${account.workspaceId}/folders`, { parentId, name: 'Inbox' }, account.accessToken)
    await pick(makeFile('Draft.txt', 300))
    await row('Draft.txt').click()
    await page.keyboard.press('F2')
    await page.getByRole('dialog').getByLabel('Name').fill('Final.txt')
    await page.getByRole('button', { name: 'Rename' }).click()
    await row('Final.txt').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await row('Draft.txt').waitFor()

    await row('Draft.txt').dragTo(row('Inbox'))
    await toast('Draft.txt moved to Inbox').waitFor()
    await row('Draft.txt').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await row('Draft.txt').waitFor()

    await row('Draft.txt').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Move…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Inbox' }).click()
    await expectAccessible(page, 'move dialog')
    await page.getByRole('button', { name: 'Move to Inbox' }).click()
    await row('Draft.txt').waitFor({ state: 'detached' })

    await row('Inbox').click()
    await page.keyboard.press('Delete')
    await row('Inbox').waitFor({ state: 'detached' })
    await page.goto(`/w/${account.slug}/trash`)
    await page.getByRole('listitem').filter({ hasText: 'Inbox' }).getByText('from Northwind / Desk').waitFor()
    await expectAccessible(page, 'trash page')
    await screenshot(page, 'trash')
    await page.getByRole('button', { name: 'Restore Inbox' }).click()
    await toast('Inbox restored').waitFor()
    await page.getByRole('heading', { name: 'The trash is empty' }).waitFor()
    await page.goto(`/w/${account.slug}/files/${parentId}`)
    await row('Inbox').click()
    await page.keyboard.press('Delete')
    await page.getByRole('button', { name: 'Undo' }).click()
    await row('Inbox').waitFor()
  })

  it('empties the trash only when the word is typed', async () => {
    await openFolder('Old')
    await pick(makeFile('Obsolete.txt', 10))
    await row('Obsolete.txt').click()
    await page.keyboard.press('Delete')
    await page.goto(`/w/${account.slug}/trash`)
    await page.getByRole('button', { name: 'Empty trash…' }).click()
    await page.getByRole('dialog').getByText('Obsolete.txt').waitFor()
    const confirm = page.getByRole('button', { name: 'Delete all for ever' })
    expect(await confirm.isDisabled()).toBe(true)
    await page.getByRole('dialog').getByRole('textbox').fill('delete')
    await expectAccessible(page, 'empty trash dialog')
    await confirm.click()
    await page.getByRole('heading', { name: 'The trash is empty' }).waitFor()
  })

  it('does the main path by keyboard alone', async () => {
    const parentId = await openFolder('Keys')
    for (const name of ['Alpha', 'Beta', 'Gamma']) await callApi(instance, 'POST', `/workspaces/${account.workspaceId}/folders`, { parentId, name }, account.accessToken)
    await row('Gamma').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.press('Escape')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByText('2 selected').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+a')
    await page.getByText('3 selected').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('End')
    await page.keyboard.press('Tab')
    // The bar of the selection follows the list.
    for (let at = 0; at < 12 && !await page.evaluate(() => document.activeElement?.textContent?.includes('Share')); at++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Share “Gamma”' }).waitFor()
    for (let at = 0; at < 12 && !await page.evaluate(() => document.activeElement?.textContent?.includes('Create and copy link')); at++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await toast('Link created and copied').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('grid').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Alpha' }).waitFor()
  })

  it('finds, sorts and shows details by the address', async () => {
    await openFolder('Addressed')
    await pick(makeFile('Needle in hay.txt', 4000), makeFile('Ant.txt', 9000))
    await row('Ant.txt').waitFor()
    await row('Needle in hay.txt').waitFor()
    await page.getByRole('checkbox', { name: 'Select all' }).click()
    await page.getByText('2 selected').waitFor()
    await page.getByRole('checkbox', { name: 'Select all' }).click()
    await page.getByRole('toolbar').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Size' }).click()
    expect(page.url()).toContain('sort=-size')
    expect((await page.getByRole('row').nth(1).textContent())).toContain('Ant.txt')
    await page.getByRole('button', { name: 'Needle in hay.txt', exact: true }).click()
    const details = page.getByRole('complementary', { name: 'Details' })
    await details.getByText(/^SHA-256 [0-9a-f]{64}$/).waitFor()
    expect(page.url()).toContain('panel=')
    await expectAccessible(page, 'files page with details')
    await screenshot(page, 'files-details')
    await page.reload()
    await details.getByText('Needle in hay.txt').first().waitFor()
    await page.goBack()
    await details.waitFor({ state: 'detached' })
    await page.getByRole('searchbox', { name: 'Search files' }).fill('needle')
    await page.getByRole('heading', { name: 'Search: needle' }).waitFor()
    await row('Needle in hay.txt').waitFor()
    expect(page.url()).toContain('q=needle')
  })

  it('loads a long folder page after page and keeps few rows in the page', async () => {
    const parentId = await openFolder('Long')
    const names = Array.from({ length: 350 }, (_, n) => `Case ${String(n).padStart(3, '0')}`)
    for (let at = 0; at < names.length; at += 10) {
      await Promise.all(names.slice(at, at + 10).map(name => callApi(instance, 'POST', `/workspaces/${account.workspaceId}/folders`, { parentId, name }, account.accessToken)))
    }
    // It came live: nobody has loaded the page again.
    await row('Case 000').waitFor()
    await page.getByRole('checkbox', { name: 'Select all' }).click()
    await page.getByText(/^\d+ selected$/).waitFor()
    await page.getByRole('checkbox', { name: 'Select all' }).click()
    await page.getByRole('toolbar').waitFor({ state: 'detached' })
    await page.getByRole('grid').focus()
    await expect.poll(async () => {
      await page.keyboard.press('End')
      return row('Case 349').count()
    }, { timeout: 20_000, interval: 300 }).toBe(1)
    expect(await page.getByRole('row').count()).toBeLessThan(80)
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('351')
  })

  it('downloads a file as it was, and several as a ZIP', async () => {
    await openFolder('Down')
    await pick(makeFile('One.txt', 5000), makeFile('Two.txt', 6000))
    await row('One.txt').click()
    const [single] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('toolbar').getByRole('button', { name: 'Download' }).click(),
    ])
    expect(single.suggestedFilename()).toBe('One.txt')
    await row('Two.txt').click({
      modifiers: ['Control'],
    })
    const [both] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('toolbar').getByRole('button', { name: 'Download' }).click(),
    ])
    expect(both.suggestedFilename()).toMatch(/\.zip$/)
    expect(await both.failure()).toBeNull()
  })

  it('takes a new version under the old name, and hands out the earlier one', async () => {
    // Playwright answers only the picker of an input.
    await page.addInitScript('delete window.showOpenFilePicker')
    await openFolder('Versions')
    await pick(makeFile('Plan.txt', 5000))
    await row('Plan.txt').click({ button: 'right' })
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('menuitem', { name: 'Upload a new version' }).click(),
    ])
    await chooser.setFiles(makeFile('Plan, final.txt', 7000))
    await row('Plan.txt').getByText('7 kB').waitFor()
    expect(await page.getByRole('row').count()).toBe(2)

    await page.getByRole('button', { name: 'Plan.txt', exact: true }).click()
    const [earlier] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download version 1' }).click(),
    ])
    expect(earlier.suggestedFilename()).toBe('Plan.txt')
    expect(statSync(await earlier.path()).size).toBe(5000)
    await expectAccessible(page, 'details with versions')
    await screenshot(page, 'files-versions')
  })
})

describe('on a phone', () => {
  it('lists, chooses by a long press, and shows details in a sheet', async () => {
    await visitor.context.close()
    visitor = await visit(browser, instance, { viewport: phone, hasTouch: true, isMobile: true })
    page = visitor.page
    const parentId = await openFolder('Pocket')
    await callApi(instance, 'POST', `/workspaces/${account.workspaceId}/folders`, { parentId, name: 'Photos' }, account.accessToken)
    await pick(makeFile('Snap.jpg', 3000))
    await row('Snap.jpg').waitFor()
    await expectAccessible(page, 'files page on a phone')
    await screenshot(page, 'files-phone')
    // A long press chooses; from then on touching adds.
    await row('Snap.jpg').dispatchEvent('pointerdown', {
      pointerType: 'touch',
      button: 0,
      isPrimary: true,
      bubbles: true,
    })
    await page.getByText('1 selected').waitFor()
    await row('Snap.jpg').dispatchEvent('pointerup', {
      pointerType: 'touch',
      button: 0,
      isPrimary: true,
      bubbles: true,
    })
    await row('Photos').tap()
    await page.getByText('2 selected').waitFor()
    await page.getByRole('button', { name: 'Clear selection' }).tap()
    await row('Snap.jpg').tap()
    const sheet = page.getByRole('dialog', { name: 'Details' })
    await sheet.getByText('SHA-256').first().waitFor()
    await expectAccessible(page, 'details on a phone')
    await screenshot(page, 'files-phone-details')
    await sheet.getByRole('button', { name: 'Close details' }).tap()
    await sheet.waitFor({ state: 'detached' })
    await row('Photos').tap()
    await page.getByRole('heading', { name: 'Photos' }).waitFor()
    await page.getByRole('link', { name: 'Up to Pocket' }).tap()
    await row('Snap.jpg').waitFor()
  })
})
