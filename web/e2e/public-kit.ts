import type { Browser, Page } from 'playwright-core'
import type { Account, Instance } from './harness.ts'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { callApi, desktop, launchBrowser, phone, screenshot, setUpInstance, startInstance } from './harness.ts'

/** What the tests of the pages of people without an account share. */
export interface Stage {
  instance: Instance
  browser: Browser
  owner: Account
  /** Of the team space. */
  rootId: string
  /** As the owner. */
  api: <T = Record<string, any>>(method: string, path: string, body?: unknown) => Promise<T>
  upload: (parentId: string, name: string, data: Buffer) => Promise<string>
  makeFolder: (parentId: string, name: string) => Promise<string>
  /** Makes a link and returns its path. */
  share: (options: Record<string, unknown>) => Promise<string>
  close: () => Promise<void>
}

export const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

export async function setStage(): Promise<Stage> {
  const instance = await startInstance()
  const owner = await setUpInstance(instance)
  const api: Stage['api'] = (method, path, body) => callApi(instance, method, path, body, owner.accessToken)
  const spaces = await api<{ items: { rootFolderId: string }[] }>('GET', `/workspaces/${owner.workspaceId}/spaces`)
  const browser = await launchBrowser()
  return {
    instance,
    browser,
    owner,
    api,
    rootId: spaces.items[0]!.rootFolderId,

    async upload(parentId, name, data) {
      const form = new FormData()
      form.append('file', new Blob([
        new Uint8Array(data),
      ]), name)
      const response = await fetch(`${instance.url}/api/v1/workspaces/${owner.workspaceId}/files?${new URLSearchParams({ parentId, name })}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${owner.accessToken}` },
        body: form,
      })
      const answer = await response.json() as { id: string }
      expect(response.status, JSON.stringify(answer)).toBe(201)
      return answer.id
    },

    async makeFolder(parentId, name) {
      return (await api<{ id: string }>('POST', `/workspaces/${owner.workspaceId}/folders`, { parentId, name })).id
    },

    async share(options) {
      const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/links`, options)
      return new URL(url).pathname
    },

    async close() {
      await browser.close()
      await instance.stop()
    },
  }
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
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await page.setViewportSize(before)
}

/** Both sizes, light and dark, to be looked at. */
export async function portray(page: Page, name: string): Promise<void> {
  const before = page.viewportSize()!
  for (const [size, viewport] of Object.entries({ phone, desktop })) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForTimeout(250)
      await screenshot(page, `public-${name}-${size}-${colorScheme}`)
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  await page.setViewportSize(before)
}

export const heading = (page: Page) => page.getByRole('heading', { level: 1 })
