import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import { Buffer } from 'node:buffer'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakDescribe, soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, keepToasts, portray, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { rowOf } from './uploads-kit.ts'

/** Whatever outsiders can see says so, and what an act will show them is said before it happens. */

let stage: Stage
let instance: Instance
let browser: Browser
let account: Account
let visitor: Visit
let page: Page

beforeAll(async () => {
  stage = await openStage('sharing')
  ;({ instance, browser, owner: account } = stage)
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

const row = (name: string) => rowOf(page, name)
const dialog = () => page.getByRole('dialog')
const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true })
const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
const open = async (id: string, name: string) => {
  await enter(page, account, `/w/${account.slug}/files/${id}`)
  await heading(name).waitFor()
}
const menu = async (name: string, action: string | RegExp) => {
  await row(name).click({ button: 'right' })
  await page.getByRole('menuitem', { name: action }).click()
}

/** A desk with a file on it and, beside it, a folder that two links lead to. */
async function makeDesk(name: string) {
  const desk = await stage.makeFolder(stage.rootId, name)
  const letter = await stage.upload(desk, 'Letter.txt', Buffer.from('letter'))
  const shown = await stage.makeFolder(desk, 'For clients')
  await stage.upload(shown, 'Offer.txt', Buffer.from('offer'))
  await stage.share({
    itemIds: [shown],
    title: 'First client',
  })
  await stage.share({
    itemIds: [shown, letter],
    title: 'Second client',
  })
  return { desk, shown }
}

describe('what links show', () => {
  it('carries a mark, in folders too, and its details say through which folder', async () => {
    const { desk, shown } = await makeDesk('Marks')
    await open(desk, 'Marks')
    await row('For clients').getByText('2 links lead here').waitFor()
    await row('Letter.txt').getByText('One link leads here').waitFor()
    expect(await page.getByText('What you add here').count()).toBe(0)

    await row('For clients').dblclick()
    await heading('For clients').waitFor()
    await row('Offer.txt').getByText('Seen through 2 links to folders above').waitFor()
    await page.getByRole('navigation', { name: 'Folder' }).getByText('2 links lead here').waitFor()
    await page.getByText('What you add here is seen through 2 links.').waitFor()
    await row('Offer.txt').getByRole('button', { name: 'Offer.txt', exact: true }).click()
    const details = page.getByRole('complementary', { name: 'Details' })
    await details.getByRole('heading', { name: 'through “For clients”' }).waitFor()
    await details.getByText('First client').waitFor()
    await details.getByText('Second client').waitFor()
    await expectGood(page, 'what a link to the folder above shows')

    // It goes with the last link, live.
    const { items } = await stage.api<{ items: { id: string }[] }>('GET', `/workspaces/${account.workspaceId}/links?itemId=${shown}`)
    for (const { id } of items) await stage.api('DELETE', `/workspaces/${account.workspaceId}/links/${id}`)
    await page.getByText('What you add here is seen through 2 links.').waitFor({ state: 'detached' })
    await row('Offer.txt').getByText(/^Seen through/).waitFor({ state: 'detached' })
  })
})

soakDescribe('before something is shown to more people', () => {
  it('moving says so: in the dialog, and while it is dragged', async () => {
    await keepToasts(page)
    const { desk } = await makeDesk('Moves')
    await stage.upload(desk, 'Draft.txt', Buffer.from('draft'))
    await open(desk, 'Moves')
    await menu('Draft.txt', 'Move…')
    await dialog().getByRole('button', { name: 'For clients' }).click()
    await dialog().getByText('2 links will show this').waitFor()
    await expectGood(page, 'moving into what links show')
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })

    await row('Draft.txt').hover()
    await page.mouse.down()
    await row('For clients').hover()
    await row('For clients').hover()
    await page.getByText('2 links will show this').waitFor()
    await page.getByText('Move to For clients').waitFor()
    await portray(page, 'sharing-drag')
    await page.mouse.up()
    await page.getByText('Draft.txt moved to For clients', { exact: true }).first().waitFor()
    await page.getByText('2 links will show this').waitFor({ state: 'detached' })
  })

  it('adding says so, here and in a folder that files are dragged over', async () => {
    const { desk, shown } = await makeDesk('Adds')
    await open(desk, 'Adds')
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['new'], 'New.txt'))
      return transfer
    })
    await row('Letter.txt').dispatchEvent('dragover', { dataTransfer: data })
    await page.getByText('Drop to upload to Adds').waitFor()
    expect(await page.getByText(/will show this/).count()).toBe(0)
    await row('For clients').dispatchEvent('dragover', { dataTransfer: data })
    await page.getByText('Drop to upload to For clients').waitFor()
    await page.getByText('2 links will show this').waitFor()

    await open(shown, 'For clients')
    await page.getByText('What you add here is seen through 2 links.').waitFor()
    const again = await page.evaluateHandle(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['new'], 'New.txt'))
      return transfer
    })
    await page.dispatchEvent('#main', 'dragover', { dataTransfer: again })
    await page.getByText('Drop to upload to For clients').waitFor()
    await page.getByText('2 links will show this').waitFor()
    await expectAccessible(page, 'files over what links show')
  })

  it('the trash says which of it they will see again', async () => {
    const { shown } = await makeDesk('Returns')
    const { items } = await stage.api<{ items: { id: string, name: string }[] }>('GET', `/workspaces/${account.workspaceId}/items?parentId=${shown}`)
    await stage.api('DELETE', `/items/${items.find(({ name }) => name === 'Offer.txt')!.id}`)
    await enter(page, account, `/w/${account.slug}/trash`)
    await page.getByRole('listitem').filter({ hasText: 'Offer.txt' }).getByText('restored, 2 links will show it').waitFor()
    await expectGood(page, 'trash with what links will show')
  })
})

describe('the share dialog', () => {
  it('states what the link will be as it is set up, then what it is, and hands its parts out apart', async () => {
    const desk = await stage.makeFolder(stage.rootId, 'Dialog')
    await stage.makeFolder(desk, 'Plans')
    await open(desk, 'Dialog')
    await menu('Plans', 'Share')
    await dialog().getByText(/^No password · expires \d+ \w+ \d{4} · unlimited downloads$/).waitFor()
    await dialog().getByText('Whoever has the link can download, without an account. That includes whatever is added to the folder later.').waitFor()
    await page.getByRole('button', { name: /Password, expiry/ }).click()
    await dialog().getByRole('combobox').first().click()
    await page.getByRole('option', { name: 'Never' }).click()
    await dialog().getByText('No password · never expires · unlimited downloads').waitFor()
    await page.getByRole('switch', { name: 'Password' }).click()
    await page.getByLabel('Download limit').fill('4')
    await dialog().getByText('With a password · never expires · at most 4 downloads').waitFor()
    await dialog().getByText('Whoever has the link and its password').waitFor()
    await dialog().getByRole('combobox').first().click()
    await page.getByRole('option', { name: 'In a week' }).click()
    await page.getByLabel('Title').fill('Site plans')
    const password = await dialog().getByRole('textbox', { name: 'Password' }).inputValue()
    await expectGood(page, 'share dialog with its options')
    await page.getByRole('button', { name: 'Create and copy link' }).click()
    await page.getByText('The link is on your clipboard').waitFor()
    const url = await clipboard()
    await dialog().getByText(/^With a password · expires .* · at most 4 downloads$/).waitFor()
    await dialog().getByText(/Whoever has the link and its password.*added to the folder later\./).waitFor()
    await expectGood(page, 'what was made in the share dialog')

    await page.getByRole('button', { name: 'Copy password' }).click()
    await expect.poll(clipboard).toBe(password)
    await page.getByRole('button', { name: 'Copy message' }).click()
    await expect.poll(clipboard).toContain('Here is “Site plans” for you to download:')
    const message = await clipboard()
    expect(message.split('\n')).toEqual([
      'Here is “Site plans” for you to download:',
      url,
      'The password comes to you another way.',
      expect.stringMatching(/^The link works until \d+ \w+ \d{4}, \d\d:\d\d\.$/),
    ])
    expect(message).not.toContain(password)
  })

  it('makes one link when its answer was lost and it is asked for again', async () => {
    const desk = await stage.makeFolder(stage.rootId, 'Lost')
    const once = await stage.makeFolder(desk, 'Once')
    await open(desk, 'Lost')
    const answers: number[] = []
    await page.route('**/links', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback()
      const response = await route.fetch()
      answers.push(response.status())
      return answers.length === 1
        ? route.abort()
        : route.fulfill({ response })
    })
    await menu('Once', 'Share')
    await page.getByRole('button', { name: 'Create and copy link' }).click()
    await dialog().getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Create and copy link' }).click()
    await page.getByText('The link is on your clipboard').waitFor()
    expect(answers).toEqual([201, 201])
    const { items } = await stage.api<{ items: unknown[] }>('GET', `/workspaces/${account.workspaceId}/links?itemId=${once}`)
    expect(items.length).toBe(1)
  })

  soakIt('for a change states the same', async () => {
    const desk = await stage.makeFolder(stage.rootId, 'Changes')
    await stage.share({
      itemIds: [desk],
      title: 'To be changed',
      password: 'sesame-sesame',
      maxDownloads: 2,
    })
    await enter(page, account, `/w/${account.slug}/links`)
    await page.getByRole('list', { name: 'Links' }).getByRole('listitem').filter({ hasText: 'To be changed' }).getByRole('button', { name: /More for link/ }).click()
    await page.getByRole('menuitem', { name: 'Edit…' }).click()
    await dialog().getByText('With a password · never expires · at most 2 downloads').waitFor()
    await page.getByRole('switch', { name: 'Password' }).click()
    await page.getByLabel('Download limit').fill('')
    await dialog().getByText('No password · never expires · unlimited downloads').waitFor()
    await expectAccessible(page, 'edit dialog that states what will be')
  })
})
