import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Caller } from '../../http/caller.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { auditOf, toldEvents } from '../../../test/audit-log.ts'
import { addMember, createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createFileRow, createFolderRow } from '../../../test/item-factories.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { createTestApp } from '../../../test/test-app.ts'
import * as actions from '../audit/audit.actions.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { sessions } from '../auth/sessions.table.ts'
import { members } from '../members/members.table.ts'
import { notificationsReader } from '../notifications/notifications.reader.ts'
import { placeOfAddress } from './watch.policy.ts'
import { watchReader } from './watch.reader.ts'
import { watchCounts, watchNetworks } from './watch.table.ts'

const WAIT = { timeout: 60_000 }
const NOW = new Date('2027-03-01T12:00:00Z')
const HOUR_MS = 3_600_000
let test: TestApp
let operator: TestUser
let workspace: TestWorkspace
let ana: TestUser
let sam: TestUser
beforeAll(async () => {
  test = await createTestApp()
  test.clock.set(NOW)
  operator = await setUpInstance(test)
  await test.deps.auditReaders.start([
    watchReader(test.deps.watch),
    notificationsReader(test.deps.notifications),
  ])
})
beforeEach(async () => {
  test.clock.set(NOW)
  workspace = await createWorkspace(test)
  ana = await addMember(test, workspace, 'admin')
  sam = await addMember(test, workspace, 'staff', { spaceRole: 'editor' })
})
afterAll(() => test.close())

const by = ({ id, name }: { id: string, name: string }, ip = '192.0.2.1'): Caller => ({
  actor: { kind: 'user', id, name },
  origin: { via: 'web', ip, userAgent: null },
})
const visitor: Caller = {
  actor: { kind: 'visitor', id: null, name: '' },
  origin: { via: 'link', ip: '192.0.2.1', userAgent: null },
}
type Event = Parameters<TestApp['deps']['audit']['recordAlone']>[1]
async function record(caller: Caller, ...events: Event[]): Promise<void> {
  await test.deps.audit.recordAlone(caller, ...events)
  await expect.poll(async () => (await test.deps.db.execute(sql`
    select from audit_chains as chain cross join (values ('watch'), ('notifications')) as reader (name)
    left join audit_readers as place on place.chain_id = chain.id and place.reader = reader.name
    where chain.seq > coalesce(place.seq, 0)`)).rows.length, WAIT).toBe(0)
}
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

const file = { kind: 'file', id: '01900000-0000-7000-8000-000000000001', name: 'A.pdf' } as const
const downloaded = () => actions.fileDownloaded({
  workspaceId: workspace.id,
  subject: file,
  details: { version: 1, sizeBytes: 1 },
})
const archived = (fileCount: number) => actions.archiveDownloaded({
  workspaceId: workspace.id,
  subject: { kind: 'workspace', id: workspace.id, name: 'All.zip' },
  details: {
    items: [],
    itemCount: 0,
    fileCount,
    sizeBytes: 1,
  },
})
const trashed = (subject: { kind: 'file' | 'folder', id: string, name: string } = file) => actions.itemTrashed({
  workspaceId: workspace.id,
  subject,
  details: { from: 'Contracts', fromId: null },
})
const refused = (id: string) => actions.linkRefused({
  workspaceId: workspace.id,
  subject: { kind: 'link', id, name: 'Audit set' },
  details: { reason: 'wrong_password' },
})
const found = async () => (await auditOf(test, workspace.id, 'watch.')).map(({ action, details, subject, actor }) => [
  action,
  details.times,
  subject.name,
  actor.kind,
])
const news = async ({ token }: TestUser) => (await test.call('GET', '/me/notifications', { token })).body.items.map(({ type, count }: { type: string, count: number }) => `${count} ${type}`)

it('finds a member’s many downloads once in an hour, and tells administrators', async () => {
  await record(by(sam), ...times(120, downloaded), archived(79))
  expect(await found()).toEqual([])
  await record(by(sam), downloaded())
  expect(await found()).toEqual([
    [
      'watch.downloads',
      200,
      sam.name,
      'system',
    ],
  ])
  // Not for each that follows.
  await record(by(sam), ...times(250, downloaded))
  expect(await found()).toHaveLength(1)
  // Others have a count of their own, and so have visitors of links.
  await record(by(ana), ...times(150, downloaded))
  await record(visitor, ...times(250, downloaded))
  expect(await found()).toHaveLength(1)
  expect(await news(ana)).toEqual(['1 watch.downloads'])
  expect(await news(workspace.owner)).toEqual(['1 watch.downloads'])
  expect(await news(sam)).toEqual([])

  test.clock.advance(HOUR_MS)
  await record(by(sam), archived(500))
  expect((await found()).map(([, count]) => count)).toEqual([200, 500])
})

it('tells of who took much and left before anybody looked', async () => {
  const { body: { items } } = await test.call('GET', `/workspaces/${workspace.id}/members`, { token: ana.token })
  const seat = items.find(({ userId }: { userId: string }) => userId === sam.id)
  expect((await test.call('DELETE', `/workspaces/${workspace.id}/members/${seat.id}`, { token: sam.token })).status).toBe(204)
  await record(by(sam), archived(200))
  expect(await found()).toEqual([
    [
      'watch.downloads',
      200,
      sam.name,
      'system',
    ],
  ])
  expect(await news(ana)).toContain('1 watch.downloads')
})

it('counts what lies in a folder that is trashed, and what is deleted for ever', async () => {
  const inFolder = (parentId: string) => ({ workspaceId: workspace.id, spaceId: workspace.spaceId, parentId })
  const set = await createFolderRow(test, inFolder(workspace.rootId), 'Set', workspace.owner)
  const inner = await createFolderRow(test, inFolder(set.id), 'Inner', workspace.owner)
  const setWatch = await test.call('PUT', `/workspaces/${workspace.id}/watch`, {
    token: ana.token,
    body: { refusals: 10, downloads: null, deletions: 4 },
  })
  expect(setWatch.status).toBe(200)
  for (const [parent, name] of [
    [set, 'A'],
    [inner, 'B'],
    [inner, 'C'],
  ] as const) await createFileRow(test, inFolder(parent.id), name, workspace.owner)
  await record(by(sam), trashed({ kind: 'folder', id: set.id, name: 'Set' }))
  expect(await found()).toEqual([])
  await record(by(sam), trashed())
  expect((await found()).map(each => each.slice(0, 2))).toEqual([
    ['watch.deletions', 4],
  ])
  await record(by(ana), actions.itemPurged({
    workspaceId: workspace.id,
    subject: file,
    details: { files: 9, folders: 1, bytes: 1 },
  }))
  expect((await found()).map(each => each.slice(0, 3))).toEqual([
    [
      'watch.deletions',
      4,
      sam.name,
    ],
    [
      'watch.deletions',
      9,
      ana.name,
    ],
  ])
  // Switched off.
  await record(by(sam), archived(1_000_000))
  expect(await found()).toHaveLength(2)
})

it('finds refusals at a link and at an account', async () => {
  const [one, other] = ['01900000-0000-7000-8000-000000000011', '01900000-0000-7000-8000-000000000012'] as const
  await record(visitor, ...times(9, () => refused(one)), ...times(9, () => refused(other)))
  expect(await found()).toEqual([])
  await record(visitor, refused(one))
  expect((await found()).map(([action, count]) => [action, count])).toEqual([
    ['watch.link_refusals', 10],
  ])
  expect(await news(ana)).toEqual(['1 watch.link_refusals'])

  const target = await createUser(test)
  const wrongPassword = (id: string | null) => actions.sessionRefused({
    subject: {
      kind: 'user',
      id,
      name: id === null
        ? ''
        : target.name,
    },
    details: { reason: 'wrong_password' },
  })
  // No account at all is nobody's.
  await record(visitor, ...times(30, () => wrongPassword(null)))
  await record(visitor, ...times(9, () => wrongPassword(target.id)))
  expect(await news(operator)).toEqual([])
  await record(visitor, ...times(5, () => wrongPassword(target.id)))
  expect(await news(operator)).toEqual(['1 watch.account_refusals'])
  const [alert] = await toldEvents(test, eq(auditEvents.action, 'watch.account_refusals'))
  expect(alert).toMatchObject({
    subjectId: target.id,
    details: { times: 14 },
  })
  expect(await news(target)).toEqual([])
})

it('finds a sign-in from a network that is new, of those alone who manage something', async () => {
  const signedIn = async (user: TestUser, ip: string) => record(by(user, ip), actions.sessionStarted({
    subject: { kind: 'user', id: user.id, name: user.name },
    details: { sessionId: user.sessionId },
  }))
  const networks = async () => (await auditOf(test, workspace.id, 'watch.network')).map(({ details }) => [details.userId, details.network])
  // The first of all is no news, nor another address of the same network.
  await signedIn(ana, '198.51.100.4')
  await signedIn(ana, '198.51.100.99')
  await signedIn(ana, '2001:db8:1:2::3')
  await signedIn(ana, '2001:db8:1:ffff::9')
  await signedIn(sam, '198.51.100.4')
  await signedIn(sam, '203.0.113.7')
  expect(await networks()).toEqual([
    [ana.id, '2001:db8:1::/48'],
  ])
  await signedIn(ana, '203.0.113.7')
  expect((await networks())[1]).toEqual([ana.id, '203.0.113.0/24'])
  // One line of one hour.
  expect(await news(workspace.owner)).toEqual(['2 watch.network'])
  expect(await news(sam)).toEqual([])
  expect(await news(operator)).not.toContain('1 watch.operator_network')

  await signedIn(operator, '198.51.100.4')
  await signedIn(operator, '203.0.113.7')
  expect(await news(operator)).toContain('1 watch.operator_network')

  test.clock.advance(181 * 24 * HOUR_MS)
  await purgeDue(test)
  expect(await test.deps.db.$count(watchNetworks)).toBe(0)
  expect(await test.deps.db.$count(watchCounts)).toBe(0)
})

it('knows the networks of who manages something only since lately by their sessions', async () => {
  const from = (ip: string) => record(by(sam, ip), actions.sessionStarted({
    subject: { kind: 'user', id: sam.id, name: sam.name },
    details: {
      sessionId: randomUUIDv7(),
    },
  }))
  await test.deps.db.update(sessions).set({
    ip: '198.51.100.4',
    createdAt: new Date(NOW.getTime() - HOUR_MS),
  }).where(eq(sessions.id, sam.sessionId))
  await test.deps.db.update(members).set({ role: 'admin' }).where(eq(members.userId, sam.id))
  await from('203.0.113.7')
  await from('203.0.113.8')
  expect((await auditOf(test, workspace.id, 'watch.network')).map(({ details }) => [details.userId, details.network])).toEqual([
    [sam.id, '203.0.113.0/24'],
  ])
})

it('knows networks by their first part', () => {
  expect([
    '203.0.113.9',
    '::ffff:203.0.113.9',
    '2001:db8:1:2:3::9',
    'nowhere',
    null,
  ].map(placeOfAddress)).toEqual([
    '203.0.113.0/24',
    '203.0.113.0/24',
    '2001:db8:1::/48',
    undefined,
    undefined,
  ])
})

it('is set by administrators, within reason', async () => {
  const path = `/workspaces/${workspace.id}/watch`
  expect((await test.call('GET', path, { token: ana.token })).body).toEqual({ refusals: 10, downloads: 200, deletions: 100 })
  const set = (body: object, { token } = ana) => test.call('PUT', path, { token, body })
  const next = { refusals: null, downloads: 50, deletions: 100 }
  expect((await set(next)).body).toEqual(next)
  expect((await set(next)).status).toBe(200)
  expect((await auditOf(test, workspace.id, 'workspace.watch')).map(({ details }) => details)).toEqual([
    {
      refusals: { from: 10, to: null },
      downloads: { from: 200, to: 50 },
      deletions: { from: 100, to: 100 },
    },
  ])
  for (const wrong of [
    { ...next, refusals: 31 },
    { ...next, downloads: 0 },
    { ...next, deletions: '5' },
    { refusals: 1 },
    { ...next, more: 1 },
  ]) expect((await set(wrong)).status).toBe(400)
  expect((await set(next, sam)).status).toBe(403)
  expect((await test.call('GET', path, { token: sam.token })).status).toBe(403)
})
