import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, keepToasts, portray, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { rowOf } from './uploads-kit.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let account: Account
let visitor: Visit
let page: Page

beforeAll(async () => {
  stage = await openStage('select-all')
  ;({ instance, browser, owner: account } = stage)
})

afterAll(() => stage?.close())

beforeEach(async () => {
  visitor = await visit(browser, instance)
  page = visitor.page
  await keepToasts(page)
})

afterEach(async () => {
  await visitor.context.close()
  expect(visitor.faults).toEqual([])
})

/** A folder with so many files of ten bytes, none of which has any. @returns its id */
async function makeFull(name: string, count: number): Promise<string> {
  const id = await stage.makeFolder(stage.rootId, name)
  const database = new pg.Client(instance.databaseUrl)
  await database.connect()
  try {
    await database.query(`
      insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, size_bytes, created_at, updated_at)
      select gen_random_uuid(), workspace_id, space_id, id, 'file', part, part, part, 10, now(), now()
      from items, generate_series(1, $2::int) n, lower($3 || ' part ' || n) part where id = $1`, [id, count, name])
  }
  finally {
    await database.end()
  }
  return id
}

const bar = () => page.getByRole('toolbar', { name: 'Selected items' })
const dialog = (name: string) => page.getByRole('dialog', { name })
const toast = (text: string) => page.getByText(text, { exact: true }).first()
/** What the list has, by the server. */
async function all(query: Record<string, string>) {
  return stage.api<{ items: { id: string, name: string }[], total: number }>('GET', `/workspaces/${account.workspaceId}/items/selection?${new URLSearchParams(query)}`)
}

async function deleteAll(count: number) {
  await page.keyboard.press('Delete')
  await dialog(`Move ${count} items to the trash?`).waitFor()
  await page.getByRole('button', { name: `Delete ${count} items` }).click()
  await toast(`${count} items moved to the trash`).waitFor()
  await bar().waitFor({ state: 'detached' })
}

describe('all of a list', () => {
  it('is chosen, loaded or not, as long as it is there; is deleted, and brought back', async () => {
    const id = await makeFull('Many', 450)
    const others: string[] = []
    page.on('request', request => request.url().includes('cursor=') && others.push(request.url()))
    await enter(page, account, `/w/${account.slug}/files/${id}`)
    await rowOf(page, 'many part 1').waitFor()
    await page.keyboard.press('Control+a')
    await bar().getByText('450 selected').waitFor()
    expect(await page.getByRole('checkbox', { name: 'Select all' }).getAttribute('aria-checked')).toBe('true')
    // No page was loaded for it.
    expect(others).toEqual([])
    await expectGood(page, 'all of a list')
    await rowOf(page, 'many part 2').click({
      modifiers: ['Control'],
    })
    await bar().getByText('449 selected').waitFor()
    // Somebody else deletes what is chosen and not loaded.
    const { items } = await all({ parentId: id })
    await stage.api('DELETE', `/items/${items.find(({ name }) => name === 'many part 440')!.id}`)
    await bar().getByText('448 selected').waitFor()

    await bar().getByRole('button', { name: 'Share' }).click()
    await dialog('Share 448 items').waitFor()
    await page.keyboard.press('Escape')
    await bar().getByRole('button', { name: 'Move' }).click()
    await dialog('Move 448 items').waitFor()
    await page.keyboard.press('Escape')
    await dialog('Move 448 items').waitFor({ state: 'detached' })

    await page.getByRole('grid').focus()
    await page.keyboard.press('Control+a')
    await bar().getByText('449 selected').waitFor()
    await deleteAll(449)
    await page.getByRole('heading', { name: 'Drop files here' }).waitFor()
    expect(await all({ parentId: id })).toEqual({ items: [], total: 0 })
    await page.getByRole('button', { name: 'Undo' }).click()
    await toast('449 items restored').waitFor()
    await rowOf(page, 'many part 1').waitFor()
    expect(await all({ parentId: id })).toMatchObject({ total: 449 })
  })

  soakIt('of a search is all that it finds', async () => {
    const id = await makeFull('Found', 150)
    await makeFull('Found too', 150)
    await enter(page, account, `/w/${account.slug}/files?q=found+part`)
    await rowOf(page, 'found part 1').waitFor()
    await page.keyboard.press('Control+a')
    await bar().getByText('300 selected').waitFor()
    await deleteAll(300)
    await page.getByRole('heading', { name: 'Nothing called “found part”' }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await toast('300 items restored').waitFor()
    await rowOf(page, 'found part 1').waitFor()
    expect(await all({ parentId: id })).toMatchObject({ total: 150 })
  })

  soakIt('is as much as can be chosen at once, which is said; nothing when one stops, or when it cannot be told', async () => {
    const id = await makeFull('Endless', 10_005)
    await enter(page, account, `/w/${account.slug}/files/${id}`)
    await rowOf(page, 'endless part 1').waitFor()
    let release = () => {}
    const held = new Promise<void>(resolve => release = resolve)
    await page.route('**/selection?*', async (route) => {
      await held
      await route.abort().catch(() => {})
    })
    await page.keyboard.press('Control+a')
    await bar().getByText('Selecting all…').waitFor()
    await expectAccessible(page, 'all of a list being asked for')
    await page.keyboard.press('Escape')
    await bar().waitFor({ state: 'detached' })
    await page.keyboard.press('Control+a')
    await bar().getByText('Selecting all…').waitFor()
    await page.keyboard.press('Backspace')
    await rowOf(page, 'Endless').waitFor()
    await bar().waitFor({ state: 'detached' })
    await page.goBack()
    await rowOf(page, 'endless part 1').waitFor()
    await page.keyboard.press('Control+a')
    await bar().getByText('Selecting all…').waitFor()
    release()
    await bar().waitFor({ state: 'detached' })
    await toast('The server cannot be reached').waitFor()
    // Of what was given up nobody is told.
    expect(await page.getByRole('listitem').filter({ hasText: 'The server cannot be reached' }).count()).toBe(1)
    await page.unroute('**/selection?*')

    await page.keyboard.press('Control+a')
    await bar().getByText('10,000 of 10,005 selected').waitFor()
    await expectGood(page, 'as much of a list as can be chosen')
    await portray(page, 'select-all-most')
    await bar().getByRole('button', { name: 'Share' }).click()
    await dialog('Share 10,000 items').getByText('A link leads to at most 1,000 files and folders').waitFor()
    await expectAccessible(page, 'too much for a link')
    await page.keyboard.press('Escape')
  })
})
