import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import type { SourceFolder } from './uploads-kit.ts'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, keepToasts, screenshot, visit } from './harness.ts'
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
    const conflict = page.getByRole('dialog', { name: 'This name is taken' })
    await conflict.getByRole('region', { name: 'In the folder' }).getByText(account.name).waitFor()
    await conflict.getByRole('region', { name: 'Your file' }).getByText('You', { exact: true }).waitFor()
    expect(await conflict.getByRole('radio', { name: 'New version' }).isChecked()).toBe(true)
    await expectGood(page, 'conflict dialog')
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

  soakIt('offers other names for folders that cannot have theirs, once for all', async () => {
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

  soakIt('goes on by itself when the network comes back', async () => {
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

  it('makes what has a taken name a new version unless one says otherwise, by the keyboard too', async () => {
    const parentId = await openFolder('Taken')
    const there = await stage.upload(parentId, 'Plan.txt', Buffer.alloc(7000))
    await stage.makeFolder(parentId, 'Notes.txt')
    await pick(makeFile('Plan.txt', 5000))
    const conflict = page.getByRole('dialog', { name: 'This name is taken' })
    await conflict.getByRole('region', { name: 'In the folder' }).getByText('7 kB').waitFor()
    await conflict.getByRole('region', { name: 'Your file' }).getByText('5 kB').waitFor()
    await conflict.getByRole('button', { name: 'Continue' }).press('Enter')
    await tray().getByText('One file uploaded').waitFor()
    expect((await stage.api<{ items: { size: number }[] }>('GET', `/files/${there}/versions`)).items.map(({ size }) => size)).toEqual([5000, 7000])
    // A folder has no versions.
    await pick(makeFile('Notes.txt', 3000))
    await conflict.getByRole('region', { name: 'In the folder' }).waitFor()
    expect(await conflict.getByRole('radio', { name: 'New version' }).count()).toBe(0)
    await conflict.getByRole('radio', { name: 'Skip' }).press('Space')
    await conflict.getByRole('button', { name: 'Continue' }).press('Enter')
    await conflict.waitFor({ state: 'detached' })
    expect(await namesIn(parentId)).toEqual(['Notes.txt', 'Plan.txt'])
  })

  it('folds the tray when all is up, and shares it with one click, folders as one', async () => {
    const parentId = await openFolder('Finished')
    const old = await stage.makeFolder(parentId, 'Old')
    await stage.upload(old, 'private.txt', Buffer.from('nobody asked for this'))
    for (const name of ['Delivery/one.txt', 'Delivery/below/two.txt', 'Old/three.txt']) makeFile(name, 2000)
    await page.getByTestId('pick-folder').setInputFiles(join(sources.path, 'Delivery'))
    await tray().getByText('2 files uploaded').waitFor()
    await page.getByTestId('pick-folder').setInputFiles(join(sources.path, 'Old'))
    await tray().getByText('3 files uploaded').waitFor()
    await expect.poll(() => tray().getByText('two.txt').isVisible()).toBe(false)
    await expectGood(page, 'a tray whose files are up')
    await tray().getByRole('button', { expanded: false }).click()
    await tray().getByText('two.txt').waitFor()
    await tray().getByRole('button', { name: 'Share all 3' }).click()
    await page.getByRole('dialog', { name: 'Share 2 items' }).getByRole('button', { name: 'Create and copy link' }).click()
    await page.getByText('Link created and copied', { exact: true }).first().waitFor()
    const { items: [link] } = await stage.api<{ items: { items: { name: string }[] }[] }>('GET', `/workspaces/${account.workspaceId}/links`)
    // Of a folder that was there before only what was sent into it.
    expect(link!.items.map(({ name }) => name).sort()).toEqual(['Delivery', 'three.txt'])
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

  soakIt('makes an earlier version the current one again, and takes it back', async () => {
    await keepToasts(page)
    const parentId = await openFolder('Restored')
    const versions = () => page.getByRole('complementary', { name: 'Details' }).getByRole('listitem').filter({ hasText: /^Version \d/ })
    await stage.upload(parentId, 'Plan.txt', Buffer.alloc(5000))
    await stage.upload(parentId, 'Plan.txt', Buffer.alloc(7000), 'replace')
    await page.getByRole('button', { name: 'Plan.txt', exact: true }).click()
    await versions().filter({ hasText: 'Version 2' }).getByText('current').waitFor()
    await expectGood(page, 'versions that can be restored')

    // By the keyboard, as any button.
    await page.getByRole('button', { name: 'Restore version 1' }).press('Enter')
    await page.getByText('“Plan.txt” is as it was in version 1', { exact: true }).first().waitFor()
    const third = versions().filter({ hasText: 'Version 3' })
    await third.getByText('current').waitFor()
    await third.getByText(/restored from version 1$/).waitFor()
    await row('Plan.txt').getByText('5 kB').waitFor()
    await page.getByRole('button', { name: 'Undo' }).first().click()
    await versions().filter({ hasText: 'Version 4' }).getByText(/restored from version 2$/).waitFor()
    await row('Plan.txt').getByText('7 kB').waitFor()
  })
})
