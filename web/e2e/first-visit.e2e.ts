import type { Browser } from 'playwright-core'
import type { Api, OwnInstance, Person } from './instance.ts'
import type { SourceFolder } from './uploads-kit.ts'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, launchBrowser, phone, save, screenshot, sha256, visit } from './harness.ts'
import { apiOf } from './instance.ts'
import { startOwnInstance } from './stage.ts'
import { holdParts, makeSourceFolder, pickFiles, rememberedUploads, rowOf, trayOf } from './uploads-kit.ts'

/** The main path, from a server that nobody has set up to a visitor who has the very bytes; and what a killed server costs an upload: nothing. */
const person: Person = { name: 'Robin Keller', email: 'robin@northwind.example', password: 'a long walk by the canal' }

let instance: OwnInstance
let browser: Browser
let api: Api
let sources: SourceFolder

beforeAll(async () => {
  sources = makeSourceFolder()
  instance = await startOwnInstance()
  browser = await launchBrowser()
  api = apiOf(instance, person)
})

afterAll(async () => {
  await browser?.close()
  await instance?.stop()
  sources?.remove()
})

describe('the first visit', () => {
  it('leads from the wizard over a drop to a link, and who has the link to the file', async () => {
    const { context, page, faults } = await visit(browser, instance)
    // The token alone, copied badly: told where it was typed. Then the printed address, into the page that stands open.
    await page.goto('/setup')
    await page.getByLabel('Set-up token').fill('not the token')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('alert').getByText('This is not the set-up token').waitFor()
    expect(await page.getByLabel('Set-up token').isVisible()).toBe(true)
    await page.goto(`/setup#token=${instance.setupToken}`)
    await page.waitForURL(url => url.hash === '')
    await page.getByLabel('Name of this server').fill('Northwind files')
    await page.getByLabel('Your name').fill(person.name)
    await page.getByLabel('E-mail').fill(person.email)
    await page.getByLabel('Password', { exact: true }).fill(person.password)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Northwind')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('link', { name: 'Open the workspace' }).click()
    await page.waitForURL('**/w/northwind/files')
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

    await rowOf(page, 'Report Q3.pdf').waitFor()
    await trayOf(page).getByText('One file uploaded').waitFor()
    const steps = page.getByRole('region', { name: 'Three steps to your first client' })
    const done = () => steps.getByRole('listitem').filter({ hasText: 'done' }).count()
    await expect.poll(done).toBe(1)
    // With more than a few files they are still there.
    const { items: [first] } = await api<{ items: { id: string }[] }>('GET', '/workspaces')
    const { items: [space] } = await api<{ items: { rootFolderId: string }[] }>('GET', `/workspaces/${first!.id}/spaces`)
    for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) await api('POST', `/workspaces/${first!.id}/folders`, { parentId: space!.rootFolderId, name })
    await rowOf(page, 'F').waitFor()
    await expect.poll(done).toBe(1)
    await rowOf(page, 'Report Q3.pdf').click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Share' }).click()
    await page.getByRole('dialog').waitFor()
    await expectAccessible(page, 'share dialog')
    await page.getByRole('button', { name: 'Create and copy link' }).click()
    await page.getByText('Link created and copied', { exact: true }).first().waitFor()
    const url = await page.evaluate(() => navigator.clipboard.readText())
    await page.getByRole('button', { name: 'Done', exact: true }).click()
    await expect.poll(done).toBe(2)
    expect(url).toMatch(new RegExp(`^${instance.url}/s/[\\w-]{40,}$`))
    const { items: [membership] } = await api<{ items: { id: string }[] }>('GET', '/workspaces')
    const { items } = await api<{ items: { url: string }[] }>('GET', `/workspaces/${membership!.id}/links`)
    expect(items.map(link => link.url)).toContain(url)
    await context.close()
    expect(faults).toEqual([])

    const guest = await visit(browser, instance, { viewport: phone })
    await guest.page.goto(url)
    await guest.page.getByText('Robin Keller shared one file').waitFor()
    const saved = await save(guest.page, () => guest.page.getByRole('button', { name: /^Download ·/ }).click())
    expect([
      saved.name,
      saved.data.toString(),
    ]).toEqual(['Report Q3.pdf', 'quarter three'])
    await guest.page.getByRole('button', { name: 'Show checksums' }).click()
    await guest.page.getByText(sha256(Buffer.from('quarter three'))).waitFor()
    await guest.context.close()
    expect(guest.faults).toEqual([])
  })

  soakIt('goes on with a large file after a pause, a reload and a killed server', async () => {
    const { items: [workspace] } = await api<{ items: { id: string }[] }>('GET', '/workspaces')
    const { items: [space] } = await api<{ items: { rootFolderId: string }[] }>('GET', `/workspaces/${workspace!.id}/spaces`)
    const { id: parentId } = await api<{ id: string }>('POST', `/workspaces/${workspace!.id}/folders`, { parentId: space!.rootFolderId, name: 'Large' })
    const { context, page, faults } = await visit(browser, instance)
    await enter(page, person, `/w/northwind/files/${parentId}`)
    await page.getByRole('heading', { name: 'Large' }).waitFor()

    const path = sources.make('Master.bin', 33 * 1024 * 1024)
    const parts = await holdParts(page)
    const [first] = await Promise.all([
      page.waitForResponse(/\/parts\/1$/),
      pickFiles(page, path),
    ])
    expect(first.ok()).toBe(true)
    // Neither through nor not begun: there is something to break off.
    await expect.poll(parts.waiting).toBeGreaterThan(0)
    await trayOf(page).getByRole('button', { name: 'Pause Master.bin' }).click()
    await trayOf(page).getByText(/^Paused/).first().waitFor()
    await expectAccessible(page, 'files page with the tray')
    await screenshot(page, 'files-paused')
    await expect.poll(() => rememberedUploads(page)).toEqual([
      { name: 'Master.bin', paused: true, kept: true },
    ])

    await instance.crash()
    await page.reload()
    await trayOf(page).getByText(/^Paused/).first().waitFor()
    const before = parts.asked.length
    parts.release()
    await trayOf(page).getByRole('button', { name: 'Go on with Master.bin' }).click()
    await trayOf(page).getByText('One file uploaded').waitFor()
    await rowOf(page, 'Master.bin').waitFor()
    // What the server had before it was killed is not sent again.
    expect(parts.asked.slice(before).sort()).toEqual([2, 3])

    const { items: [item] } = await api<{ items: { id: string }[] }>('GET', `/workspaces/${workspace!.id}/items?parentId=${parentId}`)
    const { data } = await save(page, async () => {
      await rowOf(page, 'Master.bin').click()
      await page.getByRole('toolbar').getByRole('button', { name: 'Download' }).click()
    })
    expect(sha256(data)).toBe(sha256(readFileSync(path)))
    expect(item).toMatchObject({ name: 'Master.bin', size: data.length })
    await context.close()
    expect(faults).toEqual([])
  })
})
