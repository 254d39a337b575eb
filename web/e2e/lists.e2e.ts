import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import type { SourceFolder } from './uploads-kit.ts'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakDescribe, soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, keepToasts, portray, save, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { makeSourceFolder, rowOf } from './uploads-kit.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let account: Account
let sources: SourceFolder
let visitor: Visit
let page: Page

beforeAll(async () => {
  sources = makeSourceFolder()
  stage = await openStage('lists')
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

const row = (name: string) => rowOf(page, name)
const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true })
const bytes = (text: string) => new TextEncoder().encode(text) as Buffer
const menu = async (name: string, action: string | RegExp) => {
  await row(name).click({ button: 'right' })
  await page.getByRole('menuitem', { name: action }).click()
}
const dialog = () => page.getByRole('dialog')
/** The name of the row where the keyboard is. */
const activeRow = () => page.evaluate(() => {
  const id = document.activeElement?.getAttribute('aria-activedescendant')
  return id && document.getElementById(id)?.querySelector('[role=gridcell]:nth-child(2) :is(a, button)')?.textContent
})
const selected = () => page.getByRole('row', { selected: true }).count()

/** A folder of its own for a test, with folders and small files in it, by the API; the page is opened in it. */
async function openFolder(name: string, { folders = [], files = [] }: { folders?: string[], files?: string[] }): Promise<string> {
  const id = await stage.makeFolder(stage.rootId, name)
  for (const folder of folders) await stage.makeFolder(id, folder)
  for (const file of files) await stage.upload(id, file, bytes(file))
  await enter(page, account, `/w/${account.slug}/files/${id}`)
  await heading(name).waitFor()
  return id
}

/**
 * Does something to an item, waits until the page has asked for its folder again, and looks at all of the page: its title, the way to it, what
 * can be put into it, and its list.
 */
async function actAndLook(folder: { id: string, name: string, above: string[] }, act: () => Promise<void>, there: string[], gone: string[] = []) {
  await Promise.all([
    page.waitForResponse(response => response.request().method() === 'GET' && new URL(response.url()).pathname === `/api/v1/items/${folder.id}`),
    act(),
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
    const below = await openFolder('Whole', {
      folders: ['Inner'],
      files: ['Letter.txt'],
    })
    await stage.makeFolder(stage.rootId, 'Aside')
    await stage.upload(stage.rootId, 'Note.txt', bytes('note'))
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
    await openFolder('Menus', {
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
    await openFolder('Marked', {
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

describe('the keyboard', () => {
  it('is in the list from the first key on, and goes with it into folders and out', async () => {
    await openFolder('Keyed', {
      folders: ['Alpha', 'Beta'],
    })
    await row('Beta').waitFor()
    // Nothing has been clicked, and nothing found by Tab.
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect.poll(activeRow).toBe('Beta')
    await page.keyboard.press('Enter')
    await heading('Beta').waitFor()
    // Nothing is in it; out again.
    await page.getByRole('heading', { name: 'Drop files here' }).waitFor()
    await page.keyboard.press('Backspace')
    await heading('Keyed').waitFor()
    await expect.poll(activeRow).toBe('Beta')
    await page.keyboard.press('Backspace')
    await expect.poll(activeRow).toBe('Keyed')
    await page.keyboard.press('Enter')
    await heading('Keyed').waitFor()
    await expect.poll(activeRow).toBe('Alpha')
    expect(await selected()).toBe(0)
  })
})

soakDescribe('what was typed', () => {
  it('is thrown away only when one says so', async () => {
    await openFolder('Typed', {
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

describe('back', () => {
  it('undoes the last step: dialog, details, search, folder', async () => {
    await openFolder('Steps', {
      folders: ['Deep'],
      files: ['Needle 7341.txt'],
    })
    await row('Deep').getByRole('link', { name: 'Deep' }).click()
    await heading('Deep').waitFor()
    await page.getByRole('searchbox', { name: 'Search files' }).pressSequentially('needle 7341')
    await row('Needle 7341.txt').waitFor()
    await page.waitForURL(/q=needle\+7341/)
    await row('Needle 7341.txt').getByRole('button', { name: 'Needle 7341.txt', exact: true }).click()
    const details = page.getByRole('complementary', { name: 'Details' })
    await details.getByRole('heading', { name: 'Needle 7341.txt' }).waitFor()
    await menu('Needle 7341.txt', 'Share')
    await dialog().waitFor()
    await page.goBack()
    await dialog().waitFor({ state: 'detached' })
    await details.waitFor()
    await page.goBack()
    await details.waitFor({ state: 'detached' })
    await heading('Search: needle 7341').waitFor()
    await page.goBack()
    await heading('Deep').waitFor()
    // Neither a closed panel nor a cleared search is a step of its own.
    await page.getByRole('searchbox', { name: 'Search files' }).fill('needle 7341')
    await row('Needle 7341.txt').waitFor()
    await page.getByRole('button', { name: 'Clear search' }).click()
    await heading('Deep').waitFor()
    await page.goBack()
    await heading('Steps').waitFor()
  })

  soakIt('leads to where one was in a long list', async () => {
    const id = await openFolder('Scrolled', {})
    for (let at = 0; at < 60; at += 10) await Promise.all(Array.from({ length: 10 }, (_, n) => stage.makeFolder(id, `Case ${String(at + n).padStart(2, '0')}`)))
    await row('Case 00').waitFor()
    await page.getByRole('grid').hover()
    await expect.poll(async () => {
      await page.mouse.wheel(0, 600)
      return row('Case 50').count()
    }).toBe(1)
    await row('Case 50').getByRole('link').click()
    await heading('Case 50').waitFor()
    await page.goBack()
    await heading('Scrolled').waitFor()
    await expect.poll(() => row('Case 50').isVisible()).toBe(true)
    await expect.poll(() => page.getByRole('grid').evaluate(grid => grid.scrollTop)).toBeGreaterThan(600)
  })
})

soakDescribe('much that is deleted for ever', () => {
  it('is gone from the trash at once, and followed until it is done', async () => {
    await keepToasts(page)
    const id = await stage.makeFolder(stage.rootId, 'Bulky')
    const database = new pg.Client(instance.databaseUrl)
    await database.connect()
    try {
      await database.query(`
        insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, created_at, updated_at)
        select gen_random_uuid(), workspace_id, space_id, id, 'folder', 'part ' || n, 'part ' || n, 'part ' || n, now(), now()
        from items, generate_series(1, 1500) n where id = $1`, [id])
      await stage.api('DELETE', `/items/${id}`)
      await enter(page, account, `/w/${account.slug}/trash`)
      // What holds these rows holds the work up, as a slow disk would.
      await database.query('begin')
      await database.query('select from items where parent_id = $1 for update', [id])
      await page.getByRole('button', { name: 'Delete Bulky for ever' }).click()
      await dialog().getByRole('button', { name: 'Delete for ever' }).click()
      await page.getByText('Being deleted for ever. You can go on working meanwhile.', { exact: true }).first().waitFor()
      const progress = page.getByRole('region', { name: 'Being deleted for ever' })
      await progress.getByText('Deleting for ever: 0 of 1,501').first().waitFor()
      await page.getByRole('listitem').filter({ hasText: 'Bulky' }).waitFor({ state: 'detached' })
      await progress.getByRole('button', { name: 'Keep what is not begun' }).waitFor()
      await expectGood(page, 'a deletion under way')
      // It is the server that knows of it, not the page.
      await page.reload()
      await progress.getByText('Deleting for ever: 0 of 1,501').first().waitFor()
      await database.query('rollback')
      await page.getByText('1501 items deleted for ever', { exact: true }).first().waitFor()
      await progress.waitFor({ state: 'detached' })
    }
    finally {
      await database.end()
    }
  })
})

soakDescribe('a browser whose clock is three days slow', () => {
  it('makes links that last as long as they say', async () => {
    const id = await stage.makeFolder(stage.rootId, 'Late')
    await stage.makeFolder(id, 'Offer')
    await page.clock.setSystemTime(Date.now() - 3 * 86_400_000)
    await enter(page, account, `/w/${account.slug}/files/${id}`)
    await menu('Offer', 'Share')
    await page.getByRole('button', { name: /Password, expiry/ }).click()
    await dialog().getByRole('combobox').first().click()
    await page.getByRole('option', { name: 'In a day' }).click()
    await page.getByRole('button', { name: 'Create and copy link' }).click()
    await page.getByText('Link created and copied', { exact: true }).first().waitFor()
    const { items } = await stage.api<{ items: { expiresAt: string, items: { name: string }[] }[] }>('GET', `/workspaces/${account.workspaceId}/links`)
    const days = (Date.parse(items.find(link => link.items[0]?.name === 'Offer')!.expiresAt) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(0.9)
    expect(days).toBeLessThanOrEqual(1.001)
  })
})

describe('without the network', () => {
  it('opens what could not be loaded for a moment', async () => {
    await openFolder('Flicker', {
      folders: ['Here'],
    })
    await page.route('**/assets/ItemDetails-*.js', route => route.abort('internetdisconnected'), { times: 1 })
    await menu('Here', 'Details')
    await page.getByRole('complementary', { name: 'Details' }).getByRole('heading', { name: 'Here' }).waitFor()
  })

  it('stays when the code of a place or a dialog cannot be loaded, and opens it by itself', async () => {
    await openFolder('Steady', {
      folders: ['Here'],
    })
    await row('Here').waitFor()
    const bar = page.getByText('The server cannot be reached. This opens as soon as it answers.')
    await visitor.context.setOffline(true)
    await menu('Here', 'Rename')
    await bar.waitFor()
    expect(await dialog().count()).toBe(0)
    await visitor.context.setOffline(false)
    await dialog().getByLabel('Name').waitFor()
    await bar.waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })

    await visitor.context.setOffline(true)
    await page.getByRole('navigation').getByRole('link', { name: 'Trash' }).first().click()
    await bar.waitFor()
    await row('Here').waitFor()
    await portray(page, 'lists-offline')
    await visitor.context.setOffline(false)
    await page.waitForURL(/\/trash$/)
    await page.getByRole('button', { name: /Restore|Empty trash/ }).or(page.getByRole('heading', { name: 'The trash is empty' })).first().waitFor()
  })
})

describe('a proxy in front', () => {
  it('is told from the server when it refuses a file', async () => {
    const id = await openFolder('Refused', {
      folders: ['Here'],
    })
    await page.route(`**/files?*parentId=${id}*`, route => route.fulfill({
      status: 413,
      contentType: 'text/html',
      body: '<html><head><title>413 Request Entity Too Large</title></head><body><center>nginx/1.26.2</center></body></html>',
    }))
    await page.getByTestId('pick-files').setInputFiles(sources.make('Big.bin', 2000))
    await page.getByRole('region', { name: 'Uploads' }).getByText('Something in front of the server refuses files of this size').first().waitFor()
    await page.getByRole('button', { name: 'Why Big.bin failed' }).click()
    await page.getByText(/it said “413 Request Entity Too Large nginx\/1\.26\.2”/).first().waitFor()
    await portray(page, 'lists-proxy')
  })
})

describe('the palette', () => {
  it('finds files, folders, links and people, and leads there by the keyboard', async () => {
    const id = await stage.makeFolder(stage.rootId, 'Dossier 8841')
    await stage.upload(id, 'Opinion 8841.txt', bytes('opinion'))
    await stage.share({
      itemIds: [id],
      title: 'For the court, 8841',
    })
    await enter(page, account, `/w/${account.slug}/files`)
    await page.getByRole('grid').waitFor()
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: 'Command palette' })
    const search = palette.getByPlaceholder('Find, go to or do…')
    await search.pressSequentially('8841')
    await palette.getByText('Files and folders (2)').waitFor()
    await palette.getByText('Links (1)').waitFor()
    await palette.getByText('People (0)').waitFor({ state: 'detached' })
    await palette.getByText('3 found').waitFor()
    for (const name of [/Dossier 8841/, /Opinion 8841\.txt/, /For the court, 8841/]) await palette.getByRole('option', { name }).first().waitFor()
    await expectGood(page, 'the palette with what it found')

    await search.fill(account.name.toUpperCase())
    await palette.getByText('People (1)').waitFor()
    await palette.getByRole('option', { name: account.email }).waitFor()

    await palette.getByRole('option', { name: account.email }).click()
    await page.getByRole('heading', { level: 1, name: 'Members' }).waitFor()
    await page.locator('tr[aria-current=true]').filter({ hasText: account.email }).waitFor()
    await expectAccessible(page, 'members, one of whom was looked for')

    await page.keyboard.press('Control+k')
    await search.fill('8841 opinion')
    await palette.getByText('Links (1)').waitFor({ state: 'detached' })
    await palette.getByRole('option', { name: /Opinion 8841\.txt/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await palette.waitFor({ state: 'detached' })
    await heading('Dossier 8841').waitFor()
    await page.getByRole('complementary', { name: 'Details' }).getByRole('heading', { name: 'Opinion 8841.txt' }).waitFor()
  })
})

soakDescribe('what a search finds', () => {
  it('says where each thing lies, and leads there', async () => {
    const id = await stage.makeFolder(stage.rootId, 'Cabinet')
    const drawer = await stage.makeFolder(id, 'Third drawer')
    await stage.upload(drawer, 'Receipt 5512.txt', bytes('receipt'))
    await enter(page, account, `/w/${account.slug}/files?q=receipt+5512`)
    await row('Receipt 5512.txt').getByRole('link', { name: /Cabinet \/ Third drawer$/ }).waitFor()
    await expectAccessible(page, 'search results')
    await portray(page, 'lists-found')
    await row('Receipt 5512.txt').getByRole('link', { name: /Cabinet \/ Third drawer$/ }).click()
    await heading('Third drawer').waitFor()
    await page.goBack()
    await menu('Receipt 5512.txt', 'Show in its folder')
    await heading('Third drawer').waitFor()
  })
})
