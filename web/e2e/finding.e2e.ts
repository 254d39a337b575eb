import type { Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Stage } from './stage.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakDescribe } from '../../server/test/soak.ts'
import { act, bytesOf, titleOf } from './folder-kit.ts'
import { enter, expectAccessible, expectGood, portray, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { rowOf } from './uploads-kit.ts'

let stage: Stage
let account: Stage['owner']
let visitor: Visit
let page: Page

beforeAll(async () => {
  stage = await openStage('finding')
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
const menu = (name: string, action: string | RegExp) => act(page, name, action)

describe('the palette', () => {
  it('finds files, folders, links and people, and leads there by the keyboard', async () => {
    const id = await stage.makeFolder(stage.rootId, 'Dossier 8841')
    await stage.upload(id, 'Opinion 8841.txt', bytesOf('opinion'))
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
    await stage.upload(drawer, 'Receipt 5512.txt', bytesOf('receipt'))
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
