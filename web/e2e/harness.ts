import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { Instance, Person } from './instance.ts'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { expect } from 'vitest'
import { cookies } from '../../server/src/cookies.ts'
import { browserStorage } from '../../server/src/http/browser-storage.ts'

/** What every browser test stands on: a Chromium, axe, and pictures. */
const output = fileURLToPath(new URL('./output/', import.meta.url))
const soak = process.env.SOAK === 'true'
/** What messages are named after. */
const wordSpaces = [
  ...readdirSync(fileURLToPath(new URL('../src/features', import.meta.url))).map(name => name.replace(/-./g, part => part[1]!.toUpperCase())),
  ...readdirSync(fileURLToPath(new URL('../src/locales/en', import.meta.url))).map(file => file.replace('.json', '')),
  'visitor',
]

export const desktop = { width: 1280, height: 800 }
export const phone = { width: 390, height: 844 }

export function findChromium(): string {
  const found = [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ].find(path => path && existsSync(path))
  if (!found) throw new Error('There is no Chromium: install one (apt-get install chromium) or set CHROMIUM_PATH.')
  return found
}

/** Chromium without windows: the same engine, for two thirds of the processor's time (ADR 0017). */
const headlessShell = '/usr/bin/chromium-headless-shell'

/** In the soak what people use; in the gate what costs least: the headless shell where there is one, and no script compiled for a run as short as a test's. */
export function launchBrowser(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: !soak && existsSync(headlessShell)
      ? headlessShell
      : findChromium(),
    timeout: 120_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      ...soak
        ? []
        : ['--js-flags=--no-opt --no-maglev'],
      ...more,
    ],
  })
}

export interface Visit {
  context: BrowserContext
  page: Page
  /** What a good page never does: errors in the console, exceptions, requests to another origin. Expect it to be empty. */
  faults: string[]
}

/** A browser with an empty profile at the instance: English, without motion, may use the clipboard, and told on when it misbehaves. */
export async function visit(browser: Browser, instance: Instance, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: instance.url,
    viewport: desktop,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    acceptDownloads: true,
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(180_000)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: instance.url })
  const faults: string[] = []
  context.on('page', (page) => {
    page.on('pageerror', error => faults.push(`exception: ${error.stack || `${error.name}: ${error.message}`}`))
    page.on('console', (message) => {
      // Chromium reports every answer that is no success; which of them are right is for the test to say.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(`console: ${message.text()}`)
    })
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== instance.url) faults.push(`leaves the origin: ${request.url()}`)
    })
  })
  return {
    context,
    page: await context.newPage(),
    faults,
  }
}

export const stepUpDialog = (page: Page) => page.getByRole('dialog', { name: /^(?:Confirm that it is you|Bestätigen Sie, dass Sie es sind)$/ })

/** A dangerous act asks who it is five minutes after the sign-in: no test fails because it took longer. */
async function answerStepUps(page: Page, password: string): Promise<void> {
  await page.addLocatorHandler(stepUpDialog(page), async (dialog) => {
    await dialog.locator('input[autocomplete=current-password]').fill(password)
    await dialog.locator('[type=submit]').click()
  })
}

/** Through the sign-in page, as a person does. */
export async function signIn(page: Page, { email, password }: Pick<Person, 'email' | 'password'>, next = '/'): Promise<void> {
  await page.goto(next === '/'
    ? '/login'
    : `/login?next=${encodeURIComponent(next)}`)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(url => url.pathname !== '/login')
  await answerStepUps(page, password)
}

/** Signed in without the page for it, which costs a load of the app. */
export async function enter(page: Page, { email, password }: Pick<Person, 'email' | 'password'>, path: string): Promise<void> {
  const answer = await page.request.post('/api/v1/auth/login', {
    data: { email, password },
  })
  expect(answer.status(), await answer.text()).toBe(200)
  const { user } = await answer.json() as { user: { id: string } }
  // Without this hint the app does not ask who is signed in.
  await page.addInitScript((id) => {
    // A sandboxed frame has no origin, and no storage.
    if (window.origin !== 'null') localStorage.setItem('clientshare.session', id)
  }, user.id)
  await answerStepUps(page, password)
  await page.goto(path)
}

/**
 * What just happened offers to be taken back for some seconds; from the next page on, for an hour: a slow machine must not miss it.
 */
export async function keepToasts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const start = window.setTimeout
    // No type knows both Node's and the browser's.
    window.setTimeout = ((run: () => void, ms?: number, ...rest: []) => start(run, ms === 6000
      ? 3_600_000
      : ms, ...rest)) as typeof window.setTimeout
  })
}

export type Theme = 'light' | 'dark'

/** In the soak both; else one, which is always the same for what has this name, so that both are looked at somewhere. */
function themesOf(what: string, given?: Theme): Theme[] {
  return soak
    ? ['light', 'dark']
    : [given ?? themeOf(what)]
}

export function themeOf(what: string): Theme {
  return [...what].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 2 === 0
    ? 'light'
    : 'dark'
}

/** The page as it is in a theme, with nothing moving. */
async function show(page: Page, theme: Theme): Promise<void> {
  await page.emulateMedia({ colorScheme: theme })
  await page.waitForFunction(theme => document.documentElement.classList.contains('dark') === (theme === 'dark'), theme)
  await settle(page)
}

/** Until what was changed is drawn and every animation that ends has ended. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready
    for (let drawn = 0; drawn < 2;) {
      await new Promise(requestAnimationFrame)
      const moving = document.getAnimations().filter(animation => animation.playState === 'running' && Number.isFinite(animation.effect?.getComputedTiming().endTime))
      if (moving.length === 0) drawn++
      else await Promise.allSettled(moving.map(animation => animation.finished))
    }
  })
}

/** WCAG 2.2 AA by axe: no violation. */
export async function expectAccessible(page: Page, what: string, given?: Theme): Promise<void> {
  await expectWords(page, what)
  for (const theme of themesOf(what, given)) {
    await show(page, theme)
    const { violations } = await new AxeBuilder({ page })
      // In the page itself: there are no frames, and a page of its own for the result costs as much as the rest.
      .setLegacyMode()
      .options({
        resultTypes: ['violations'],
      })
      .withTags([
        'wcag2a',
        'wcag2aa',
        'wcag21a',
        'wcag21aa',
        'wcag22aa',
        'best-practice',
      ])
      // Keep the focus inside a toast: hidden elements that take it, which axe holds against the library.
      .exclude('[role=region] > span[aria-hidden=true][tabindex="0"]')
      .analyze()
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 4).map(node => `${node.html.slice(0, 200)}\n      ${node.any.map(({ message }) => message).join('; ')}`).join('\n    ')}`)
    expect(found, `${what}, ${theme}`).toEqual([])
  }
}

/** No key of a message stands where its words should: their part did not bring them (`wordsWithTheirUsers` in vite-plugins.ts). */
async function expectWords(page: Page, what: string): Promise<void> {
  const keys = await page.evaluate((names) => {
    const key = new RegExp(`^(?:${names.join('|')})(?:\\.\\w+)+$`)
    const texts: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) texts.push(walker.currentNode.textContent!.trim())
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      for (const name of ['aria-label', 'title', 'placeholder']) texts.push(element.getAttribute(name) ?? '')
    }
    return texts.filter(text => key.test(text))
  }, wordSpaces)
  expect(keys, `${what}: keys instead of words`).toEqual([])
}

/** Nothing is wider than the window. */
export async function expectNoOverflow(page: Page, what: string): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), { message: `${what} is no wider than the window` }).toBeLessThanOrEqual(0)
}

/** What the page left in the browser stands in the server's registers, which policy texts tell of. */
export async function expectRegistered(page: Page): Promise<void> {
  const address = page.url()
  if (page.isClosed() || !/^https?:/.test(address)) return
  const known: string[] = browserStorage.map(({ key }) => key)
  const kept = await page.evaluate(async () => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
    ...(await indexedDB.databases()).map(({ name }) => name!),
  ])
  expect(kept.filter(key => !known.includes(key)), 'what the page keeps in the browser is in http/browser-storage.ts').toEqual([])
  const names = cookies.map(({ name }) => name({ publicUrl: address }))
  const set = (await page.context().cookies(address)).map(({ name }) => name)
  expect(set.filter(name => !names.includes(name)), 'the cookies are in cookies.ts').toEqual([])
}

/** At both widths, in the soak also axe on the phone in the other theme; the page is left at the desktop's. */
export async function expectGood(page: Page, what: string): Promise<void> {
  const theme = themeOf(what)
  await expectAccessible(page, what, theme)
  await screenshot(page, what)
  const size = page.viewportSize()!
  await expectAligned(page, what)
  if (soak) {
    await page.setViewportSize({ width: 1920, height: 800 })
    await expectAligned(page, `${what} at 1920 px`)
  }
  await page.setViewportSize(phone)
  await expectAligned(page, `${what} on a phone`)
  await expectNoOverflow(page, `${what} on a phone`)
  if (soak) {
    await expectAccessible(page, `${what} on a phone`, theme === 'light'
      ? 'dark'
      : 'light')
  }
  await screenshot(page, `${what}-phone`)
  await page.setViewportSize(size)
}

/** What a page holds begins where its title does, or the arrow before that. What is in the middle on purpose (an empty list says so) is no content. */
async function expectAligned(page: Page, what: string): Promise<void> {
  const edges = await page.evaluate(() => {
    const title = document.querySelector('main h1')?.closest('header')?.firstElementChild
    const body = document.querySelector('main .page-body')
    if (!title || !body) return null
    const shown = [...body.children].filter(child => child.getBoundingClientRect().height > 0 && !child.classList.contains('text-center') && child.role !== 'alert')
    return {
      title: title.getBoundingClientRect().left + Number.parseFloat(getComputedStyle(title).paddingInlineStart),
      content: shown.map(child => child.getBoundingClientRect().left),
    }
  })
  for (const left of edges?.content ?? []) expect(Math.abs(left - edges!.title), `${what}: the left edge of the content`).toBeLessThanOrEqual(1)
}

/** In the soak, a picture in `web/e2e/output/`, to be looked at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (!soak) return
  mkdirSync(output, { recursive: true })
  await settle(page)
  await page.screenshot({
    path: join(output, `${name}.png`),
    animations: 'disabled',
  })
}

/** In the soak, pictures at both sizes, light and dark, to be looked at. */
export async function portray(page: Page, name: string): Promise<void> {
  if (!soak) return
  const before = page.viewportSize()!
  for (const [size, viewport] of Object.entries({ phone, desktop })) {
    await page.setViewportSize(viewport)
    for (const theme of ['light', 'dark'] as const) {
      await show(page, theme)
      await screenshot(page, `${name}-${size}-${theme}`)
    }
  }
  await page.setViewportSize(before)
}

/** Presses what starts a download, and returns what arrived on the disk. */
export async function save(page: Page, press: () => Promise<void>): Promise<{ name: string, data: Buffer }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    press(),
  ])
  return {
    name: download.suggestedFilename(),
    data: await readFile(await download.path()),
  }
}

/** No sideways scrolling, down to the smallest phones (WCAG 1.4.10). */
export async function expectReflow(page: Page): Promise<void> {
  const before = page.viewportSize()!
  await page.setViewportSize({ width: 320, height: 640 })
  await expectNoOverflow(page, 'the page at 320 px')
  await page.setViewportSize(before)
}

export const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
export const heading = (page: Page) => page.getByRole('heading', { level: 1 })
