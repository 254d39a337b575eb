import type { TestFile, TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { auditOf } from '../../../test/audit-log.ts'
import { addMember, createFile, createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { notificationsReader } from '../notifications/notifications.reader.ts'
import { links } from './links.table.ts'

const DAY_MS = 86_400_000
const signal = new AbortController().signal
let test: TestApp
let workspace: TestWorkspace
let file: TestFile
let sam: TestUser

beforeAll(async () => {
  test = await createTestApp()
  await test.deps.auditReaders.start([
    notificationsReader(test.deps.notifications),
  ])
})
beforeEach(async () => {
  test.clock.set(new Date('2027-03-01T12:00:00Z'))
  workspace = await createWorkspace(test)
  file = await createFile(test, workspace, { name: 'Report.pdf', content: 'the report' })
  sam = await addMember(test, workspace, 'staff', { spaceRole: 'editor' })
  return () => test.clock.set(null)
})
afterAll(() => test.close())

const inDays = (days: number) => new Date(test.clock.now().getTime() + days * DAY_MS).toISOString()
const call = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => {
  const answer = await test.call(method, `/workspaces/${workspace.id}/links${path}`, { token: sam.token, body })
  expect(answer.status).toBeLessThan(300)
  return answer.body as { id: string }
}
const create = (days: number, title: string) => call('POST', '', {
  itemIds: [file.id],
  title,
  expiresAt: inDays(days),
})
const tell = () => test.deps.links.tellExpiry(signal)
const said = async () => (await auditOf(test, workspace.id, 'link.expir')).map(({ action, subject }) => `${action} ${subject.name}`)

it('is told some days before, and when it is over, each once, however many processes look', async () => {
  await create(10, 'Audit set')
  await tell()
  expect(await said()).toEqual([])
  test.clock.advance(7 * DAY_MS)
  await Promise.all([
    tell(),
    tell(),
    tell(),
  ])
  await tell()
  expect(await said()).toEqual(['link.expiring Audit set'])
  test.clock.advance(3 * DAY_MS)
  await Promise.all([
    tell(),
    tell(),
  ])
  await tell()
  expect(await said()).toEqual(['link.expiring Audit set', 'link.expired Audit set'])
  const [, expired] = await auditOf(test, workspace.id, 'link.expir')
  expect(expired).toMatchObject({
    actor: { kind: 'system' },
    details: {
      expiresAt: test.clock.now().toISOString(),
      openCount: 0,
      downloadCount: 0,
    },
  })
  await expect.poll(async () => (await test.call('GET', '/me/notifications', { token: sam.token })).body.items.map(({ type }: { type: string }) => type)).toEqual(['link.expired', 'link.expiring'])
  // Those who did not make it are not told.
  expect((await test.call('GET', '/me/notifications', { token: workspace.owner.token })).body.items).toEqual([])
})

it('is told anew of another expiry, and not of one that whoever sets it sees is near', async () => {
  const { id } = await create(2, 'Soon')
  await tell()
  expect(await said()).toEqual([])
  await call('PATCH', `/${id}`, {
    expiresAt: inDays(8),
  })
  test.clock.advance(6 * DAY_MS)
  await tell()
  expect(await said()).toEqual(['link.expiring Soon'])
  await call('PATCH', `/${id}`, {
    expiresAt: inDays(9),
  })
  await tell()
  test.clock.advance(7 * DAY_MS)
  await tell()
  expect(await said()).toEqual(['link.expiring Soon', 'link.expiring Soon'])
  // Another title is no other expiry.
  await call('PATCH', `/${id}`, { title: 'Sooner' })
  await tell()
  await call('PATCH', `/${id}`, {
    expiresAt: inDays(1),
  })
  await tell()
  expect((await said()).length).toBe(2)
})

it('says nothing of what was revoked, used up or is suspended, and nothing of an expiry that is gone', async () => {
  const revoked = await create(5, 'Revoked')
  const usedUp = await create(5, 'Used up')
  const endless = await create(5, 'Endless')
  await call('DELETE', `/${revoked.id}`)
  await test.deps.db.update(links).set({ maxDownloads: 1, downloadCount: 1 }).where(eq(links.id, usedUp.id))
  await call('PATCH', `/${endless.id}`, { expiresAt: null })
  test.clock.advance(3 * DAY_MS)
  await tell()
  test.clock.advance(3 * DAY_MS)
  await tell()
  expect(await said()).toEqual([])

  const suspended = await create(5, 'Suspended')
  await test.call('POST', `/workspaces/${workspace.id}/items/trash`, {
    token: sam.token,
    body: {
      itemIds: [file.id],
    },
  })
  test.clock.advance(3 * DAY_MS)
  await tell()
  expect((await test.deps.db.select().from(links).where(eq(links.id, suspended.id)))[0]!.expiringToldFor).not.toBeNull()
  expect(await said()).toEqual([])
})

it('tells of more than one look takes', async () => {
  const { id } = await create(10, 'Many')
  const [row] = await test.deps.db.select().from(links).where(eq(links.id, id))
  await test.deps.db.insert(links).values(Array.from({ length: 230 }, (_, n) => ({
    ...row!,
    id: crypto.randomUUID(),
    tokenHash: Buffer.from(`${id} ${n}`),
    title: `Copy ${n}`,
    expiresAt: new Date(test.clock.now().getTime() + DAY_MS),
  })))
  await tell()
  // Without items nobody can open them; they are not looked at again.
  expect(await said()).toEqual([])
  test.clock.advance(2 * DAY_MS)
  await tell()
  expect((await said()).length).toBe(230)
})
