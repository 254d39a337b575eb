import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { expect } from 'vitest'

/** What every browser test stands on: a real server with a data folder of its own, a Chromium, axe, and pictures. */
const launcher = fileURLToPath(new URL('../../scripts/launch.ts', import.meta.url))
const output = fileURLToPath(new URL('./output/', import.meta.url))
const START_MS = 60_000

export const desktop = { width: 1280, height: 800 }
export const phone = { width: 390, height: 844 }

export interface Instance {
  /** `http://localhost:<port>` */
  url: string
  setupToken: string
  /** SIGKILL, then a start on the same data: what a crash looks like to a browser. */
  crash: () => Promise<void>
  stop: () => Promise<void>
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Starts the launcher with an embedded PostgreSQL and a temporary DATA_DIR; `stop` leaves nothing behind. */
export async function startInstance(settings: Record<string, string> = {}): Promise<Instance> {
  const home = mkdtempSync(join(tmpdir(), 'clientshare-e2e-'))
  const port = await findFreePort()
  const setupToken = 'e2e-set-up-token-of-this-run-alone'
  const { DATABASE_URL: _url, SECRET_KEY: _key, SECRET_KEY_FILE: _file, ...inherited } = process.env

  async function start() {
    const child = spawn(process.execPath, [launcher], {
      env: {
        ...inherited,
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        PORT: String(port),
        HOST: 'localhost',
        PUBLIC_URL: `http://localhost:${port}`,
        DATA_DIR: join(home, 'data'),
        SETUP_TOKEN: setupToken,
        ...settings,
      },
      stdio: [
        'ignore',
        'pipe',
        'pipe',
        'ipc',
      ],
    })
    let text = ''
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (chunk: string) => text += chunk)
    const exited = once(child, 'exit')
    const deadline = Date.now() + START_MS
    while (!text.includes('ClientShare is ready')) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill('SIGTERM')
        throw new Error(`The server did not get ready:\n${text}`)
      }
      await sleep(50)
    }
    return { child, exited }
  }

  let running = await start().catch((error) => {
    rmSync(home, { recursive: true, force: true })
    throw error
  })
  return {
    url: `http://localhost:${port}`,
    setupToken,
    async crash() {
      // The launcher dies without a word; the server notices by its channel, PostgreSQL is recovered by the next start.
      running.child.kill('SIGKILL')
      await running.exited
      await sleep(500)
      running = await start()
    },
    async stop() {
      running.child.kill('SIGTERM')
      await running.exited
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export interface Account {
  name: string
  email: string
  password: string
  workspaceId: string
  slug: string
  accessToken: string
}

/** Calls the API as a program does, without the browser: for what a test needs but does not test. */
export async function callApi<T = Record<string, any>>(instance: Instance, method: string, path: string, body?: unknown, token?: string): Promise<T> {
  const response = await fetch(`${instance.url}/api/v1${path}`, {
    method,
    headers: {
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json' }),
      ...(token
        ? { authorization: `Bearer ${token}` }
        : {}),
    },
    body: body === undefined
      ? undefined
      : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return (text
    ? JSON.parse(text)
    : undefined) as T
}

/** Does what the wizard does, by the API: an operator who owns the workspace “Northwind”. */
export async function setUpInstance(instance: Instance): Promise<Account> {
  const person = { name: 'Robin Keller', email: 'robin@northwind.example', password: 'a long walk by the canal' }
  const { accessToken } = await callApi<{ accessToken: string }>(instance, 'POST', '/setup', {
    token: instance.setupToken,
    instanceName: 'Northwind files',
    ...person,
  })
  const workspace = await callApi<{ id: string, slug: string }>(instance, 'POST', '/workspaces', { name: 'Northwind', slug: 'northwind' }, accessToken)
  return {
    ...person,
    workspaceId: workspace.id,
    slug: workspace.slug,
    accessToken,
  }
}

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

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
    ],
  })
}

export interface Visit {
  context: BrowserContext
  page: Page
  /** What a good page never does: errors in the console, exceptions, requests to another origin. Expect it to be empty. */
  faults: string[]
}

/** A browser with an empty profile at the instance: English, may use the clipboard, and told on when it misbehaves. */
export async function visit(browser: Browser, instance: Instance, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: instance.url,
    viewport: desktop,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    acceptDownloads: true,
    ...options,
  })
  context.setDefaultTimeout(15_000)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: instance.url })
  const faults: string[] = []
  context.on('page', (page) => {
    page.on('pageerror', error => faults.push(`exception: ${error.stack ?? error.message}`))
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

/** Through the sign-in page, as a person does. */
export async function signIn(page: Page, { email, password }: Pick<Account, 'email' | 'password'>, next = '/'): Promise<void> {
  await page.goto(next === '/'
    ? '/login'
    : `/login?next=${encodeURIComponent(next)}`)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(url => url.pathname !== '/login')
}

/** WCAG 2.2 AA by axe, in light and in dark: no violation. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Colours fade over; axe would measure them half way.
    await page.waitForTimeout(250)
    const { violations } = await new AxeBuilder({ page }).withTags([
      'wcag2a',
      'wcag2aa',
      'wcag21a',
      'wcag21aa',
      'wcag22aa',
      'best-practice',
    ]).analyze()
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 4).map(node => `${node.html.slice(0, 200)}\n      ${node.any.map(({ message }) => message).join('; ')}`).join('\n    ')}`)
    expect(found, `${what}, ${colorScheme}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
}

/** A picture in `web/e2e/output/`, to be looked at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(output, { recursive: true })
  await page.screenshot({
    path: join(output, `${name}.png`),
    animations: 'disabled',
  })
}
