import type { Page } from 'playwright-core'
import type { Stage } from './stage.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isSoak } from '../../server/test/soak.ts'
import { desktop, enter, heading, phone, settle, visit } from './harness.ts'
import { openOwnStage } from './stage.ts'

/** What a page asks for before it stands, and that it stands still from then on. */

let stage: Stage
let link: string
let folderLink: string
let lockedLink: string

beforeAll(async () => {
  stage = await openOwnStage()
  const files = await Promise.all(['Report Q3.pdf', 'Budget.xlsx', 'Notes.txt'].map(name => stage.upload(stage.rootId, name, Buffer.from(name))))
  const photos = await stage.makeFolder(stage.rootId, 'Photos')
  await stage.upload(photos, 'roof.jpg', Buffer.from('not really a picture'))
  link = await stage.share({ itemIds: files, title: 'The signed set', message: 'Thanks!' })
  folderLink = await stage.share({
    itemIds: [photos],
  })
  lockedLink = await stage.share({
    itemIds: [photos],
    password: 'blue lantern on the pier',
  })
  for (const [kind, title] of [
    ['privacy', 'Privacy policy'],
    ['terms', 'Terms of use'],
  ]) {
    const { id } = await stage.operator<{ id: string }>('POST', '/admin/policies', {
      kind,
      slug: kind,
      title,
      markdown: [
        `# ${title}`,
        ...Array.from({ length: 12 }, (_, n) => `## Part ${n + 1}\n\nA paragraph that says what is kept, and for how long.`),
      ].join('\n\n'),
    })
    await stage.operator('POST', `/admin/policies/${id}/publish`, {
      effectiveOn: new Date().toISOString().slice(0, 10),
      summary: 'First version.',
    })
  }
})

afterAll(() => stage?.close())

interface Load { requests: number, kib: number, listing: string, twice: string[] }

/** Everything that a page asks for, with the bytes of the bodies as they cross the wire; `settled` when nothing is under way but the live events, which stay open. */
function watch(page: Page): { sizes: Map<string, number>, twice: string[], settled: () => Promise<void> } {
  const sizes = new Map<string, number>()
  const twice: string[] = []
  const pending = new Set<string>()
  page.on('request', (request) => {
    if (sizes.has(request.url())) twice.push(request.url())
    sizes.set(request.url(), 0)
    if (!request.url().endsWith('/events')) pending.add(request.url())
  })
  page.on('requestfinished', async (request) => {
    sizes.set(request.url(), (await request.sizes()).responseBodySize)
    pending.delete(request.url())
  })
  page.on('requestfailed', request => pending.delete(request.url()))
  return {
    sizes,
    twice,
    async settled() {
      await settle(page)
      await expect.poll(() => [...pending]).toEqual([])
      await settle(page)
    },
  }
}

/** What an empty cache asks for, as a client that takes gzip. */
async function load(page: Page, open: () => Promise<unknown>): Promise<Load> {
  await page.setExtraHTTPHeaders({ 'accept-encoding': 'gzip' })
  const { sizes, twice, settled } = watch(page)
  await open()
  await settled()
  return {
    twice,
    requests: sizes.size,
    kib: [
      ...sizes.values(),
    ].reduce((sum, bytes) => sum + bytes, 0) / 1024,
    listing: [...sizes].sort((a, b) => b[1] - a[1]).map(([url, bytes]) => `${bytes} ${new URL(url).pathname}`).join('\n'),
  }
}

interface Shift { value: number, what: string[] }

/** What moved without the reader having done anything, however late the answers came. */
async function shiftsOf(page: Page, open: () => Promise<unknown>): Promise<Shift[]> {
  await page.addInitScript(() => {
    const shifts: Shift[] = []
    Object.assign(window, { shifts })
    interface LayoutShift extends PerformanceEntry { value: number, sources: { node: Element | null, previousRect: DOMRect, currentRect: DOMRect }[] }
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries() as LayoutShift[]) {
        shifts.push({
          value,
          what: sources.map(({ node, previousRect, currentRect }) => `${node?.nodeName} ${node?.textContent?.trim().slice(0, 40)} ${previousRect.y}+${previousRect.height} → ${currentRect.y}+${currentRect.height}`),
        })
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  // Each answer comes when what was there without it has been painted.
  await page.route('**/api/**', async (route) => {
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))).catch(() => {})
    await route.continue().catch(() => {})
  })
  const { settled } = watch(page)
  await open()
  await settled()
  return page.evaluate(() => (window as unknown as { shifts: Shift[] }).shifts)
}

const visitorPage = (path: () => string) => async (page: Page) => {
  await page.goto(path())
  await heading(page).waitFor()
}
const staffPage = (path: string) => async (page: Page) => {
  await enter(page, stage.owner, path.replace(':slug', stage.owner.slug))
  await heading(page).waitFor()
}
const files = staffPage('/w/:slug/files')

/** In the gate the four that people meet first, on a phone; in the soak every page at both widths. */
const still = [
  {
    name: 'a link',
    open: visitorPage(() => link),
  },
  {
    name: 'a link to a folder',
    open: visitorPage(() => folderLink),
  },
  {
    name: 'a locked link',
    open: visitorPage(() => lockedLink),
  },
  {
    name: 'the policies',
    open: visitorPage(() => '/policies'),
  },
  {
    name: 'a policy',
    open: visitorPage(() => '/policies/privacy'),
  },
  {
    name: 'the sign-in page',
    open: visitorPage(() => '/login'),
  },
  { name: 'the files', open: files },
  {
    name: 'the links',
    open: staffPage('/w/:slug/links'),
  },
  {
    name: 'the activity',
    open: staffPage('/w/:slug/activity'),
  },
  {
    name: 'the members',
    open: staffPage('/w/:slug/members'),
  },
  {
    name: 'the trash',
    open: staffPage('/w/:slug/trash'),
  },
  {
    name: 'the settings',
    open: staffPage('/admin/settings'),
  },
  {
    name: 'the operator’s policies',
    open: staffPage('/admin/policies'),
  },
]

describe('the first load', () => {
  it.each([
    {
      name: 'a link',
      viewport: phone,
      requests: 10,
      kib: 104,
      open: visitorPage(() => link),
    },
    {
      name: 'a policy',
      viewport: phone,
      requests: 15,
      // With contents, languages, and notes of what is so no more, which may not move the text when they come.
      kib: 153,
      open: visitorPage(() => '/policies/privacy'),
    },
    {
      name: 'the sign-in page',
      viewport: desktop,
      requests: 12,
      kib: 203,
      open: visitorPage(() => '/login'),
    },
    {
      name: 'the files',
      viewport: desktop,
      requests: 25,
      kib: 305,
      open: files,
    },
  ])('of $name takes at most $requests requests and $kib KiB', async ({ viewport, requests, kib, open }) => {
    const { context, page } = await visit(stage.browser, stage.instance, { viewport })
    const found = await load(page, () => open(page))
    expect.soft(found.requests, found.listing).toBeLessThanOrEqual(requests)
    expect.soft(found.kib, found.listing).toBeLessThanOrEqual(kib)
    // What is asked for ahead of its page is not asked for again by the page: of a link, that counts as an opening.
    expect.soft(found.twice).toEqual([])
    // Nothing of what staff use goes to a visitor, the font neither.
    if (viewport === phone) expect(found.listing).not.toMatch(/shell|start|woff2/)
    await context.close()
  })

  it('shows the frame of the page until the app has come, and nothing of it from then on or without JavaScript', async () => {
    const { context, page } = await visit(stage.browser, stage.instance, { viewport: phone })
    await enter(page, stage.owner, `/w/${stage.owner.slug}/files`)
    for (const path of [
      '/login',
      `/w/${stage.owner.slug}/files`,
    ]) {
      let release!: () => void
      const released = new Promise<void>((resolve) => { release = resolve })
      await page.route('**/assets/*.js', async (route) => {
        await released
        await route.continue()
      })
      await page.goto(path, { waitUntil: 'commit' })
      // Until the styles have come, both kinds of frame are.
      await expect.poll(() => page.locator('#frame svg').filter({ visible: true }).count()).toBe(1)
      expect.soft(await heading(page).count()).toBe(0)
      release()
      await heading(page).waitFor()
      expect.soft(await page.locator('#frame').count(), path).toBe(0)
      await page.unroute('**/assets/*.js')
    }
    await context.close()
    const plain = await visit(stage.browser, stage.instance, { viewport: phone, javaScriptEnabled: false })
    for (const path of ['/login', '/policies']) {
      await plain.page.goto(path)
      await plain.page.getByRole('heading', { name: 'This page needs JavaScript' }).waitFor()
      expect.soft(await plain.page.locator('#frame svg').filter({ visible: true }).count(), path).toBe(0)
    }
    await plain.context.close()
  })

  it.each(isSoak
    ? still
    : still.filter(({ name }) => [
        'a link',
        'a policy',
        'the sign-in page',
        'the files',
      ].includes(name)))('of $name: nothing moves once it is shown', async ({ open }) => {
    for (const viewport of isSoak
      ? [desktop, phone]
      : [phone]) {
      const { context, page } = await visit(stage.browser, stage.instance, { viewport })
      const shifts = await shiftsOf(page, () => open(page))
      const sum = shifts.reduce((sum, { value }) => sum + value, 0)
      expect.soft(sum, JSON.stringify(shifts, null, 1)).toBeLessThan(0.01)
      await context.close()
    }
  })
})
