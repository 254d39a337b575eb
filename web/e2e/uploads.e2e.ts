import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import type { SourceFolder } from './uploads-kit.ts'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { enter, expectAccessible, expectGood, screenshot, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { holdParts, makeSourceFolder, pickFiles, rowOf, trayOf } from './uploads-kit.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let account: Account
let sources: SourceFolder
let visitor: Visit
let page: Page

beforeAll(async () => {
  sources = makeSourceFolder()
  stage = await openStage('uploads')
  ;({ instance, browser, owner: account } = stage)
})

afterAll(async () => {
  await stage?.close()
  sources?.remove()
})

beforeEach(async () => {
  visitor = await visit(browser, instance)
  page = visitor.page
})

afterEach(async () => {
  await visitor.context.close()
  expect(visitor.faults).toEqual([])
})

const makeFile = (name: string, size: number) => sources.make(name, size)

/** A folder of its own for a test, by the API; the page is opened in it. */
async function openFolder(name: string): Promise<string> {
  const id = await stage.makeFolder(stage.rootId, name)
  await enter(page, account, `/w/${account.slug}/files/${id}`)
  await page.getByRole('heading', { name }).waitFor()
  return id
}

const itemsIn = async (id: string) => (await stage.api<{ items: { id: string, name: string }[] }>('GET', `/workspaces/${account.workspaceId}/items?parentId=${id}`)).items
const namesIn = async (id: string) => (await itemsIn(id)).map(({ name }) => name)
const row = (name: string) => rowOf(page, name)
const tray = () => trayOf(page)
const pick = (...paths: string[]) => pickFiles(page, ...paths)

describe('uploads', () => {
  it('uploads a folder with its structure', async () => {
    const parentId = await openFolder('Trees')
    const tree = join(sources.path, 'Client set')
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

    const [set, ...others] = await itemsIn(parentId)
    expect([set?.name, others]).toEqual(['Client set', []])
    const inside = await itemsIn(set!.id)
    expect(inside.map(({ name }) => name)).toEqual(['a', 'top.md'])
    const below = await itemsIn(inside[0]!.id)
    expect(below.map(({ name }) => name)).toEqual(['b', 'one.txt'])
    expect(await namesIn(below[0]!.id)).toEqual(['two.txt', 'zero.bin'])
  })

  it('puts a folder into the one of the same name, as the server sees it', async () => {
    const parentId = await openFolder('Same names')
    const there = await stage.makeFolder(parentId, 'Strasse 1')
    makeFile('Straße 1/plan.txt', 2000)
    makeFile('Straße 1/Größe/inner.txt', 2000)
    await page.getByTestId('pick-folder').setInputFiles(join(sources.path, 'Straße 1'))
    await tray().getByText('2 files uploaded').waitFor()
    expect(await namesIn(parentId)).toEqual(['Strasse 1'])
    expect(await namesIn(there)).toEqual(['Größe', 'plan.txt'])
  })

  it('offers other names for folders that cannot have theirs, once for all', async () => {
    const parentId = await openFolder('Names')
    for (const name of [
      'Set/Entwurf./a.txt',
      'Set/ Final/b.txt',
      'Set/ Final/Later./c.txt',
      'Set/d.txt',
    ]) makeFile(name, 2000)
    await page.getByTestId('pick-folder').setInputFiles(join(sources.path, 'Set'))
    const dialog = page.getByRole('dialog', { name: 'These 2 folders need other names' })
    await dialog.waitFor()
    await dialog.getByText('becomes “Entwurf”').waitFor()
    await expectGood(page, 'folder names')
    // By the keyboard: the list, then the buttons.
    await dialog.getByRole('button', { name: 'Use these names' }).press('Enter')
    await tray().getByText('4 files uploaded').waitFor()
    await dialog.waitFor({ state: 'detached' })
    const [set] = await itemsIn(parentId)
    expect(await namesIn(set!.id)).toEqual(['Entwurf', 'Final', 'd.txt'])
    const final = (await itemsIn(set!.id)).find(({ name }) => name === 'Final')!
    expect(await namesIn(final.id)).toEqual(['Later', 'b.txt'])
  })

  it('leaves such folders out when that is wanted, and brings the rest', async () => {
    const parentId = await openFolder('Left out')
    for (const name of ['Rest/Entwurf./a.txt', 'Rest/kept.txt']) makeFile(name, 2000)
    await page.getByTestId('pick-folder').setInputFiles(join(sources.path, 'Rest'))
    await page.getByRole('button', { name: 'Leave these folders out' }).click()
    await tray().getByText('One file uploaded').waitFor()
    const [rest] = await itemsIn(parentId)
    expect(await namesIn(rest!.id)).toEqual(['kept.txt'])
  })

  it('goes on by itself when the network comes back', async () => {
    await openFolder('Offline')
    const parts = await holdParts(page)
    const failed: string[] = []
    page.on('requestfailed', request => failed.push(request.url()))
    await pick(makeFile('Tape.bin', 20 * 1024 * 1024))
    await tray().getByText(/^Uploading/).waitFor()
    await expect.poll(parts.waiting).toBeGreaterThan(0)
    await visitor.context.setOffline(true)
    await tray().getByText('Offline, uploads go on by themselves').waitFor()
    // What was on its way is lost.
    parts.release()
    await expect.poll(() => failed.filter(url => /\/parts\/\d+$/.test(url)).length).toBeGreaterThan(0)
    await visitor.context.setOffline(false)
    await tray().getByText('One file uploaded').waitFor()
    await row('Tape.bin').waitFor()
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
    await expect.poll(() => page.getByRole('row').count()).toBe(2)

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
