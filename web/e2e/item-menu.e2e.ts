import type { Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Stage } from './stage.ts'
import type { SourceFolder } from './uploads-kit.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakDescribe, soakIt } from '../../server/test/soak.ts'
import { act, bytesOf, openFolder, titleOf } from './folder-kit.ts'
import { expectAccessible, keepToasts, portray, save, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { makeSourceFolder, rowOf } from './uploads-kit.ts'

let stage: Stage
let account: Stage['owner']
let visitor: Visit
let page: Page
let sources: SourceFolder

beforeAll(async () => {
  sources = makeSourceFolder()
  stage = await openStage('item-menu')
  account = stage.owner
})
afterAll(async () => {
  await stage?.close()
  sources?.remove()
})
beforeEach(async () => {
  visitor = await visit(stage.browser, stage.instance)
  page = visitor.page
})
afterEach(async () => {
  await visitor.context.close()
  expect(visitor.faults).toEqual([])
})

const row = (name: string) => rowOf(page, name)
const heading = (name: string) => titleOf(page, name)
const dialog = () => page.getByRole('dialog')
const menu = (name: string, action: string | RegExp) => act(page, name, action)
const selected = () => page.getByRole('row', { selected: true }).count()

/**
 * Does something to an item, waits until the page has asked for its folder again, and looks at all of the page: its title, the way to it, what
 * can be put into it, and its list.
 */
async function actAndLook(folder: { id: string, name: string, above: string[] }, work: () => Promise<void>, there: string[], gone: string[] = []) {
  await Promise.all([
    page.waitForResponse(response => response.request().method() === 'GET' && new URL(response.url()).pathname === `/api/v1/items/${folder.id}`),
    work(),
  ])
  for (const name of there) await row(name).waitFor()
  for (const name of gone) await row(name).waitFor({ state: 'detached' })
  await heading(folder.name).waitFor()
  for (const name of folder.above) await page.getByRole('navigation', { name: 'Folder' }).getByRole('link', { name, exact: true }).waitFor()
  await page.getByRole('button', { name: 'Upload', exact: true }).waitFor()
}

describe('the menu of an item', () => {
  soakIt('leaves the page whole after each of its actions, in a folder and in the root', async () => {
    await keepToasts(page)
    // The plain chooser, which a test can answer.
    await page.addInitScript('delete window.showOpenFilePicker')
    const below = await openFolder(page, stage, 'Whole', {
      folders: ['Inner'],
      files: ['Letter.txt'],
    })
    await stage.makeFolder(stage.rootId, 'Aside')
    await stage.upload(stage.rootId, 'Note.txt', bytesOf('note'))
    const root = await page.getByRole('navigation', { name: 'Folder' }).getByRole('link').first().textContent() ?? ''
    for (const { folder, path, file, other } of [
      {
        folder: {
          id: below,
          name: 'Whole',
          above: [root],
        },
        path: `/${below}`,
        file: 'Letter.txt',
        other: 'Inner',
      },
      {
        folder: {
          id: stage.rootId,
          name: root.trim(),
          above: [],
        },
        path: '',
        file: 'Note.txt',
        other: 'Aside',
      },
    ]) {
      await page.goto(`/w/${account.slug}/files${path}`)
      await row(file).waitFor()
      const undo = () => page.getByRole('button', { name: 'Undo' }).first().click()
      const renamed = `New ${file}`
      await actAndLook(folder, async () => {
        await menu(file, 'Rename')
        await dialog().getByLabel('Name').fill(renamed)
        await dialog().getByRole('button', { name: 'Rename' }).click()
      }, [renamed], [file])
      await actAndLook(folder, undo, [file], [renamed])
      await actAndLook(folder, async () => {
        await menu(file, 'Move…')
        await dialog().getByRole('button', { name: other }).click()
        await dialog().getByRole('button', { name: `Move to ${other}` }).click()
      }, [other], [file])
      await actAndLook(folder, undo, [file])
      await actAndLook(folder, () => menu(file, /^Delete/), [other], [file])
      await actAndLook(folder, undo, [file])
      await actAndLook(folder, async () => {
        await menu(file, 'Share')
        await dialog().getByRole('button', { name: 'Create and copy link' }).click()
        await dialog().getByRole('button', { name: 'Done' }).click()
      }, [file])
      await save(page, () => menu(file, 'Download'))
      await menu(file, 'Details')
      await page.getByRole('complementary', { name: 'Details' }).getByRole('heading', { name: file }).waitFor()
      await actAndLook(folder, async () => {
        const chosen = page.waitForEvent('filechooser')
        await menu(file, 'Upload a new version')
        await (await chosen).setFiles(sources.make(file, 2000))
        await page.getByRole('complementary', { name: 'Details' }).getByRole('heading', { name: 'Versions' }).waitFor()
      }, [file])
    }
  })

  it('acts on its row or on those chosen, and chooses nothing itself', async () => {
    await openFolder(page, stage, 'Menus', {
      folders: ['Alpha'],
      files: ['Bravo.tar.gz', 'Charlie.txt', 'Delta.txt'],
    })
    await row('Bravo.tar.gz').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Details' }).waitFor()
    expect(await selected()).toBe(0)
    await portray(page, 'lists-menu')
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await row('Charlie.txt').hover()
    await row('Charlie.txt').getByRole('button', { name: 'Actions for Charlie.txt' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    const name = dialog().getByLabel('Name')
    await expect.poll(() => name.evaluate((input: HTMLInputElement) => input.value.slice(input.selectionStart!, input.selectionEnd!))).toBe('Charlie')
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    expect(await selected()).toBe(0)
    expect(await page.getByRole('toolbar').count()).toBe(0)

    await row('Alpha').click()
    await row('Delta.txt').click({
      modifiers: ['Control'],
    })
    await page.getByText('2 selected').waitFor()
    await menu('Bravo.tar.gz', /^Delete/)
    await row('Bravo.tar.gz').waitFor({ state: 'detached' })
    await page.getByText('2 selected').waitFor()
    // What was said of it stands above the bar, not on it.
    const toast = page.getByText('Bravo.tar.gz moved to the trash', { exact: true }).first()
    await toast.waitFor()
    await portray(page, 'lists-toast')
    await expect.poll(async () => {
      const [said, bar] = await Promise.all([
        page.locator('[data-slot="viewport"]').last().boundingBox(),
        page.getByRole('toolbar').boundingBox(),
      ])
      return said!.y + said!.height <= bar!.y
    }).toBe(true)
    await menu('Delta.txt', /^Delete/)
    await row('Alpha').waitFor({ state: 'detached' })
    await row('Delta.txt').waitFor({ state: 'detached' })
    await row('Charlie.txt').waitFor()
  })

  soakIt('marks the row whose details are open', async () => {
    await openFolder(page, stage, 'Marked', {
      files: ['One.txt', 'Two.txt'],
    })
    await menu('Two.txt', 'Details')
    await page.getByRole('complementary', { name: 'Details' }).getByRole('heading', { name: 'Two.txt' }).waitFor()
    expect(await row('Two.txt').getAttribute('aria-current')).toBe('true')
    expect(await row('One.txt').getAttribute('aria-current')).toBe(null)
    await expectAccessible(page, 'files with a marked row')
    await portray(page, 'lists-marked')
  })
})

soakDescribe('what was typed', () => {
  it('is thrown away only when one says so', async () => {
    await openFolder(page, stage, 'Typed', {
      files: ['Old.txt'],
    })
    await menu('Old.txt', 'Rename')
    const name = dialog().getByLabel('Name')
    await name.fill('A name that took some time.txt')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Discard what you typed?' }).waitFor()
    await expectAccessible(page, 'discard dialog')
    await portray(page, 'lists-discard')
    await page.getByRole('button', { name: 'Keep writing' }).click()
    await page.getByRole('dialog', { name: 'Discard what you typed?' }).waitFor({ state: 'detached' })
    expect(await name.inputValue()).toBe('A name that took some time.txt')
    await page.goBack()
    await page.getByRole('button', { name: 'Discard', exact: true }).click()
    await dialog().waitFor({ state: 'detached' })
    await heading('Typed').waitFor()
    await row('Old.txt').waitFor()

    // Nothing typed, nothing asked.
    await menu('Old.txt', 'Share')
    await dialog().waitFor()
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
  })
})
