import type { TestFile, TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Link } from '../links/links.schemas.ts'
import type { ActivityEvent } from './audit.schemas.ts'
import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addMember, createFile, createFolder, createWorkspace } from '../../../test/factories.ts'
import { rowsRead } from '../../../test/rows-read.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { grants } from '../spaces/spaces.table.ts'
import { formOf } from '../uploads/uploads.fixture.ts'
import { listEventsAbout } from './activity.queries.ts'

let test: TestApp
let workspace: TestWorkspace
let owner: TestUser
let file: TestFile

beforeAll(async () => { test = await createTestApp() })
beforeEach(async () => {
  workspace = await createWorkspace(test)
  owner = workspace.owner
  file = await createFile(test, workspace, { name: 'Report.pdf', content: 'the report' })
})
afterAll(() => test.close())

async function call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, user: TestUser | undefined = owner) {
  const answer = await test.call(method, path, { token: user.token, body })
  expect([path, answer.body?.detail]).toEqual([path, undefined])
  return answer.body
}
const share = (itemIds: string[], input: object = {}): Promise<Link> => call('POST', `/workspaces/${workspace.id}/links`, { itemIds, ...input })
const visit = (link: Link, body: object = {}) => test.call('POST', `/public/links/${link.url!.split('/').at(-1)}/download`, { body })
const folder = (name: string, parentId = workspace.rootId) => createFolder(test, workspace, { name, parentId })
const grant = (user: TestUser, folderId: string, role: 'viewer' | 'editor' | 'uploader') => test.deps.db.insert(grants).values({
  id: randomUUIDv7(),
  workspaceId: workspace.id,
  folderId,
  userId: user.id,
  role,
  createdAt: test.deps.clock(),
})

async function upload(parentId: string, name: string, user = owner): Promise<{ id: string }> {
  const { body, headers } = formOf(Buffer.from(name))
  const answer = await test.call('POST', `/workspaces/${workspace.id}/files?parentId=${parentId}&name=${encodeURIComponent(name)}`, { token: user.token, body, headers })
  expect(answer.status).toBe(201)
  return answer.body
}

async function ofItem(id: string, user = owner, query = ''): Promise<ActivityEvent[]> {
  return (await call('GET', `/items/${id}/activity${query}`, undefined, user)).items
}
const ofLink = async ({ id }: Link, user = owner, query = ''): Promise<ActivityEvent[]> => (await call('GET', `/workspaces/${workspace.id}/links/${id}/activity${query}`, undefined, user)).items
const told = (events: ActivityEvent[]) => events.map(({ action, subject }) => `${action} ${subject.name}`)

describe('the activity of a file', () => {
  it('is what was done to it and the links that name it, newest first, and of nothing else', async () => {
    const other = await createFile(test, workspace, { name: 'Other.pdf', content: 'another' })
    const drawer = await folder('Drawer')
    await call('PATCH', `/items/${file.id}`, { name: 'Final.pdf' })
    await call('PATCH', `/items/${file.id}`, { parentId: drawer.id })
    await call('POST', `/files/${file.id}/download`)
    const link = await share([file.id, other.id], { title: 'Audit set' })
    const aside = await share([other.id])
    expect((await visit(link)).status).toBe(200)
    expect((await visit(aside)).status).toBe(200)
    await call('PATCH', `/workspaces/${workspace.id}/links/${link.id}`, {
      itemIds: [other.id],
    })
    await call('POST', `/workspaces/${workspace.id}/archives`, {
      itemIds: [file.id, other.id],
    })
    await call('DELETE', `/workspaces/${workspace.id}/links/${link.id}`)

    const events = await ofItem(file.id)
    expect(told(events)).toEqual([
      expect.stringMatching(/^archive\.downloaded .+\.zip$/),
      'link.changed Audit set',
      'link.downloaded Audit set',
      'link.created Audit set',
      'file.downloaded Final.pdf',
      'item.moved Final.pdf',
      'item.renamed Final.pdf',
    ])
    expect(events[0]).not.toHaveProperty('hash')
    // A page after the other, each event once.
    const first = await call('GET', `/items/${file.id}/activity?limit=4`)
    const rest = await call('GET', `/items/${file.id}/activity?limit=4&cursor=${first.nextCursor}`)
    expect([
      ...first.items,
      ...rest.items,
    ]).toEqual(events)
    expect(rest.nextCursor).toBeNull()
    expect((await test.call('GET', `/items/${file.id}/activity?cursor=x`, { token: owner.token })).body.code).toBe('request.invalid')
  })

  it('of more items than a link tells by name is there for each', async () => {
    const files = await Promise.all(Array.from({ length: 21 }, (_, n) => createFile(test, workspace, { name: `${n}.txt`, content: 'x' })))
    await share(files.map(({ id }) => id), { title: 'Many' })
    expect(told(await ofItem(files.at(-1)!.id))).toEqual(['link.created Many'])
  })

  it('is told to staff without addresses and devices, to admins with them', async () => {
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    const admin = await addMember(test, workspace, 'admin')
    const link = await share([file.id])
    await test.call('POST', `/public/links/${link.url!.split('/').at(-1)}/download`, {
      body: {},
      headers: { 'user-agent': 'Visitor/1' },
    })
    for (const read of [
      () => ofItem(file.id, staff),
      () => ofLink(link, staff),
    ]) {
      const [event] = await read()
      expect(event).toMatchObject({
        action: 'link.downloaded',
        origin: { via: 'link', ip: null, userAgent: null },
        withheld: ['origin'],
      })
      expect(JSON.stringify(event)).not.toContain('Visitor/1')
    }
    for (const read of [
      () => ofItem(file.id, admin),
      () => ofLink(link, admin),
    ]) {
      expect((await read())[0]).toMatchObject({
        origin: {
          ip: expect.any(String),
          userAgent: 'Visitor/1',
        },
        withheld: [],
      })
    }
  })

  it('is nobody’s who may not see it, nor a client’s', async () => {
    const blind = await addMember(test, workspace, 'staff')
    const client = await addMember(test, workspace, 'client', { spaceRole: 'viewer' })
    const other = await createWorkspace(test)
    const link = await share([file.id])
    for (const user of [blind, client, other.owner]) {
      for (const path of [`/items/${file.id}/activity`, `/workspaces/${workspace.id}/links/${link.id}/activity`]) {
        expect([path, (await test.call('GET', path, { token: user.token })).status]).toEqual([path, 404])
      }
    }
    expect((await test.call('GET', `/items/${file.id}`, { token: client.token })).status).toBe(200)
  })

  it('names to staff no folder, file or link that they may not see', async () => {
    const [open, closed] = [await folder('Open'), await folder('Merger')]
    const secret = await createFile(test, workspace, { name: 'Offer to Borealis.pdf', parentId: closed.id, content: 'x' })
    const staff = await addMember(test, workspace, 'staff')
    await grant(staff, open.id, 'viewer')
    await call('PATCH', `/items/${file.id}`, { parentId: closed.id })
    await call('PATCH', `/items/${file.id}`, { parentId: open.id })
    const link = await share([file.id, secret.id], { title: 'For Borealis' })
    await visit(link)
    await call('PATCH', `/workspaces/${workspace.id}/links/${link.id}`, { title: 'Borealis, second set' })

    const events = await ofItem(file.id, staff)
    expect(JSON.stringify(events)).not.toMatch(/Merger|Borealis/)
    expect(JSON.stringify(events)).not.toContain(link.id)
    expect(JSON.stringify(events)).not.toContain(secret.id)
    expect(events.map(({ action, withheld }) => [action, withheld])).toEqual([
      [
        'link.changed',
        ['origin', 'names'],
      ],
      [
        'link.downloaded',
        ['origin', 'names'],
      ],
      [
        'link.created',
        ['origin', 'names'],
      ],
      [
        'item.moved',
        ['origin', 'names'],
      ],
      [
        'item.moved',
        ['origin', 'names'],
      ],
    ])
    expect(events[1]).toMatchObject({
      subject: { kind: 'link', id: null, name: '' },
      details: {
        items: [
          { id: file.id, name: 'Report.pdf' },
        ],
        itemCount: 2,
      },
    })
    expect(events[3]!.details).toEqual({ to: 'Open', toId: open.id })
    expect((await test.call('GET', `/workspaces/${workspace.id}/links/${link.id}/activity`, { token: staff.token })).status).toBe(404)
    expect(JSON.stringify(await ofItem(file.id))).toMatch(/Merger.*Borealis|Borealis.*Merger/s)
  })
})

describe('a name that was another’s', () => {
  const alone = async () => {
    const [open, closed] = [await folder('Open'), await folder('Merger')]
    const secret = await upload(closed.id, 'Offer to Borealis.pdf')
    const staff = await addMember(test, workspace, 'staff')
    await grant(staff, open.id, 'viewer')
    await call('PATCH', `/items/${file.id}`, { parentId: open.id })
    return { staff, open, closed, secret }
  }

  it.each(['changed', 'purged'])('is not told of a link that led to it before it was %s', async (how) => {
    const { staff, secret } = await alone()
    const link = await share([secret.id, file.id])
    await visit(link)
    if (how === 'changed') {
      await call('PATCH', `/workspaces/${workspace.id}/links/${link.id}`, {
        itemIds: [file.id],
      })
    }
    else {
      await call('DELETE', `/items/${secret.id}`)
      await call('POST', `/workspaces/${workspace.id}/trash/purge`, {
        itemIds: [secret.id],
      })
    }
    expect(told(await ofLink(link))).toContain('link.created Offer to Borealis.pdf +1')
    for (const events of [await ofLink(link, staff), await ofItem(file.id, staff)]) {
      expect(told(events)).toContain('link.created Report.pdf')
      expect(JSON.stringify(events)).not.toMatch(/Borealis/)
    }
  })

  it('is not told of an archive that was called after a folder', async () => {
    const { staff, open, closed } = await alone()
    await call('PATCH', `/items/${file.id}`, { parentId: closed.id })
    await call('POST', `/workspaces/${workspace.id}/archives`, {
      itemIds: [closed.id, file.id],
    })
    await call('PATCH', `/items/${file.id}`, { parentId: open.id })
    await call('POST', `/workspaces/${workspace.id}/archives`, {
      itemIds: [open.id, file.id],
    })
    expect(told(await ofItem(file.id))).toContain('archive.downloaded Merger.zip')
    const events = await ofItem(file.id, staff)
    expect(JSON.stringify(events)).not.toContain('Merger')
    expect(events.filter(({ action }) => action === 'archive.downloaded').map(({ subject, withheld }) => [subject.name, withheld])).toEqual([
      [
        'Open.zip',
        ['origin'],
      ],
      [
        '',
        ['origin', 'names'],
      ],
    ])
  })
})

describe('the activity of a folder', () => {
  it('is what was done to it and what came into it', async () => {
    const drawer = await call('POST', `/workspaces/${workspace.id}/folders`, { parentId: workspace.rootId, name: 'Drawer' })
    const inner = await call('POST', `/workspaces/${workspace.id}/folders`, { parentId: drawer.id, name: 'Inner' })
    await call('PATCH', `/items/${file.id}`, { parentId: drawer.id })
    await call('DELETE', `/items/${file.id}`)
    await call('POST', `/items/${file.id}/restore`)
    await call('PATCH', `/items/${inner.id}`, { name: 'Within' })
    await share([drawer.id], { title: 'All of it' })
    await upload(drawer.id, 'New.txt')
    expect(told(await ofItem(drawer.id))).toEqual([
      'file.uploaded New.txt',
      'link.created All of it',
      'item.restored Report.pdf',
      'item.moved Report.pdf',
      'folder.created Inner',
      'folder.created Drawer',
    ])
  })

  it('leaves out for somebody who sees their own files alone what others brought', async () => {
    const drawer = await folder('Drawer')
    const [one, other] = [await addMember(test, workspace, 'staff'), await addMember(test, workspace, 'staff')]
    for (const user of [one, other]) {
      await grant(user, drawer.id, 'uploader')
      await upload(drawer.id, `${user.id}.txt`, user)
    }
    expect(told(await ofItem(drawer.id, one))).toEqual([`file.uploaded ${one.id}.txt`])
    expect(await ofItem(drawer.id)).toHaveLength(2)
  })
})

describe('the activity of a link', () => {
  it('is all of its life, from its making on', async () => {
    const link = await share([file.id], { password: 'open sesame' })
    const token = link.url!.split('/').at(-1)
    await test.call('POST', `/public/links/${token}/unlock`, {
      body: { password: 'wrong sesame' },
    })
    await call('PATCH', `/workspaces/${workspace.id}/links/${link.id}`, { password: null, title: 'For the bank' })
    await test.call('GET', `/public/links/${token}`)
    await visit(link)
    await call('DELETE', `/workspaces/${workspace.id}/links/${link.id}`)
    await test.call('GET', `/public/links/${token}`)
    await share([file.id], { title: 'Another' })
    const life = [
      'link.refused For the bank',
      'link.revoked For the bank',
      'link.downloaded For the bank',
      'link.opened For the bank',
      'link.changed For the bank',
      'link.refused Report.pdf',
      'link.created Report.pdf',
    ]
    expect(told(await ofLink(link))).toEqual(life)
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    expect(told(await ofLink(link, staff))).toEqual(life.map(event => event.replace('Report.pdf', 'For the bank')))
  })
})

it('is found by indexes, however long the log is', async () => {
  const busy = randomUUIDv7()
  await test.deps.db.execute(sql`insert into audit_chains (id, seq, hash) values (${workspace.id}::uuid, 40000, '\\x00') on conflict (id) do update set seq = 40000`)
  await test.deps.db.execute(sql`
    insert into audit_events (chain_id, seq, at, action, outcome, actor_kind, subject_kind, subject_id, via, details, commitments, previous_hash, hash)
    select ${workspace.id}::uuid, n, now(), 'file.downloaded', 'success', 'user', 'file', case when n % 100 = 0 then ${busy}::uuid else gen_random_uuid() end, 'web', '{}', '\\x00', '\\x00', '\\x00'
    from generate_series(1000, 20999) n`)
  await test.deps.db.execute(sql`insert into audit_mentions (chain_id, item_id, seq) select ${workspace.id}::uuid, case when n % 50 = 0 then ${busy}::uuid else gen_random_uuid() end, n from generate_series(1000, 20999) n`)
  await test.deps.db.execute(sql`insert into audit_personal (chain_id, seq) select ${workspace.id}::uuid, n from generate_series(1000, 20999) n`)
  await test.deps.db.execute(sql`analyze audit_events, audit_mentions, audit_personal`)
  for (const before of [undefined, 11_000]) {
    const ask = (db: typeof test.deps.db) => listEventsAbout(db, workspace.id, busy, { before, limit: 51 })
    expect(await ask(test.deps.db)).toHaveLength(51)
    expect(await rowsRead(test, ['audit_events', 'audit_mentions', 'audit_personal'], ask)).toBeLessThanOrEqual(4 * 51)
  }
})
