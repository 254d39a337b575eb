import type { Browser, Page } from 'playwright-core'
import type { Account, Instance, Visit } from './harness.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callApi, desktop, expectAccessible, launchBrowser, phone, screenshot, setUpInstance, signIn, startInstance, visit } from './harness.ts'

let instance: Instance
let browser: Browser
let owner: Account
let visitor: Visit
let page: Page

beforeAll(async () => {
  ;[instance, browser] = await Promise.all([
    startInstance(),
    launchBrowser(),
  ])
  owner = await setUpInstance(instance)
})

afterAll(async () => {
  await browser?.close()
  await instance?.stop()
})

beforeEach(async () => {
  visitor = await visit(browser, instance)
  page = visitor.page
})

afterEach(async () => {
  await visitor.context.close()
  expect(visitor.faults).toEqual([])
})

const card = (name: string) => page.getByRole('article', { name })
const send = (request: object) => callApi(instance, 'POST', '/public/requests', request)

describe('requests', () => {
  it('come in, are counted, answered, taken back, and told in the log', async () => {
    await signIn(page, owner, '/admin/requests')
    await page.getByText('No new requests').waitFor()
    await screenshot(page, 'requests-empty')

    await send({
      kind: 'access',
      name: 'Ana Lindqvist',
      email: 'ana?bcc=x@harbour.example',
      company: 'Harbour & Sons',
      message: 'Hello,\n\nyou sent us drawings last year. <b>May</b> I have access to the new ones?\n\nKind regards\nAna',
    })
    await send({
      kind: 'support',
      name: 'Jonas Weber',
      email: 'jonas@weber.example',
      message: `The download stops at ${'x'.repeat(200)}. ${'It began on Monday and happens on two computers. '.repeat(8)}`,
    })
    await page.reload()
    await card('Jonas Weber').waitFor()
    await page.getByRole('link', { name: 'Requests 2 new' }).waitFor()
    expect(await card('Ana Lindqvist').getByRole('link').getAttribute('href')).toBe('mailto:ana%3Fbcc%3Dx@harbour.example')
    expect(await card('Ana Lindqvist').textContent()).toContain('<b>May</b>')
    await expectAccessible(page, 'the requests')
    for (const [name, viewport] of [
      ['desktop', desktop],
      ['phone', phone],
    ] as const) {
      await page.setViewportSize(viewport)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await screenshot(page, `requests-${name}-${colorScheme}`)
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
    }
    await page.setViewportSize(desktop)

    await card('Ana Lindqvist').getByRole('button', { name: 'Mark as answered' }).click()
    await page.getByText('The request of Ana Lindqvist is answered').first().waitFor()
    await card('Ana Lindqvist').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Requests 1 new' }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await card('Ana Lindqvist').waitFor()

    await card('Jonas Weber').getByRole('button', { name: 'Spam' }).click()
    await card('Jonas Weber').waitFor({ state: 'detached' })
    await page.getByRole('group', { name: 'Show requests' }).getByRole('button', { name: 'Spam' }).click()
    await card('Jonas Weber').getByText(owner.name).waitFor()
    expect(new URL(page.url()).search).toBe('?state=spam')
    await screenshot(page, 'requests-spam')

    await page.goto('/admin/activity')
    await page.getByText('marked a request as spam').waitFor()
    await page.getByText('sent a request for support').waitFor()
    await screenshot(page, 'requests-activity')
  })
})
