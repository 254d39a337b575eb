import type { Browser } from 'playwright-core'
import type { Launcher } from './launcher.ts'
import type { SourceFolder } from './uploads-kit.ts'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enter, launchBrowser, save, sha256, visit } from './harness.ts'
import { apiOf, setUpInstance } from './instance.ts'
import { startLauncher } from './launcher.ts'
import { holdParts, makeSourceFolder, pickFiles, rememberedUploads, rowOf, trayOf } from './uploads-kit.ts'

/** What `npm start` runs, on a disk, killed as a whole: launcher, server and PostgreSQL. */
const person = { name: 'Robin Keller', email: 'robin@northwind.example', password: 'a long walk by the canal' }

let launcher: Launcher
let browser: Browser
let sources: SourceFolder

beforeAll(async () => {
  sources = makeSourceFolder()
  launcher = await startLauncher()
  browser = await launchBrowser()
  await setUpInstance(launcher, person)
})

afterAll(async () => {
  await browser?.close()
  await launcher?.stop()
  sources?.remove()
})

describe('the launcher', () => {
  it('is killed, and a large upload goes on where it was', async () => {
    const api = apiOf(launcher, person)
    const { id } = await api<{ id: string }>('POST', '/workspaces', { name: 'Northwind', slug: 'northwind' })
    const { items: [space] } = await api<{ items: { rootFolderId: string }[] }>('GET', `/workspaces/${id}/spaces`)
    const { context, page, faults } = await visit(browser, launcher)
    await enter(page, person, `/w/northwind/files/${space!.rootFolderId}`)
    await page.getByRole('heading', { name: 'Drop files here' }).waitFor()
    const path = sources.make('Master.bin', 100 * 1024 * 1024)
    const parts = await holdParts(page)
    await Promise.all([
      page.waitForResponse(/\/parts\/1$/),
      pickFiles(page, path),
    ])
    await expect.poll(parts.waiting).toBeGreaterThan(0)
    await trayOf(page).getByRole('button', { name: 'Pause Master.bin' }).click()
    await expect.poll(() => rememberedUploads(page)).toEqual([
      { name: 'Master.bin', paused: true, kept: true },
    ])
    await launcher.crash()
    await page.reload()
    parts.release()
    await trayOf(page).getByRole('button', { name: 'Go on with Master.bin' }).click()
    await trayOf(page).getByText('One file uploaded').waitFor()
    const { data } = await save(page, async () => {
      await rowOf(page, 'Master.bin').click()
      await page.getByRole('toolbar').getByRole('button', { name: 'Download' }).click()
    })
    expect(sha256(data)).toBe(sha256(readFileSync(path)))
    await context.close()
    expect(faults).toEqual([])
  })
})
