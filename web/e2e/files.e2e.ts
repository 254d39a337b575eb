import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import type { SourceFolder } from './uploads-kit.ts'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, keepToasts, phone, save, screenshot, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { makeSourceFolder, pickFiles, rowOf } from './uploads-kit.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let account: Account
let sources: SourceFolder
let visitor: Visit
let page: Page

beforeAll(async () => {
  sources = makeSourceFolder()
  stage = await openStage('files')
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

/** A folder of its own for a test, and those in it, by the API; the page is opened in it. */
async function openFolder(name: string, folders: string[] = []): Promise<string> {
  const id = await stage.makeFolder(stage.rootId, name)
  for (const folder of folders) await stage.makeFolder(id, folder)
  await enter(page, account, `/w/${account.slug}/files/${id}`)
  await page.getByRole('heading', { name }).waitFor()
  return id
}

const row = (name: string) => rowOf(page, name)
/** By the Tab key, at most a dozen times. */
async function tabTo(button: string) {
  const isThere = () => page.evaluate(button => document.activeElement?.matches('button') && document.activeElement.textContent.includes(button), button)
  for (let at = 0; at < 12 && !await isThere(); at++) await page.keyboard.press('Tab')
  expect(await isThere(), `${button} is reached by Tab`).toBe(true)
}
const toast = (text: string) => page.getByText(text, { exact: true }).first()
const pick = (...paths: string[]) => pickFiles(page, ...paths)

describe('files', () => {
  it('sets protection on a link, edits and revokes it', async () => {
    await openFolder('Protected', ['Contracts'])
    await row('Contracts').click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Share' }).click()
    await page.getByRole('button', { name: /Password, expiry/ }).click()
    await page.getByRole('switch', { name: 'Password' }).click()
    await page.getByLabel('Title').fill('Signed set')
    await page.getByLabel('Download limit').fill('3')
    await page.getByRole('button', { name: 'Create and copy link' }).click()
    await toast('Link created and copied').waitFor()
    await page.getByRole('button', { name: 'QR code' }).click()
    await page.getByRole('img', { name: /QR code of/ }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Done' }).click()

    await page.goto(`/w/${account.slug}/links`)
    const link = page.getByRole('list', { name: 'Links' }).getByRole('listitem').filter({ hasText: 'Signed set' })
    await link.getByText('0 / 3').waitFor()
    await expectAccessible(page, 'links page')
    await screenshot(page, 'links')
    await link.getByRole('button', { name: /More for link/ }).click()
    await page.getByRole('menuitem', { name: 'Edit…' }).click()
    await page.getByLabel('Download limit').fill('5')
    await expectAccessible(page, 'edit link dialog')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await link.getByText('0 / 5').waitFor()
    await link.getByRole('button', { name: /More for link/ }).click()
    await page.getByRole('menuitem', { name: 'Revoke' }).click()
    await page.getByRole('dialog').getByText('Contracts').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await toast('Link “Signed set” revoked').waitFor()
    await link.waitFor({ state: 'detached' })
    await page.getByRole('combobox', { name: 'State' }).click()
    await page.getByRole('option', { name: 'Ended', exact: true }).click()
    await link.getByText('Revoked', { exact: true }).waitFor()
    await page.waitForURL(/state=ended/)
  })

  it('renames, moves, deletes, and takes each back', async () => {
    await keepToasts(page)
    const parentId = await openFolder('Desk', ['Inbox'])
    await row('Inbox').waitFor()
    await pick(makeFile('Draft.txt', 300))
    await row('Draft.txt').click()
    await page.keyboard.press('F2')
    await page.getByRole('dialog').getByLabel('Name').fill('Final.txt')
    await page.getByRole('button', { name: 'Rename' }).click()
    await row('Final.txt').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await row('Draft.txt').waitFor()

    await row('Draft.txt').dragTo(row('Inbox'))
    await toast('Draft.txt moved to Inbox').waitFor()
    await row('Draft.txt').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await row('Draft.txt').waitFor()

    await row('Draft.txt').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Move…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Inbox' }).click()
    await expectAccessible(page, 'move dialog')
    await page.getByRole('button', { name: 'Move to Inbox' }).click()
    await row('Draft.txt').waitFor({ state: 'detached' })

    await row('Inbox').click()
    await page.keyboard.press('Delete')
    // The row goes at once; this comes with the server's answer, which a page that is left does not wait for.
    await toast('Inbox moved to the trash').waitFor()
    await page.goto(`/w/${account.slug}/trash`)
    await page.getByRole('listitem').filter({ hasText: 'Inbox' }).getByText('from Northwind / Desk').waitFor()
    await expectAccessible(page, 'trash page')
    await screenshot(page, 'trash')
    await page.getByRole('button', { name: 'Restore Inbox' }).click()
    await toast('Inbox restored').waitFor()
    await page.getByRole('heading', { name: 'The trash is empty' }).waitFor()
    await page.goto(`/w/${account.slug}/files/${parentId}`)
    await row('Inbox').click()
    await page.keyboard.press('Delete')
    await page.getByRole('button', { name: 'Undo' }).click()
    await row('Inbox').waitFor()
  })

  soakIt('empties the trash only when the word is typed', async () => {
    await openFolder('Old')
    await pick(makeFile('Obsolete.txt', 10))
    await row('Obsolete.txt').click()
    await page.keyboard.press('Delete')
    await toast('Obsolete.txt moved to the trash').waitFor()
    await page.goto(`/w/${account.slug}/trash`)
    await page.getByRole('button', { name: 'Empty trash…' }).click()
    await page.getByRole('dialog').getByText('Obsolete.txt').waitFor()
    const confirm = page.getByRole('button', { name: 'Delete all for ever' })
    expect(await confirm.isDisabled()).toBe(true)
    await page.getByRole('dialog').getByRole('textbox').fill('delete')
    await expectAccessible(page, 'empty trash dialog')
    await confirm.click()
    await page.getByRole('heading', { name: 'The trash is empty' }).waitFor()
  })

  it('does the main path by keyboard alone', async () => {
    await openFolder('Keys', ['Alpha', 'Beta', 'Gamma'])
    await row('Gamma').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.press('Escape')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByText('2 selected').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+a')
    await page.getByText('3 selected').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('End')
    await page.getByRole('toolbar').waitFor()
    await page.keyboard.press('Tab')
    // The bar of the selection follows the list.
    await tabTo('Share')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Share “Gamma”' }).waitFor()
    await tabTo('Create and copy link')
    await page.keyboard.press('Enter')
    await toast('Link created and copied').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('grid').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Alpha' }).waitFor()
  })

  it('finds, sorts and shows details by the address', async () => {
    await openFolder('Addressed')
    await pick(makeFile('Needle in hay.txt', 4000), makeFile('Ant.txt', 9000))
    await row('Ant.txt').waitFor()
    await row('Needle in hay.txt').waitFor()
    await page.getByRole('checkbox', { name: 'Select all' }).click()
    await page.getByText('2 selected').waitFor()
    await page.getByRole('checkbox', { name: 'Select all' }).click()
    await page.getByRole('toolbar').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Size' }).click()
    await page.waitForURL(/sort=-size/)
    await page.getByRole('row').nth(1).getByText('Ant.txt').waitFor()
    await page.getByRole('button', { name: 'Needle in hay.txt', exact: true }).click()
    const details = page.getByRole('complementary', { name: 'Details' })
    await details.getByText(/^SHA-256 [0-9a-f]{64}$/).waitFor()
    await page.waitForURL(/panel=/)
    await expectAccessible(page, 'files page with details')
    await screenshot(page, 'files-details')
    await page.reload()
    await details.getByText('Needle in hay.txt').first().waitFor()
    await page.goBack()
    await details.waitFor({ state: 'detached' })
    await page.getByRole('searchbox', { name: 'Search files' }).fill('needle')
    await page.getByRole('heading', { name: 'Search: needle' }).waitFor()
    await row('Needle in hay.txt').waitFor()
    await page.waitForURL(/q=needle/)
  })

  soakIt('loads a long folder page after page and keeps few rows in the page', async () => {
    const parentId = await stage.makeFolder(stage.rootId, 'Long')
    const make = (from: number, to: number) => Promise.all(Array.from({ length: to - from }, (_, at) => stage.makeFolder(parentId, `Case ${String(from + at).padStart(3, '0')}`)))
    for (let at = 10; at < 310; at += 10) await make(at, at + 10)
    await enter(page, account, `/w/${account.slug}/files/${parentId}`)
    await row('Case 010').waitFor()
    await make(0, 10)
    // They came live: nobody has loaded the page again.
    await row('Case 000').waitFor()
    await page.getByRole('checkbox', { name: 'Select all' }).click()
    await page.getByText(/^\d+ selected$/).waitFor()
    // Not by the checkbox: more rows may have come meanwhile, and then it ticks those too.
    await page.getByRole('button', { name: 'Clear selection' }).click()
    await page.getByRole('toolbar').waitFor({ state: 'detached' })
    await page.getByRole('grid').focus()
    await expect.poll(async () => {
      await page.keyboard.press('End')
      return row('Case 309').count()
    }, { interval: 300 }).toBe(1)
    expect(await page.getByRole('row').count()).toBeLessThan(80)
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('311')
  })

  it('downloads a file as it was, and several as a ZIP', async () => {
    await openFolder('Down')
    const one = makeFile('One.txt', 5000)
    await pick(one, makeFile('Two.txt', 6000))
    await row('One.txt').click()
    const download = () => page.getByRole('toolbar').getByRole('button', { name: 'Download' }).click()
    const single = await save(page, download)
    expect(single.name).toBe('One.txt')
    expect(single.data.equals(readFileSync(one))).toBe(true)
    await row('Two.txt').click({
      modifiers: ['Control'],
    })
    await page.getByText('2 selected').waitFor()
    const both = await save(page, download)
    expect(both.name).toMatch(/\.zip$/)
    for (const name of ['One.txt', 'Two.txt']) expect(both.data.includes(name)).toBe(true)
  })
})

describe('on a phone', () => {
  it('lists, chooses by a long press, and shows details in a sheet', async () => {
    await visitor.context.close()
    visitor = await visit(browser, instance, { viewport: phone, hasTouch: true, isMobile: true })
    page = visitor.page
    await openFolder('Pocket', ['Photos'])
    await pick(makeFile('Snap.jpg', 3000))
    await row('Snap.jpg').waitFor()
    await expectAccessible(page, 'files page on a phone')
    await screenshot(page, 'files-phone')
    // A long press chooses; from then on touching adds.
    await row('Snap.jpg').dispatchEvent('pointerdown', {
      pointerType: 'touch',
      button: 0,
      isPrimary: true,
      bubbles: true,
    })
    await page.getByText('1 selected').waitFor()
    await row('Snap.jpg').dispatchEvent('pointerup', {
      pointerType: 'touch',
      button: 0,
      isPrimary: true,
      bubbles: true,
    })
    await row('Photos').tap()
    await page.getByText('2 selected').waitFor()
    await page.getByRole('button', { name: 'Clear selection' }).tap()
    await row('Snap.jpg').tap()
    const sheet = page.getByRole('dialog', { name: 'Details' })
    await sheet.getByText('SHA-256').first().waitFor()
    await expectAccessible(page, 'details on a phone')
    await screenshot(page, 'files-phone-details')
    await sheet.getByRole('button', { name: 'Close details' }).tap()
    await sheet.waitFor({ state: 'detached' })
    await row('Photos').tap()
    await page.getByRole('heading', { name: 'Photos' }).waitFor()
    await page.getByRole('link', { name: 'Up to Pocket' }).tap()
    await row('Snap.jpg').waitFor()
  })
})
