import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import type { SourceFolder } from './uploads-kit.ts'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakDescribe } from '../../server/test/soak.ts'
import { desktop, enter, expectAccessible, findChromium, heading, portray, visit } from './harness.ts'
import { openStage } from './stage.ts'
import { holdParts, makeSourceFolder, pickFiles, rememberedUploads, rowOf, trayOf } from './uploads-kit.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let account: Account
let sources: SourceFolder
let visitor: Visit
let page: Page

beforeAll(async () => {
  sources = makeSourceFolder()
  stage = await openStage('shell')
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

const dialog = () => page.getByRole('dialog', { name: 'Sign out while files are being uploaded?' })

async function signOut(on: Page) {
  await on.getByRole('button', { name: /account menu/ }).click()
  await on.getByRole('menuitem', { name: 'Sign out' }).click()
}

describe('signing out while files go up', () => {
  it('asks, in the tab that sends and in another, and keeps what has gone up for the person', async () => {
    const id = await stage.makeFolder(stage.rootId, 'Going')
    const path = `/w/${account.slug}/files/${id}`
    const file = sources.make('Long.bin', 20_000_000)
    await enter(page, account, path)
    const parts = await holdParts(page)
    await pickFiles(page, file)
    // One part has arrived, and that is written down.
    await expect.poll(() => parts.waiting()).toBeGreaterThan(0)
    await expect.poll(() => rememberedUploads(page)).toMatchObject([
      { name: 'Long.bin', kept: true },
    ])
    await signOut(page)
    await dialog().getByText('Long.bin').waitFor()
    await expectAccessible(page, 'sign-out dialog')
    await portray(page, 'shell-sign-out')
    await page.getByRole('button', { name: 'Stay signed in' }).click()
    await dialog().waitFor({ state: 'detached' })
    await trayOf(page).getByText('Long.bin').waitFor()

    const other = await visitor.context.newPage()
    await other.goto(`/w/${account.slug}/links`)
    await signOut(other)
    const asked = other.getByRole('dialog', { name: 'Sign out while files are being uploaded?' })
    await asked.getByRole('button', { name: 'Sign out' }).click()
    await other.waitForURL(/\/login/)
    await page.waitForURL(/\/login/)
    // Not the bytes, and no way to them.
    expect(await rememberedUploads(page)).toMatchObject([
      { name: 'Long.bin', kept: false },
    ])
    await other.close()

    parts.release()
    await enter(page, account, path)
    await trayOf(page).getByText('Choose the same file again to go on').waitFor()
    const begun = parts.asked.length
    const chosen = page.waitForEvent('filechooser')
    await trayOf(page).getByRole('button', { name: 'Choose file…' }).click()
    await (await chosen).setFiles(file)
    await rowOf(page, 'Long.bin').waitFor()
    // The first part is not sent again.
    expect(parts.asked.slice(begun)).not.toContain(1)
  })
})

it('says that there is no page, signed in or not, in one of the staff’s addresses or any other', async () => {
  await page.goto('/nowhere')
  await heading(page).getByText('Page not found').waitFor()
  await enter(page, account, '/nowhere')
  for (const path of ['/nowhere', '/w/nobody/files', '/admin/requests']) {
    await page.goto(path)
    await heading(page).getByText('Page not found').waitFor()
    expect(new URL(page.url()).pathname).toBe(path)
  }
  await expectAccessible(page, 'page not found')
  await portray(page, 'shell-not-found')
  await page.getByRole('link', { name: 'Go to the start' }).click()
  await page.waitForURL(url => url.pathname === `/w/${account.slug}/files`)
})

soakDescribe('a browser that keeps no site data', () => {
  it('is told what the page needs', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'profile-'))
    mkdirSync(join(profile, 'Default'))
    writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({
      profile: {
        default_content_setting_values: { cookies: 2 },
      },
    }))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: findChromium(),
      timeout: 120_000,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      baseURL: instance.url,
      viewport: desktop,
      locale: 'en-GB',
    })
    try {
      const blocked = await context.newPage()
      const errors: string[] = []
      blocked.on('pageerror', error => errors.push(error.message))
      await blocked.goto('/login')
      await blocked.getByRole('heading', { name: 'Your browser lets this page keep nothing' }).waitFor()
      await expectAccessible(blocked, 'page without site data')
      await portray(blocked, 'shell-site-data')
      // Nobody who only reads needs any.
      await blocked.goto('/policies')
      await blocked.getByRole('heading', { level: 1 }).waitFor()
      expect(errors).toEqual([])
    }
    finally {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    }
  })
})
