// node web/e2e/pictures.ts FOLDER [LOCALE]: a demo instance, and a picture of every page in both themes at two widths; says which are wider than the
// window. `--docs` makes those of the README.
import type { Page } from 'playwright-core'
import { Buffer } from 'node:buffer'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { desktop, enter, launchBrowser, phone, settle } from './harness.ts'
import { apiOf, setUpInstance, startInstance, startPostgres } from './instance.ts'

const docs = process.argv.includes('--docs')
const folder = docs
  ? fileURLToPath(new URL('../../docs/images/', import.meta.url))
  : process.argv[2]!
const locale = docs
  ? 'en-GB'
  : process.argv[3] ?? 'en-GB'
mkdirSync(folder, { recursive: true })

const person = { name: 'Robin Keller', email: 'robin@northwind.example', password: 'a long walk by the canal' }
const { postgres, stop } = await startPostgres()
const instance = await startInstance(postgres)
await setUpInstance(instance, person)
const api = apiOf(instance, person)
const { id: workspaceId } = await api<{ id: string }>('POST', '/workspaces', { name: 'Northwind', slug: 'northwind' })
const base = `/workspaces/${workspaceId}`
const { items: [space] } = await api<{ items: { rootFolderId: string }[] }>('GET', `${base}/spaces`)
const rootId = space!.rootFolderId

async function upload(parentId: string, name: string, size: number): Promise<string> {
  const form = new FormData()
  form.append('file', new Blob([
    Buffer.alloc(size, name),
  ]), name)
  return (await api<{ id: string }>('POST', `${base}/files?${new URLSearchParams({ parentId, name })}`, form)).id
}
const makeFolder = async (parentId: string, name: string) => (await api<{ id: string }>('POST', `${base}/folders`, { parentId, name })).id

await api('PATCH', '/admin/instance', { organisation: 'Northwind Audit GmbH', contactEmail: 'privacy@northwind.example', postalAddress: 'Hafenstraße 4\n20457 Hamburg' })
const contracts = await makeFolder(rootId, 'Contracts')
await makeFolder(rootId, 'Photos of the site')
await makeFolder(rootId, 'Tax 2025')
const report = await upload(rootId, 'Report Q3.pdf', 4_200_000)
const annex = await upload(rootId, 'Annex A.pdf', 1_100_000)
for (const [name, size] of [
  ['Budget 2026.xlsx', 88_000],
  ['Minutes of the meeting.docx', 42_000],
  ['Floor plan.png', 2_300_000],
  ['Interview.mp4', 9_400_000],
  ['Export.csv', 310_000],
  ['Archive.zip', 5_100_000],
  ['Notes.md', 1800],
] as const) await upload(rootId, name, size)
for (const name of ['Framework agreement.pdf', 'Annex 1.pdf', 'Signature page.pdf']) await upload(contracts, name, 640_000)
const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString()
const link = await api<{ url: string }>('POST', `${base}/links`, {
  itemIds: [report, annex, contracts],
  title: 'Audit set',
  message: 'The signed set, thanks!',
  expiresAt: inAWeek,
  maxDownloads: 10,
})
const locked = await api<{ url: string }>('POST', `${base}/links`, {
  itemIds: [report],
  password: 'a quiet heron',
  expiresAt: inAWeek,
})
const invitation = await api<{ url: string }>('POST', `${base}/invitations`, { role: 'staff', spaceRole: 'editor' })
const today = new Date().toISOString().slice(0, 10)
const terms = await api<{ id: string }>('POST', '/admin/policies', {
  kind: 'terms',
  slug: 'terms',
  title: 'Terms of use',
  markdown: '## What this is\n\nNorthwind shares files with its clients here.\n\n## What you may do\n\n- Download what was shared with you.\n- Keep it confidential.\n',
})
await api('POST', `/admin/policies/${terms.id}/publish`, { effectiveOn: today, summary: 'The first version' })
await api('PATCH', `/admin/policies/${terms.id}`, { markdown: '## What this is\n\nNorthwind shares files with its clients and partners here.\n\n## What you may do\n\n- Download what was shared with you.\n- Keep it confidential.\n- Ask us to delete it.\n' })
await api('POST', `/admin/policies/${terms.id}/publish`, { effectiveOn: today, summary: 'Partners are named; you may ask for deletion' })
const privacy = await api<{ id: string }>('POST', '/admin/policies', { kind: 'privacy', slug: 'privacy', title: 'Privacy policy' })
const trashed = await upload(rootId, 'Old draft.pdf', 20_000)
await api('DELETE', `/items/${trashed}`)

const path = (url: string) => new URL(url).pathname
const publicPages: [string, string][] = [
  ['login', '/login'],
  [
    'link',
    path(link.url),
  ],
  [
    'link-locked',
    path(locked.url),
  ],
  ['link-gone', `/s/${'A'.repeat(43)}`],
  [
    'invite',
    path(invitation.url),
  ],
  ['policy', '/policies/terms'],
  ['policy-diff', '/policies/terms/versions/1'],
]
const staffPages: [string, string][] = [
  ['files', `/w/northwind/files`],
  ['trash', '/w/northwind/trash'],
  ['links', '/w/northwind/links'],
  ['members', '/w/northwind/members'],
  ['activity', '/w/northwind/activity'],
  ['policies', '/admin/policies'],
  ['policy-edit', `/admin/policies/${privacy.id}`],
  ['doctor', '/admin/doctor'],
  ['retention', '/admin/retention'],
  ['settings', '/admin/settings'],
  ['workspaces', '/admin/workspaces'],
  ['account', '/account'],
]

const browser = await launchBrowser()
async function shoot(page: Page, name: string): Promise<void> {
  // Live events keep a connection open for ever: there is no quiet network to wait for.
  await page.locator('h1, h2, form').first().waitFor()
  await settle(page)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (overflow > 0) process.stdout.write(`${name} is ${overflow} px too wide\n`)
  await page.screenshot({
    path: join(folder, `${name}.png`),
  })
}

try {
  for (const [width, viewport] of [
    ['desktop', desktop],
    ['phone', phone],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        baseURL: instance.url,
        viewport,
        colorScheme,
        hasTouch: width === 'phone',
        isMobile: width === 'phone',
        locale,
        reducedMotion: 'reduce',
        deviceScaleFactor: docs ? 2 : 1,
      })
      const page = await context.newPage()
      const wanted = (name: string) => !docs || (colorScheme === 'light' && ((width === 'desktop' && ['files', 'share'].includes(name)) || (width === 'phone' && name === 'link')))
      const label = (name: string) => (docs
        ? `${name}${width === 'phone'
          ? '-phone'
          : ''}`
        : `${name}-${width}-${colorScheme}`)
      for (const [name, address] of publicPages) {
        if (!wanted(name)) continue
        await page.goto(address)
        await shoot(page, label(name))
      }
      await enter(page, person, '/')
      await page.waitForURL(/\/w\//)
      for (const [name, address] of staffPages) {
        if (!wanted(name)) continue
        await page.goto(address)
        await shoot(page, label(name))
      }
      if (wanted('share')) {
        await page.goto('/w/northwind/files')
        const row = page.getByText('Report Q3.pdf').first()
        await row.click({ button: 'right' })
        await page.getByRole('menuitem', { name: /share|teilen/i }).first().click()
        await shoot(page, label('share'))
      }
      await context.close()
    }
  }
}
finally {
  await browser.close()
  await instance.stop()
  await stop()
}
