import type { Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Stage } from './stage.ts'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakDescribe, soakIt } from '../../server/test/soak.ts'
import { act, openFolder, titleOf } from './folder-kit.ts'
import { enter, expectGood, keepToasts, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { rowOf } from './uploads-kit.ts'

let stage: Stage
let account: Stage['owner']
let visitor: Visit
let page: Page

beforeAll(async () => {
  stage = await openStage('lists')
  account = stage.owner
})
afterAll(async () => {
  await stage?.close()
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
/** The name of the row where the keyboard is. */
const activeRow = () => page.evaluate(() => {
  const id = document.activeElement?.getAttribute('aria-activedescendant')
  return id && document.getElementById(id)?.querySelector('[role=gridcell]:nth-child(2) :is(a, button)')?.textContent
})
const selected = () => page.getByRole('row', { selected: true }).count()

describe('the keyboard', () => {
  it('is in the list from the first key on, and goes with it into folders and out', async () => {
    await openFolder(page, stage, 'Keyed', {
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

describe('back', () => {
  it('undoes the last step: dialog, details, search, folder', async () => {
    await openFolder(page, stage, 'Steps', {
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
    const id = await openFolder(page, stage, 'Scrolled', {})
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
    const database = new pg.Client(stage.instance.databaseUrl)
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
