import type { Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Stage } from './stage.ts'
import type { SourceFolder } from './uploads-kit.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakDescribe } from '../../server/test/soak.ts'
import { act, openFolder } from './folder-kit.ts'
import { enter, portray, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { makeSourceFolder, rowOf } from './uploads-kit.ts'

let stage: Stage
let account: Stage['owner']
let visitor: Visit
let page: Page
let sources: SourceFolder

beforeAll(async () => {
  sources = makeSourceFolder()
  stage = await openStage('network')
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
const dialog = () => page.getByRole('dialog')
const menu = (name: string, action: string | RegExp) => act(page, name, action)

describe('without the network', () => {
  it('opens what could not be loaded for a moment', async () => {
    await openFolder(page, stage, 'Flicker', {
      folders: ['Here'],
    })
    await page.route('**/assets/ItemDetails-*.js', route => route.abort('internetdisconnected'), { times: 1 })
    await menu('Here', 'Details')
    await page.getByRole('complementary', { name: 'Details' }).getByRole('heading', { name: 'Here' }).waitFor()
  })

  it('stays when the code of a place or a dialog cannot be loaded, and opens it by itself', async () => {
    await openFolder(page, stage, 'Steady', {
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
    const id = await openFolder(page, stage, 'Refused', {
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
