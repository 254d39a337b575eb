import type { Browser } from 'playwright-core'
import type { Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { soakIt } from '../../server/test/soak.ts'
import { expectAccessible, expectReflow, heading, phone, portray, save, sha256, visit } from './harness.ts'
import { openStage } from './stage.ts'

/** The page of a link, as who has no account sees it. */

const password = 'blue lantern on the pier'
const message = 'The signed set, thanks!\nPlease check annex A.'
const bytes = Buffer.from('%PDF-1.7\n'.padEnd(300_000, 'Quarterly figures. '))

let stage: Stage
let instance: Instance
let browser: Browser
let share: Stage['share']
const ids: Record<string, string> = {}

beforeAll(async () => {
  stage = await openStage('links');
  ({ instance, browser, share } = stage)
  ids.report = await stage.upload(stage.rootId, 'Report Q3.pdf', bytes)
  ids.odd = await stage.upload(stage.rootId, 'Protokoll <b>final – sehr langer Name ohne jede Rücksicht auf schmale Telefone_2026-11-23.txt', Buffer.from('plain'))
  ids.photos = await stage.makeFolder(stage.rootId, 'Photos')
  ids.site = await stage.makeFolder(ids.photos, 'Building site')
  await stage.upload(ids.site, 'roof.jpg', Buffer.from('not really a picture'))
  ids.many = await stage.makeFolder(ids.photos, 'Many')
  const many = Array.from({ length: 103 }, (_, at) => at + 1)
  for (let at = 0; at < many.length; at += 10) {
    await Promise.all(many.slice(at, at + 10).map(n => stage.upload(ids.many!, `scan-${String(n).padStart(3, '0')}.png`, Buffer.from(`scan ${n}`))))
  }
})

afterAll(() => stage?.close())

describe('the page of a link', () => {
  it('asks for the password, names nothing before, and hands out the very bytes', async () => {
    const link = await share({
      itemIds: [
        ids.report,
        ids.odd,
        ids.photos,
      ],
      password,
      message,
      expiresAt: new Date(Date.now() + 7 * 86_400_000).toISOString(),
      maxDownloads: 20,
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    await heading(page).waitFor()
    const locked = await page.locator('body').textContent()
    expect(locked).toContain('Northwind')
    for (const secret of [
      'Report',
      'Photos',
      'Robin',
      'signed set',
    ]) expect(locked).not.toContain(secret)
    await expectAccessible(page, 'locked link')
    await expectReflow(page)
    await portray(page, 'public-locked')

    const field = page.getByLabel('Password', { exact: true })
    await field.fill('a wrong guess')
    await field.press('Enter')
    await page.getByRole('alert').getByText('The password is wrong').waitFor()
    await expectAccessible(page, 'wrong password')

    await field.fill(password)
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('Robin Keller shared 106 files').waitFor()
    await page.getByText('20 downloads left').waitFor()
    await expectAccessible(page, 'link')
    await expectReflow(page)
    await portray(page, 'public-link')

    const { name, data } = await save(page, () => page.getByRole('button', { name: /Report Q3\.pdf/ }).click())
    expect(name).toBe('Report Q3.pdf')
    expect(sha256(data)).toBe(sha256(bytes))
    await page.getByText('The download of Report Q3.pdf has started.').waitFor()
    await page.getByText('19 downloads left').waitFor()
    await page.getByRole('button', { name: 'Show checksums' }).click()
    await page.getByText(sha256(bytes)).waitFor()
    await expectAccessible(page, 'link after a download')
    await expectReflow(page)
    await portray(page, 'public-downloaded')

    const all = await save(page, () => page.getByRole('button', { name: /Download all/ }).click())
    expect(all.name).toMatch(/^Northwind.* \d{4}-\d\d-\d\d\.zip$/)
    await page.getByText(`The download of ${all.name} has started.`).waitFor()
    expect(all.data.subarray(0, 2).toString()).toBe('PK')
    expect(all.data.includes('Photos/Building site/roof.jpg')).toBe(true)

    // The grant outlives a reload in a cookie alone: no script of the page can read or has kept it, nor the token.
    await page.reload()
    await page.getByText('18 downloads left').waitFor()
    const kept = await page.evaluate(() => JSON.stringify({
      ...localStorage,
      ...sessionStorage,
    }) + document.cookie)
    expect(kept).not.toContain(link.split('/').at(-1)!)
    expect(kept).not.toContain('eyJ')
    expect(faults).toEqual([])
    await context.close()
  })

  soakIt('slows down guessing, says how long, and then takes the right password', async () => {
    const link = await share({
      itemIds: [ids.report],
      password,
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.clock.install()
    // The server says one second at first, which may be over before it is read: here ten minutes, by the page's clock.
    const waits: number[] = []
    await page.route('**/unlock', async (route) => {
      const response = await route.fetch()
      if (response.status() !== 429) return route.fulfill({ response })
      waits.push(Number(response.headers()['retry-after']))
      await route.fulfill({
        response,
        headers: {
          ...response.headers(),
          'retry-after': '600',
        },
      })
    })
    await page.goto(link)
    const field = page.getByLabel('Password', { exact: true })
    const wait = page.getByRole('timer')
    for (let guess = 0; guess < 12 && waits.length === 0; guess++) {
      await field.fill(`guess ${guess}`)
      await Promise.all([
        page.waitForResponse(/\/unlock$/),
        field.press('Enter'),
      ])
      await page.getByRole('alert').getByText(/wrong|Too many/).waitFor()
    }
    expect(waits[0]).toBeGreaterThan(0)
    await wait.getByText(/Try again in \d+ min/).waitFor()
    await expectAccessible(page, 'made to wait')
    // The server's own wait may not be over yet.
    await expect.poll(async () => {
      await page.clock.runFor(600_000)
      await wait.waitFor({ state: 'hidden' })
      await field.fill(password)
      await Promise.all([
        page.waitForResponse(/\/unlock$/),
        page.getByRole('button', { name: 'Open' }).click(),
      ])
      await page.getByText('Robin Keller shared one file').or(wait).first().waitFor()
      return wait.count()
    }, { interval: 1000 }).toBe(0)
    await page.getByText('Robin Keller shared one file').waitFor()
    expect(faults).toEqual([])
    await context.close()
  })

  it('walks through folders by the address, a page at a time', async () => {
    const link = await share({
      itemIds: [ids.photos],
      title: 'Site visit',
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    await heading(page).getByText('Site visit').waitFor()
    await page.getByRole('button', { name: /Photos.*Open folder/ }).click()
    await page.getByRole('button', { name: /Building site.*Open folder/ }).click()
    await page.getByRole('button', { name: /roof\.jpg/ }).waitFor()
    expect(new URL(page.url()).searchParams.get('folder')).toBe(ids.site)
    const path = page.getByRole('navigation', { name: 'Folders' })
    expect((await path.getByRole('listitem').allTextContents()).map(text => text.trim())).toEqual(['All files', 'Photos', 'Building site'])
    await expectAccessible(page, 'folder of a link')
    await expectReflow(page)
    await portray(page, 'public-folder')

    await page.reload()
    await page.getByRole('button', { name: /roof\.jpg/ }).waitFor()
    await path.getByRole('button', { name: 'Photos' }).click()
    await page.getByRole('button', { name: /Many.*Open folder/ }).click()
    await page.getByRole('button', { name: /scan-100/ }).waitFor()
    expect(await page.getByRole('button', { name: /scan-103/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'Show more' }).click()
    await page.getByRole('button', { name: /scan-103/ }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: /Building site.*Open folder/ }).waitFor()

    const folder = await save(page, () => page.getByRole('button', { name: /Download the folder Building site/ }).click())
    expect(folder.name).toBe('Building site.zip')
    expect(folder.data.includes('roof.jpg')).toBe(true)
    await path.getByRole('button', { name: 'All files' }).click()
    const all = await save(page, () => page.getByRole('button', { name: /^Download all/ }).click())
    expect(all.name).toBe('Site visit.zip')
    await page.getByText('The download of Site visit.zip has started.').waitFor()
    expect(faults).toEqual([])
    await context.close()
  })

  soakIt('begins a folder at the top of the page, all at once, and is where it was by Back', async () => {
    const albums = await stage.makeFolder(stage.rootId, 'Albums')
    for (let n = 10; n < 40; n++) await stage.makeFolder(albums, `Album ${n}`)
    const link = await share({
      itemIds: [albums],
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    await page.getByRole('button', { name: /Albums.*Open folder/ }).click()
    const album = page.getByRole('button', { name: /Album 31.*Open folder/ })
    await album.waitFor()
    await page.getByText('What is recorded').click()
    const top = () => page.evaluate(() => scrollY)
    const notice = page.locator('details[open]')
    await notice.waitFor()
    await album.evaluate(element => element.scrollIntoView({ block: 'center' }))
    const before = await top()
    expect(before).toBeGreaterThan(500)

    // On a slow line the list stays until the other has come, and what is below it stays where it is.
    let release = () => {}
    const held = new Promise<void>(resolve => release = resolve)
    await page.route('**/items?*', async (route) => {
      await held
      await route.continue()
    })
    await album.click()
    await page.locator('section[aria-busy=true]').waitFor()
    expect(await page.getByRole('button', { name: /Album \d.*Open folder/ }).count()).toBe(30)
    release()
    await page.getByText('There is nothing in here.').waitFor()
    await expect.poll(top).toBe(0)
    expect(await notice.count()).toBe(1)

    await page.goBack()
    await album.waitFor()
    await expect.poll(top).toBe(before)
    expect(await notice.count()).toBe(1)
    expect(faults).toEqual([])
    await context.close()
  })

  it('calls one file by its name, not everything', async () => {
    const link = await share({
      itemIds: [ids.report],
      title: 'Figures',
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    await page.getByRole('region', { name: 'Report Q3.pdf' }).waitFor()
    const { name } = await save(page, () => page.getByRole('button', { name: /^Download ·/ }).click())
    expect(name).toBe('Report Q3.pdf')
    await page.getByText('The download of Report Q3.pdf has started.').waitFor()
    expect(await page.locator('#main').textContent()).not.toMatch(/everything|all files|download all/i)
    expect(faults).toEqual([])
    await context.close()
  })

  it('says one and the same for used up, unknown and revoked links', async () => {
    const link = await share({
      itemIds: [ids.report],
      maxDownloads: 1,
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    const { data } = await save(page, () => page.getByRole('button', { name: /^Download ·/ }).click())
    expect(sha256(data)).toBe(sha256(bytes))
    await page.getByText('That was the last download of this link.').waitFor()
    expect(await page.getByRole('button', { name: /^Download ·/ }).count()).toBe(0)
    await expectAccessible(page, 'last download')

    const revoked = await stage.api<{ id: string, url: string }>('POST', `/workspaces/${stage.owner.workspaceId}/links`, {
      itemIds: [ids.report],
    })
    await stage.api('DELETE', `/workspaces/${stage.owner.workspaceId}/links/${revoked.id}`)
    const texts: (string | null)[] = []
    for (const path of [
      link,
      new URL(revoked.url).pathname,
      `/s/${'A'.repeat(43)}`,
      '/s/short',
      `/s/${'x'.repeat(900)}`,
    ]) {
      await page.goto(path)
      await heading(page).getByText('This link does not work (any more)').waitFor()
      texts.push(await page.locator('#main').textContent())
    }
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).not.toContain('Northwind')
    await expectAccessible(page, 'link that does not work')
    await expectReflow(page)
    await portray(page, 'public-gone')
    expect(faults).toEqual([])
    await context.close()
  })

  it('speaks German and remembers it', async () => {
    const link = await share({
      itemIds: [ids.report],
      message,
    })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(link)
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de')
    await page.getByText('Robin Keller hat eine Datei freigegeben').waitFor()
    await page.reload()
    await page.getByText('Robin Keller hat eine Datei freigegeben').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('de')
    await page.getByText('Was aufgezeichnet wird').click()
    await page.getByText('Northwind kann diese Einträge sehen').waitFor()
    await expectAccessible(page, 'link in German')
    await portray(page, 'public-german')
    expect(faults).toEqual([])
    await context.close()
  })

  it('says what is missing without JavaScript', async () => {
    const { context, page } = await visit(browser, instance, { viewport: phone, javaScriptEnabled: false })
    for (const path of ['/s/anything', '/login']) {
      await page.goto(path)
      await page.getByRole('heading', { name: 'This page needs JavaScript' }).waitFor()
    }
    await context.close()
  })
})
