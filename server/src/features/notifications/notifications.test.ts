import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Caller } from '../../http/caller.ts'
import type { Notification } from './notifications.schemas.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readEvents } from '../../../test/event-reader.ts'
import { addMember, createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createFileRow, createFolderRow } from '../../../test/item-factories.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { systemCaller } from '../../http/caller.ts'
import * as actions from '../audit/audit.actions.ts'
import { auditActions } from '../audit/audit.actions.ts'
import { instance } from '../instance/instance.table.ts'
import { items } from '../items/items.table.ts'
import { linkItems, links } from '../links/links.table.ts'
import { members } from '../members/members.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { notificationTypes, ruleOf } from './notification-rules.ts'
import { notificationLines } from './notifications.table.ts'

const WAIT = { timeout: 60_000 }
let test: TestApp
let workspace: TestWorkspace
let ana: TestUser
beforeAll(async () => {
  test = await createTestApp({ work: true })
  await test.app.listen({ port: 0, host: '127.0.0.1' })
})
beforeEach(async () => {
  workspace = await createWorkspace(test)
  ana = await addMember(test, workspace, 'admin')
})
afterAll(() => test.close())

const by = (user: { id: string, name: string }): Caller => ({
  actor: { kind: 'user', id: user.id, name: user.name },
  origin: { via: 'web', ip: null, userAgent: null },
})
const visitor: Caller = {
  actor: { kind: 'visitor', id: null, name: '' },
  origin: { via: 'link', ip: '192.0.2.1', userAgent: null },
}
/** Recorded, and read by all that read the log. */
async function record(caller: Caller, ...events: Parameters<TestApp['deps']['audit']['recordAlone']>[1][]): Promise<void> {
  await test.deps.audit.recordAlone(caller, ...events)
  await untilRead()
}
const untilRead = () => expect.poll(async () => (await test.deps.db.execute(sql`
  select from audit_chains as chain left join audit_readers as place on place.chain_id = chain.id and place.reader = 'notifications'
  where chain.seq > coalesce(place.seq, 0)`)).rows.length, WAIT).toBe(0)

const inFolder = (parentId: string) => ({ workspaceId: workspace.id, spaceId: workspace.spaceId, parentId })
const createFolder = async (name: string, parentId = workspace.rootId) => (await createFolderRow(test, inFolder(parentId), name, workspace.owner)).id
const createFile = async (name: string, parentId = workspace.rootId, user = workspace.owner) => (await createFileRow(test, inFolder(parentId), name, user)).id

const uploaded = (file: { id: string, name: string, parentId: string, parentName?: string }) => actions.fileUploaded({
  workspaceId: workspace.id,
  subject: { kind: 'file', id: file.id, name: file.name },
  details: {
    parentId: file.parentId,
    parentName: file.parentName ?? 'Contracts',
    version: 1,
    size: 1,
    sha256: null,
  },
})
async function upload(user: TestUser, parentId: string, ...names: string[]): Promise<string[]> {
  const files = await Promise.all(names.map(async name => ({
    id: await createFile(name, parentId, user),
    name,
    parentId,
  })))
  await record(by(user), ...files.map(uploaded))
  return files.map(({ id }) => id)
}
const page = async (user: TestUser, query = '') => {
  const answer = await test.call('GET', `/me/notifications${query}`, { token: user.token })
  expect(answer.status).toBe(200)
  return answer.body as { items: Notification[], nextCursor: string | null, unreadCount: number }
}
const told = async (user: TestUser) => (await page(user)).items.map(({ type, count }) => `${count} ${type}`)
const grant = (user: TestUser, folderId: string, role: typeof grants.$inferInsert['role']) => test.deps.db.insert(grants).values({
  id: randomUUIDv7(),
  workspaceId: workspace.id,
  folderId,
  userId: user.id,
  role,
  createdAt: test.deps.clock(),
})

describe('the rules', () => {
  it('tell of what the catalogue has, to whom it says that it may concern, by details that it has', () => {
    expect(notificationTypes.length).toBeGreaterThan(10)
    for (const type of notificationTypes) {
      const action = auditActions.find(each => each.action === type)!
      const { concerns, details } = ruleOf(type)
      expect(action.concerns).toEqual(expect.arrayContaining([...concerns]))
      expect(Object.keys(action.details.properties)).toEqual(expect.arrayContaining([...details]))
    }
    expect(() => ruleOf('folder.created')).toThrow('Nobody is told')
  })
})

describe('what is told', () => {
  it('is one line for many files at one place, to those who may see them, and not to who did it', async () => {
    const folder = await createFolder('Contracts')
    const elsewhere = await createFolder('Elsewhere')
    const [viewer, outside, uploader, client, disabled] = await Promise.all([
      'staff',
      'staff',
      'staff',
      'client',
      'admin',
    ].map(role => addMember(test, workspace, role as 'staff')))
    await Promise.all([
      grant(viewer!, folder, 'viewer'),
      grant(outside!, elsewhere, 'editor'),
      grant(uploader!, folder, 'uploader'),
      grant(client!, folder, 'previewer'),
      test.deps.db.execute(sql`update users set disabled_at = now() where id = ${disabled!.id}`),
    ])
    const stream = await readEvents(test.app, '/api/v1/me/events', viewer!.token)
    await upload(ana, folder, 'A.pdf', 'B.pdf', 'C.pdf')
    expect((await stream.until(({ event }) => event === 'notifications')).data).toEqual({ topic: 'notifications' })

    const { items: [line], unreadCount } = await page(viewer!)
    expect(line).toMatchObject({
      type: 'file.uploaded',
      count: 3,
      isRead: false,
      workspace: { id: workspace.id, slug: workspace.slug },
      actor: { kind: 'user', id: ana.id, name: ana.name },
      subject: { kind: 'file', name: 'C.pdf' },
      place: { id: folder, name: 'Contracts' },
      details: {},
    })
    expect(unreadCount).toBe(1)
    expect(await told(workspace.owner)).toEqual(['3 file.uploaded'])
    expect(await told(client!)).toEqual(['3 file.uploaded'])
    for (const nobody of [ana, outside!, uploader!]) expect(await told(nobody)).toEqual([])
    const rows = await test.deps.db.execute(sql`select from notifications where user_id = ${disabled!.id}`)
    expect(rows.rows).toEqual([])

    // Another hour, another line; another person, another line.
    test.clock.advance(3_600_000)
    await upload(ana, folder, 'D.pdf')
    await upload(workspace.owner, folder, 'E.pdf')
    expect(await told(viewer!)).toEqual(['1 file.uploaded', '1 file.uploaded', '3 file.uploaded'])
    expect(await told(workspace.owner)).toEqual(['1 file.uploaded', '3 file.uploaded'])
    test.clock.set(null)
  })

  it('of links goes to who made them, as long as they see what is in them', async () => {
    const folder = await createFolder('Contracts')
    const staff = await addMember(test, workspace, 'staff')
    await grant(staff, folder, 'editor')
    const file = await createFile('A.pdf', folder)
    const linkId = randomUUIDv7()
    await test.deps.db.insert(links).values({
      id: linkId,
      workspaceId: workspace.id,
      tokenHash: Buffer.from(linkId),
      tokenCiphertext: Buffer.alloc(1),
      searchText: '',
      createdBy: staff.id,
      createdAt: test.deps.clock(),
      updatedAt: test.deps.clock(),
    })
    await test.deps.db.insert(linkItems).values({ linkId, itemId: file, position: 0 })
    const subject = { kind: 'link' as const, id: linkId, name: 'A.pdf' }
    const opened = actions.linkOpened({ workspaceId: workspace.id, subject })
    await record(visitor, opened, opened, actions.linkRefused({
      workspaceId: workspace.id,
      subject,
      details: { reason: 'wrong_password' },
    }))
    expect((await page(staff)).items.map(({ type, count, subject, details }) => [type, count, subject.name, details])).toEqual(expect.arrayContaining([
      [
        'link.refused',
        1,
        'A.pdf',
        { reason: 'wrong_password' },
      ],
      ['link.opened', 2, 'A.pdf', {}],
    ]))
    expect(await told(workspace.owner)).toEqual([])
    // Who sees the file no longer is told nothing more, and what they were told is gone.
    await test.deps.db.delete(grants).where(eq(grants.userId, staff.id))
    await record(visitor, opened)
    expect(await page(staff)).toMatchObject({ items: [], unreadCount: 0 })
    expect((await test.deps.db.execute(sql`select from notifications where user_id = ${staff.id}`)).rows).toEqual([])
  })

  it('of what is deleted goes to who brought it, and says no name of a folder that they may not see', async () => {
    const folder = await createFolder('Closed')
    const inner = await createFolder('Inner', folder)
    const staff = await addMember(test, workspace, 'staff')
    await grant(staff, inner, 'contributor')
    const file = await createFile('Mine.pdf', inner, staff)
    await test.deps.db.update(items).set({
      trashedAt: test.deps.clock(),
    }).where(eq(items.id, file))
    await record(by(ana), actions.itemTrashed({
      workspaceId: workspace.id,
      subject: { kind: 'file', id: file, name: 'Mine.pdf' },
      details: { from: 'Closed', fromId: folder },
    }))
    expect((await page(staff)).items).toMatchObject([
      {
        type: 'item.trashed',
        subject: { name: 'Mine.pdf' },
        place: null,
      },
    ])
    expect(await told(workspace.owner)).toEqual([])
  })

  it('of members goes to the person and the admins; who is out is told that alone', async () => {
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'editor' })
    await upload(ana, workspace.rootId, 'A.pdf')
    const subject = {
      kind: 'member' as const,
      id: randomUUIDv7(),
      name: staff.name,
    }
    const role = { from: 'staff' as const, to: 'staff' as const }
    await record(by(ana), actions.memberRoleChanged({
      workspaceId: workspace.id,
      subject,
      details: {
        userId: staff.id,
        role,
        spaceRole: { from: 'viewer', to: 'editor' },
      },
    }))
    expect(await told(staff)).toEqual(['1 member.role_changed', '1 file.uploaded'])
    await test.deps.db.delete(grants).where(eq(grants.userId, staff.id))
    await test.deps.db.delete(members).where(eq(members.userId, staff.id))
    await record(by(ana), actions.memberEnded({
      workspaceId: workspace.id,
      subject,
      details: { userId: staff.id, role: 'staff' },
    }))
    expect(await page(staff)).toMatchObject({
      items: [
        {
          type: 'member.ended',
          workspace: { id: workspace.id },
        },
      ],
      unreadCount: 1,
    })
    expect(await told(workspace.owner)).toEqual(['1 member.ended', '1 member.role_changed', '1 file.uploaded'])
    expect(await told(ana)).toEqual([])
  })

  it('of the instance goes to operators, of policies to whoever has a seat in a workspace too', async () => {
    const olga = await setUpInstance(test)
    const otto = await createUser(test, { isOperator: true })
    const [client, stranger] = [await addMember(test, workspace, 'client'), await createUser(test)]
    await record(visitor, ...['access', 'support'].map(kind => actions.requestReceived({
      subject: {
        kind: 'request',
        id: randomUUIDv7(),
        name: '',
      },
      details: { kind },
    })))
    // A workspace's own is told to nobody.
    for (const workspaceId of [null, workspace.id]) {
      await record(by(olga), actions.policyPublished({
        workspaceId,
        subject: {
          kind: 'policy',
          id: randomUUIDv7(),
          name: 'Privacy',
        },
        details: {
          number: 2,
          effectiveOn: '2027-01-01',
          sha256: '',
          languages: ['de', 'en'],
          hashes: ['', ''],
        },
      }))
    }
    await record(systemCaller, actions.policyDrifted({
      subject: {
        kind: 'policy',
        id: randomUUIDv7(),
        name: 'Privacy',
      },
      details: {
        number: 2,
        facts: ['session.idle'],
      },
    }))
    expect((await told(olga)).sort()).toEqual(['1 policy.drifted', '1 request.received', '1 request.received'])
    expect(await told(workspace.owner)).toEqual(['1 policy.published'])
    expect(await told(client)).toEqual(['1 policy.published'])
    expect(await told(stranger)).toEqual([])
    // Shut out of what operators see, for want of a second factor.
    await test.deps.db.update(instance).set({ operatorsNeedFactor: true })
    expect(await told(otto)).toEqual([])
    await test.deps.db.update(instance).set({ operatorsNeedFactor: false })
    await test.deps.db.execute(sql`update users set is_operator = false where id = ${olga.id}`)
    expect(await told(olga)).toEqual([])
  })
})

describe('that a workspace asks for a second factor', () => {
  it('is told to those of whom it is asked and who have none, clients too, and to nobody when it asks no more', async () => {
    const { owner } = workspace
    const [staff, client] = [await addMember(test, workspace, 'staff'), await addMember(test, workspace, 'client')]
    for (const person of [owner, ana]) await addTotp(test, person)
    const ask = async (askedOf: string) => {
      expect((await test.call('PUT', `/workspaces/${workspace.id}/second-factor`, {
        token: owner.token,
        body: { askedOf, graceDays: 7 },
      })).status).toBe(200)
      await untilRead()
    }
    await ask('everybody')
    await ask('nobody')
    await ask('staff')
    expect(await told(client)).toEqual([])
    expect(await told(staff)).toEqual(['2 workspace.second_factor_asked'])
    await ask('everybody')
    expect(await told(client)).toEqual(['1 workspace.second_factor_asked'])
    for (const person of [owner, ana]) expect(await told(person)).toEqual(['1 user.factor_added'])
  })
})

describe('what a person does with it', () => {
  it('reads, unreads, filters and pages; what was read is news again with what comes after, and tells of that alone', async () => {
    const second = await createWorkspace(test, { owner: workspace.owner })
    const folder = await createFolder('Contracts')
    const { owner } = workspace
    await upload(ana, folder, 'A.pdf')
    await upload(ana, workspace.rootId, 'B.pdf')
    await record(by(ana), actions.memberEnded({
      workspaceId: second.id,
      subject: {
        kind: 'member',
        id: randomUUIDv7(),
        name: 'Max',
      },
      details: {
        userId: randomUUIDv7(),
        role: 'staff',
      },
    }))
    const all = await page(owner)
    expect(all.unreadCount).toBe(3)
    const first = await page(owner, '?limit=2')
    const rest = await page(owner, `?limit=2&cursor=${first.nextCursor}`)
    expect([
      ...first.items,
      ...rest.items,
    ]).toEqual(all.items)
    expect([first.items.length, rest.nextCursor]).toEqual([2, null])
    expect((await page(owner, `?workspaceId=${second.id}`)).items.map(({ type }) => type)).toEqual(['member.ended'])
    expect((await page(owner, '?type=file.uploaded')).items).toHaveLength(2)
    expect((await test.call('GET', '/me/notifications?type=file.eaten', { token: owner.token })).status).toBe(400)
    expect((await test.call('GET', '/me/notifications?cursor=x', { token: owner.token })).status).toBe(400)

    const stream = await readEvents(test.app, '/api/v1/me/events', owner.token)
    const post = (path: string, body: object) => test.call('POST', `/me/notifications/${path}`, { token: owner.token, body })
    const inContracts = all.items.find(({ place }) => place?.id === folder)!
    expect((await post('read', {
      ids: [inContracts.id],
    })).status).toBe(204)
    await stream.until(({ event }) => event === 'notifications')
    expect((await page(owner, '?unread=true')).items).toHaveLength(2)
    expect((await page(owner, '?unread=false')).items.map(({ id }) => id)).toEqual([inContracts.id])
    await upload(ana, folder, 'C.pdf', 'D.pdf')
    expect((await page(owner)).items[0]).toMatchObject({
      id: inContracts.id,
      count: 2,
      isRead: false,
      subject: { name: 'D.pdf' },
    })
    await post('read', { all: true })
    expect((await page(owner)).unreadCount).toBe(0)
    // Nobody else's.
    expect((await test.call('POST', '/me/notifications/unread', {
      token: ana.token,
      body: {
        ids: [inContracts.id],
      },
    })).status).toBe(204)
    expect((await page(owner)).unreadCount).toBe(0)
    await post('unread', {
      ids: [inContracts.id],
    })
    expect((await page(owner)).unreadCount).toBe(1)
    expect((await post('read', {})).status).toBe(400)
  })

  it('mutes a type in a workspace or everywhere, where the workspace’s own choice goes first', async () => {
    const { owner } = workspace
    const second = await createWorkspace(test, { owner })
    const stranger = await createWorkspace(test)
    const put = (choices: object[]) => test.call('PUT', '/me/notification-preferences', {
      token: owner.token,
      body: {
        choices,
        digestHour: 8,
        quietHours: null,
        unsubscribed: [],
      },
    })
    const type = 'file.uploaded'
    for (const wrong of [
      [
        { type, workspaceId: stranger.id, channel: 'off' },
      ],
      [
        { type, workspaceId: null, channel: 'off' },
        { type, workspaceId: null, channel: 'app' },
      ],
      [
        { type: 'folder.created', workspaceId: null, channel: 'off' },
      ],
    ]) expect((await put(wrong)).status).toBe(400)
    const choices = [
      { type, workspaceId: workspace.id, channel: 'app' },
      { type, workspaceId: null, channel: 'off' },
    ]
    expect((await put(choices)).body).toMatchObject({ choices })
    expect((await test.call('GET', '/me/notification-preferences', { token: owner.token })).body).toMatchObject({ choices, canMail: false })
    await upload(ana, workspace.rootId, 'A.pdf')
    expect(await told(owner)).toEqual(['1 file.uploaded'])
    await put([
      { type, workspaceId: null, channel: 'off' },
    ])
    await upload(ana, workspace.rootId, 'B.pdf')
    expect(await told(owner)).toEqual(['1 file.uploaded'])
    await put([
      { type, workspaceId: second.id, channel: 'off' },
    ])
    await upload(ana, workspace.rootId, 'C.pdf')
    expect(await told(owner)).toEqual(['2 file.uploaded'])
  })

  it('has a hundred unread at most to count, and nothing after ninety days', async () => {
    const { owner } = workspace
    await test.deps.db.execute(sql`
      with line as (
        insert into notification_lines (id, key, workspace_id, type, actor_kind, actor_name, last_at)
        select gen_random_uuid(), ${workspace.id} || n, ${workspace.id}::uuid, 'member.ended', 'user', 'Ana', now() from generate_series(1, 150) as n returning id
      )
      insert into notifications (user_id, line_id, at, count) select ${owner.id}::uuid, id, now(), 1 from line`)
    expect((await page(owner, '?limit=1')).unreadCount).toBe(100)
    expect((await test.call('GET', '/me/notifications/unread', { token: owner.token })).body).toEqual({ unreadCount: 100 })
    await upload(ana, workspace.rootId, 'A.pdf')
    test.clock.advance(89 * 86_400_000)
    await purgeDue(test)
    expect(await test.deps.db.$count(notificationLines, eq(notificationLines.workspaceId, workspace.id))).toBe(151)
    test.clock.advance(2 * 86_400_000)
    await purgeDue(test)
    expect(await test.deps.db.$count(notificationLines, eq(notificationLines.workspaceId, workspace.id))).toBe(0)
    test.clock.set(null)
  })
})

it('is erased with what it tells of: of who did it, of what it was done to, and where', async () => {
  const folder = await createFolder('Contracts')
  const [file, other] = await upload(ana, folder, 'A.pdf', 'B.pdf')
  await test.deps.audit.erase({ subjectId: other! })
  expect((await page(workspace.owner)).items).toMatchObject([
    {
      subject: { id: file },
      place: { name: 'Contracts' },
    },
  ])
  await test.deps.audit.erase({ subjectId: folder, chainId: workspace.id })
  expect((await page(workspace.owner)).items).toMatchObject([
    { place: null },
  ])
  await test.deps.audit.erase({
    subjectId: file!,
    chainId: randomUUIDv7(),
  })
  expect(await told(workspace.owner)).toHaveLength(1)
  await test.deps.audit.erase({ actorId: ana.id, chainId: workspace.id })
  expect(await told(workspace.owner)).toEqual([])
  expect(await test.deps.db.$count(notificationLines, eq(notificationLines.workspaceId, workspace.id))).toBe(0)
})
