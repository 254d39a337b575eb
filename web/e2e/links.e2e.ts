import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Api, Instance, Person } from './instance.ts'
import type { Stage } from './stage.ts'
import { Buffer } from 'node:buffer'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, expectNoOverflow, expectReflow, keepToasts, phone, screenshot, visit } from './harness.ts'
import { callApi } from './instance.ts'
import { openStage } from './stage.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let owner: Account
let api: Api
let visitor: Visit
let page: Page

beforeAll(async () => {
  stage = await openStage('link-pages')
  ;({ instance, browser, owner, api } = stage)
})

afterAll(() => stage?.close())

beforeEach(async () => {
  visitor = await visit(browser, instance)
  page = visitor.page
})

afterEach(async () => {
  await visitor.context.close()
  expect(visitor.faults).toEqual([])
})

const inWorkspace = () => `/workspaces/${owner.workspaceId}`
const upload = (name: string, parentId = stage.rootId) => stage.upload(parentId, name, Buffer.from(name))
const share = (itemIds: string[], options: object = {}) => api<{ id: string, url: string }>('POST', `${inWorkspace()}/links`, { itemIds, ...options })
/** As a visitor without a browser does. */
const atLink = ({ url }: { url: string }, path = '', body?: object) => fetch(`${instance.url}/api/v1/public/links/${url.split('/').at(-1)}${path}`, body && {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const rows = () => page.getByRole('list', { name: 'Links' }).getByRole('listitem')
const names = () => rows().getByRole('heading').getByRole('link').allTextContents().then(texts => texts.map(text => text.trim()))
async function pick(label: string, option: string) {
  await page.getByRole('combobox', { name: label, exact: true }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}
const timeline = () => page.getByRole('region', { name: 'Activity' })

describe('the links page', () => {
  it('finds, filters and puts in order by the address, which survives a reload and Back', async () => {
    const [letter, plan, annex] = [await upload('Letter.pdf'), await upload('Größenplan.pdf'), await upload('Annex.pdf')]
    const opened = await share([letter, plan, annex])
    await share([plan], { title: 'Plans for the bank' })
    const usedUp = await share([annex], { maxDownloads: 1 })
    expect((await atLink(opened)).ok).toBe(true)
    expect((await atLink(usedUp, '/download', {})).ok).toBe(true)
    // Without a title it is called by what it leads to, here as everywhere.
    await enter(page, owner, `/w/${owner.slug}/links`)
    await expect.poll(names).toEqual(['Plans for the bank', 'Letter.pdf +2'])
    await expectGood(page, 'links')

    await pick('State', 'All states')
    await expect.poll(names).toEqual(['Annex.pdf', 'Plans for the bank', 'Letter.pdf +2'])
    await rows().filter({ hasText: 'Annex.pdf' }).getByText('Used up', { exact: true }).waitFor()
    await pick('Order', 'Opened last')
    await expect.poll(names).toEqual(['Letter.pdf +2', 'Annex.pdf', 'Plans for the bank'])
    await page.getByRole('searchbox', { name: 'Search links' }).fill('grossenplan')
    await expect.poll(names).toEqual(['Letter.pdf +2', 'Plans for the bank'])
    await page.waitForURL(/q=grossenplan/)
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ state: 'all', sort: '-lastOpenedAt', q: 'grossenplan' })
    await page.reload()
    await expect.poll(names).toEqual(['Letter.pdf +2', 'Plans for the bank'])
    expect(await page.getByRole('searchbox').inputValue()).toBe('grossenplan')
    await page.goBack()
    await expect.poll(names).toEqual(['Letter.pdf +2', 'Annex.pdf', 'Plans for the bank'])

    await page.getByRole('searchbox').fill('annex')
    await pick('State', 'Active')
    await expect.poll(names).toEqual(['Letter.pdf +2'])
    await page.getByRole('searchbox').fill('nowhere')
    await page.getByText('No link found for “nowhere”').waitFor()
    await expectAccessible(page, 'no link found')
    await page.getByRole('button', { name: 'Search all links' }).click()
    await page.waitForURL(/state=all/)
    await page.getByText('No link found for “nowhere”').waitFor()
    await page.getByRole('button', { name: 'Clear search' }).last().click()
    await expect.poll(names).toHaveLength(3)
    await pick('State', 'Suspended')
    await page.getByText('No link in this state: Suspended').waitFor()
    await page.getByRole('button', { name: 'Show all links' }).click()
    await expect.poll(names).toHaveLength(3)
  })

  it('is gone through with the keyboard alone', async () => {
    const folder = await stage.makeFolder(stage.rootId, 'Keyboard')
    for (const title of ['Key one', 'Key two', 'Key three']) await share([folder], { title })
    await enter(page, owner, `/w/${owner.slug}/links`)
    await rows().first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('key')
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
    // At once: the search is not asked for yet.
    await page.keyboard.press('Enter')
    await expect.poll(names).toEqual(['Key three', 'Key two', 'Key one'])
    await expect.poll(focused).toBe('Key three')
    await page.keyboard.press('ArrowDown')
    await expect.poll(focused).toBe('Key two')
    await page.keyboard.press('End')
    await expect.poll(focused).toBe('Key one')
    await page.keyboard.press('Home')
    await expect.poll(focused).toBe('Key three')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Key three' }).waitFor()
    // Back leads to where one was.
    await page.goBack()
    await expect.poll(focused).toBe('Key three')
    await page.keyboard.press('ArrowDown')
    await expect.poll(focused).toBe('Key two')
  })

  it('says on a phone what became of each link, and all of a row leads to it', async () => {
    await page.setViewportSize(phone)
    const folder = await stage.makeFolder(stage.rootId, 'Holidays at the lake')
    const link = await share([folder], { maxDownloads: 5 })
    expect((await atLink(link)).ok).toBe(true)
    expect((await atLink(link, '/download', {})).ok).toBe(true)
    await enter(page, owner, `/w/${owner.slug}/links?q=lake`)
    const row = rows().filter({ hasText: 'Holidays at the lake' })
    await row.getByText('Active', { exact: true }).waitFor()
    await row.getByText(/opened once, last .+ · 1 of 5 downloads/).waitFor()
    await expectNoOverflow(page, 'links on a phone')
    // Beside everything that is written.
    const { height } = (await row.boundingBox())!
    await row.click({
      position: { x: 8, y: height - 6 },
    })
    await page.getByRole('heading', { level: 1, name: 'Holidays at the lake' }).waitFor()
    await expectAccessible(page, 'link on a phone')
    await expectReflow(page)
  })
})

describe('the page of a link', () => {
  it('tells what it is and may, and its life as it happens', async () => {
    await keepToasts(page)
    const folder = await stage.makeFolder(stage.rootId, 'Minutes')
    const file = await upload('March.pdf', folder)
    const other = await upload('April.pdf', folder)
    const link = await share([folder, file], { message: 'As promised', password: 'herons at dawn' })
    await atLink(link, '/unlock', { password: 'wrong herons' })
    await api('PATCH', `${inWorkspace()}/links/${link.id}`, { password: null })
    await enter(page, owner, `/w/${owner.slug}/links`)
    await page.getByRole('link', { name: 'Minutes +1', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Minutes +1' }).waitFor()
    await page.getByText('Whoever has the address can download.').waitFor()
    await timeline().getByText('Robin Keller made the link Minutes +1').waitFor()
    await timeline().getByText('A visitor was refused at the link Minutes +1: wrong password').waitFor()
    await timeline().getByText('Robin Keller changed the link Minutes +1: password').waitFor()

    expect((await atLink(link)).ok).toBe(true)
    await timeline().getByText('A visitor opened the link Minutes +1').waitFor()
    await page.getByText(/opened once, last/).waitFor()
    expect((await atLink(link, '/download', { itemId: other })).ok).toBe(true)
    await timeline().getByText('A visitor downloaded April.pdf, 1 of 3 files, by the link Minutes +1').waitFor()
    await page.getByText('one download', { exact: true }).waitFor()
    await expectGood(page, 'link')

    // Each thing that it leads to has the way to its place.
    await page.getByRole('link', { name: 'March.pdf', exact: true }).first().click()
    await page.waitForURL(new RegExp(`/files/${folder}\\?panel=${file}`))
    await page.goBack()

    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByText('Link copied').first().waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link.url)
    expect(await page.getByRole('region', { name: /Notifications/ }).textContent()).not.toContain('/s/')
    await page.getByRole('button', { name: 'QR code' }).click()
    await page.getByRole('img', { name: 'QR code of “Minutes +1”' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Edit…' }).click()
    await page.getByLabel('Title').fill('All minutes')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByRole('heading', { level: 1, name: 'All minutes' }).waitFor()
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('It was revoked and stays so. Make a new one instead.').waitFor()
    await timeline().getByText('Robin Keller revoked the link All minutes').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Edit…' }).count()).toBe(0)
  })

  soakIt('says why it is suspended, and is not there for whom there is none', async () => {
    const file = await upload('Withdrawn.pdf')
    const link = await share([file])
    await api('DELETE', `/items/${file}`)
    await enter(page, owner, `/w/${owner.slug}/links/${link.id}`)
    await page.getByText('Suspended', { exact: true }).waitFor()
    await page.getByText('What it leads to is in the trash. It works again once that is restored.').waitFor()
    await page.getByRole('link', { name: 'Withdrawn.pdf in the trash' }).click()
    await page.waitForURL(/\/trash$/)
    await page.goto(`/w/${owner.slug}/links/01900000-0000-7000-8000-000000000000`)
    await page.getByRole('alert').getByRole('link', { name: 'All links' }).click()
    await page.getByRole('heading', { level: 1, name: 'Links' }).waitFor()
  })
})

describe('what files and folders tell of themselves', () => {
  it('stands in the details, grows while one looks, and is all on a page', async () => {
    const drawer = await stage.makeFolder(stage.rootId, 'Drawer')
    const file = await upload('Draft.pdf', drawer)
    await enter(page, owner, `/w/${owner.slug}/files/${drawer}?panel=${file}`)
    const details = page.getByRole('complementary', { name: 'Details' })
    await details.getByRole('heading', { name: 'Activity' }).waitFor()
    await details.getByText('Robin Keller uploaded Draft.pdf to Drawer').waitFor()
    expect(await details.getByRole('link', { name: 'Show all' }).count()).toBe(0)
    for (const name of [
      'One.pdf',
      'Two.pdf',
      'Three.pdf',
      'Four.pdf',
    ]) await api('PATCH', `/items/${file}`, { name })
    const link = await share([file])
    expect((await atLink(link, '/download', {})).ok).toBe(true)
    await details.getByText('A visitor downloaded Four.pdf by the link Four.pdf').waitFor()
    await expectAccessible(page, 'details with activity')
    await screenshot(page, 'details-activity')
    await details.getByRole('link', { name: 'Show all' }).click()
    await page.getByRole('heading', { level: 1, name: 'Activity of “Four.pdf”' }).waitFor()
    await page.getByText('Robin Keller uploaded Draft.pdf to Drawer').waitFor()
    await page.getByText('Nothing was written down before this.').waitFor()
    await expectGood(page, 'activity-of-a-file')
    await api('POST', `/files/${file}/download`)
    await page.getByText('Robin Keller downloaded Four.pdf').waitFor()
  })

  soakIt('are told to staff without addresses and devices', async () => {
    const file = await upload('Offer.pdf')
    const link = await share([file])
    expect((await atLink(link)).ok).toBe(true)
    const person: Person = { name: 'Sam Viewer', email: 'sam@link-pages.example', password: 'five grey herons at dawn' }
    const { url } = await api<{ url: string }>('POST', `${inWorkspace()}/invitations`, { role: 'staff', spaceRole: 'viewer' })
    await callApi(instance, 'POST', `/public/invitations/${url.split('/').at(-1)}/accept`, person)
    await enter(page, person, `/w/${owner.slug}/links/${link.id}`)
    const opened = timeline().getByRole('listitem').filter({ hasText: 'A visitor opened the link Offer.pdf' })
    await opened.locator('summary').click()
    await opened.getByText('By way of').waitFor()
    expect(await opened.getByText('Address', { exact: true }).count()).toBe(0)
    await page.getByText('Its address is shown to those who may share what it leads to.').waitFor()
    expect(await page.getByRole('button', { name: 'Revoke' }).count()).toBe(0)
    // What comes while they look, comes to them too.
    await atLink(link, '/download', {})
    await timeline().getByText('A visitor downloaded Offer.pdf by the link Offer.pdf').waitFor()
  })
})
