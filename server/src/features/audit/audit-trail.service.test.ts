import type { TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Caller } from '../../http/caller.ts'
import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anyEvent } from '../../../test/audit-log.ts'
import { addMember, createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { systemCaller } from '../../http/caller.ts'

let test: TestApp
let workspace: TestWorkspace
beforeAll(async () => { test = await createTestApp() })
beforeEach(async () => { workspace = await createWorkspace(test) })
afterEach(() => test.clock.set(null))
afterAll(() => test.close())

const by = (name: string, id: string | null = null): Caller => ({
  actor: {
    kind: id ? 'user' : 'visitor',
    id,
    name,
  },
  origin: { via: 'web', ip: null, userAgent: null },
})
const record = (action: string, { caller = systemCaller, subject = 'Report.pdf', subjectId = null as string | null, outcome = 'success' as 'success' | 'refused', workspaceId = workspace.id as string | null } = {}) =>
  test.deps.audit.recordAlone(caller, anyEvent({
    workspaceId,
    action,
    outcome,
    subject: { kind: 'file', id: subjectId, name: subject },
  }))
const get = (query = '', token = workspace.owner.token) => test.call('GET', `/workspaces/${workspace.id}/audit${query}`, { token })
const actions = async (query: string) => (await get(query)).body.items.map((event: { action: string }) => event.action)

describe('listing events', () => {
  it('pages newest first, each event once, also when more are written meanwhile', async () => {
    for (let n = 1; n <= 7; n++) await record('file.uploaded')
    const seen: number[] = []
    let cursor: string | null = null
    do {
      const { body }: { body: { items: { seq: number }[], nextCursor: string | null } } = await get(`?limit=3${cursor
        ? `&cursor=${cursor}`
        : ''}`)
      seen.push(...body.items.map(event => event.seq))
      cursor = body.nextCursor
      await record('file.downloaded')
    } while (cursor)
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1])
  })

  it('shows who, what, when, from where, and of the chain its hash', async () => {
    const subjectId = randomUUIDv7()
    test.clock.set(new Date('2026-03-04T05:06:07.089Z'))
    await record('file.downloaded', {
      caller: by('Ana', workspace.owner.id),
      subjectId,
    })
    expect((await get()).body.items).toEqual([
      {
        seq: 1,
        at: '2026-03-04T05:06:07.089Z',
        action: 'file.downloaded',
        outcome: 'success',
        actor: { kind: 'user', id: workspace.owner.id, name: 'Ana' },
        subject: { kind: 'file', id: subjectId, name: 'Report.pdf' },
        origin: { via: 'web', ip: null, userAgent: null },
        details: {},
        hash: expect.stringMatching(/^[\da-f]{64}$/),
        erased: [],
      },
    ])
  })

  it('filters by actions and families of them', async () => {
    for (const action of [
      'file.uploaded',
      'file.downloaded',
      'folder.created',
      'link.created',
      'link.opened',
    ]) await record(action)
    expect(await actions('?action=link.created')).toEqual(['link.created'])
    expect(await actions('?action=link.created,file.uploaded')).toEqual(['link.created', 'file.uploaded'])
    expect(await actions('?action=file.*')).toEqual(['file.downloaded', 'file.uploaded'])
    expect(await actions('?action=file.*,link.opened')).toEqual(['link.opened', 'file.downloaded', 'file.uploaded'])
    expect(await actions('?action=file.*&action=link.opened')).toEqual(['link.opened', 'file.downloaded', 'file.uploaded'])
  })

  it('filters by outcome, actor, subject and time', async () => {
    const [actor, subjectId] = [
      randomUUIDv7(),
      randomUUIDv7(),
    ]
    test.clock.set(new Date('2026-01-01T00:00:00Z'))
    await record('file.uploaded')
    test.clock.advance(60_000)
    await record('link.refused', {
      outcome: 'refused',
      caller: by('Bea', actor),
      subjectId,
    })
    test.clock.advance(60_000)
    await record('folder.created', {
      caller: by('Bea', actor),
    })
    expect(await actions('?outcome=refused')).toEqual(['link.refused'])
    expect(await actions(`?actorId=${actor}`)).toEqual(['folder.created', 'link.refused'])
    expect(await actions(`?subjectId=${subjectId}`)).toEqual(['link.refused'])
    expect(await actions('?from=2026-01-01T00:01:00Z')).toEqual(['folder.created', 'link.refused'])
    expect(await actions('?to=2026-01-01T00:01:00Z')).toEqual(['file.uploaded'])
    expect(await actions(`?from=2026-01-01T01:01:00%2B01:00&to=2026-01-01T00:02:00Z&actorId=${actor}`)).toEqual(['link.refused'])
  })

  it('searches names literally, whatever LIKE thinks of them', async () => {
    await record('file.uploaded', { subject: '100% done_a\\b' })
    await record('file.downloaded', { subject: '100 percent doneXa' })
    await record('folder.created', {
      caller: by('Ана 名前'),
    })
    const search = (text: string) => actions(`?q=${encodeURIComponent(text)}`)
    expect(await search('100%')).toEqual(['file.uploaded'])
    expect(await search('done_a')).toEqual(['file.uploaded'])
    expect(await search('A\\B')).toEqual(['file.uploaded'])
    expect(await search('DONE')).toEqual(['file.downloaded', 'file.uploaded'])
    expect(await search('名')).toEqual(['folder.created'])
    expect(await search('\'; drop table audit_events --')).toEqual([])
  })

  it.each([
    ['a cursor of nobody', 'cursor=abc'],
    ['a cursor of another list', `cursor=${Buffer.from('["x"]').toString('base64url')}`],
    ['a cursor between two events', `cursor=${Buffer.from('[1.5]').toString('base64url')}`],
    ['an endless cursor', `cursor=${Buffer.from('[1e400]').toString('base64url')}`],
    ['a limit of 0', 'limit=0'],
    ['a limit of 201', 'limit=201'],
    ['a pattern for an action', 'action=%25'],
    ['no action', 'action=file.eaten'],
    ['no family', 'action=files.*'],
    ['one that is none among others', 'action=file.uploaded,file.eaten,link.*'],
    ['an empty list of actions', 'action='],
    ['an action of any name', 'action=file.uploaded&action=constructor'],
    ['everything as an action', 'action=*'],
    ['no date', 'from=yesterday'],
    ['an impossible date', 'from=2026-02-30T00:00:00Z'],
    ['no id', 'actorId=1'],
    ['NUL in a search', 'q=a%00'],
    ['an unknown filter', 'sort=seq'],
    ['another outcome', 'outcome=failed'],
  ])('refuses %s', async (_what, query) => {
    const answer = await get(`?${query}`)
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
  })

  it('says which of the actions is none', async () => {
    const { body } = await get('?action=file.uploaded,file.eaten')
    expect(body.errors).toEqual([
      {
        pointer: '/action/1',
        detail: expect.stringContaining('allowed values'),
      },
    ])
  })

  it('is for owners and admins of this workspace alone', async () => {
    await record('file.uploaded')
    const other = await createWorkspace(test)
    const admin = await addMember(test, workspace, 'admin')
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'manager' })
    const operator = await createUser(test, { isOperator: true })
    const status = async (path: string, token: string) => (await test.call('GET', `/workspaces/${workspace.id}${path}`, { token })).status
    for (const path of ['/audit', '/audit/days', '/audit/proof']) {
      expect(await status(path, admin.token)).toBe(200)
      expect(await status(path, staff.token)).toBe(403)
      expect(await status(path, other.owner.token)).toBe(404)
      expect(await status(path, operator.token)).toBe(404)
    }
    expect((await test.call('GET', `/workspaces/${other.id}/audit`, { token: other.owner.token })).body.items).toEqual([])
  })

  it('shows the instance’s own chain to operators', async () => {
    const operator = await setUpInstance(test)
    await record('policy.published', { workspaceId: null })
    const answer = await test.call('GET', '/admin/audit', { token: operator.token })
    expect(answer.body.items[0]).toMatchObject({ action: 'policy.published' })
    expect((await test.call('GET', '/admin/audit', { token: workspace.owner.token })).status).toBe(403)
  })
})

describe('counting by day', () => {
  it('has each of the last 30 UTC days', async () => {
    test.clock.set(new Date('2026-02-28T23:59:59.999Z'))
    await record('file.uploaded')
    test.clock.set(new Date('2026-03-01T00:00:00Z'))
    await record('file.downloaded')
    await record('folder.created')
    test.clock.set(new Date('2026-03-29T12:00:00Z'))
    const { body } = await test.call('GET', `/workspaces/${workspace.id}/audit/days`, { token: workspace.owner.token })
    expect(body.days).toHaveLength(30)
    expect(body.days.slice(0, 3)).toEqual([
      { day: '2026-02-28', count: 1 },
      { day: '2026-03-01', count: 2 },
      { day: '2026-03-02', count: 0 },
    ])
    expect(body.days.at(-1)).toEqual({ day: '2026-03-29', count: 0 })
  })
})

describe('the proof', () => {
  const proof = async () => (await test.call('GET', `/workspaces/${workspace.id}/audit/proof`, { token: workspace.owner.token })).body
  const fill = async (n: number, atOnce = 100) => {
    for (let written = 0; written < n; written += atOnce) {
      await test.deps.audit.recordAlone(systemCaller, ...Array.from({
        length: Math.min(atOnce, n - written),
      }, (_, index) => anyEvent({
        workspaceId: workspace.id,
        subject: { kind: 'file', id: null, name: `File ${written + index}` },
      })))
    }
  }
  const tamper = (statement: ReturnType<typeof sql>) => test.deps.db.execute(statement)

  it('holds for nothing, and over several pages', async () => {
    expect(await proof()).toMatchObject({ events: 0, brokenAt: null })
    await fill(1001)
    expect(await proof()).toMatchObject({ events: 1001, brokenAt: null })
    // And for more than is written with one statement.
    await fill(1500, 1500)
    expect(await proof()).toMatchObject({ events: 2501, brokenAt: null })
  })

  it.each([
    [
      'a changed name',
      700,
      (id: string) => sql`update audit_personal set subject_name = 'Other' where chain_id = ${id} and seq = 700`,
    ],
    [
      'a name that only half was erased',
      5,
      (id: string) => sql`update audit_personal set subject_salt = null where chain_id = ${id} and seq = 5`,
    ],
    [
      'an address where there was none',
      5,
      (id: string) => sql`update audit_personal set ip = '192.0.2.1', origin_salt = '' where chain_id = ${id} and seq = 5`,
    ],
    [
      'another commitment',
      5,
      (id: string) => sql`update audit_events set commitments = set_byte(commitments, 64, get_byte(commitments, 64) # 1) where chain_id = ${id} and seq = 5`,
    ],
    [
      'another kind of subject',
      5,
      (id: string) => sql`update audit_events set subject_kind = 'folder' where chain_id = ${id} and seq = 5`,
    ],
    [
      'the same time before Christ',
      5,
      (id: string) => sql`update audit_events set at = (to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') || '+00 BC')::timestamptz where chain_id = ${id} and seq = 5`,
    ],
    [
      'a changed time',
      5,
      (id: string) => sql`update audit_events set at = at + interval '1 millisecond' where chain_id = ${id} and seq = 5`,
    ],
    [
      'an added detail',
      5,
      (id: string) => sql`update audit_events set details = '{"x":1}' where chain_id = ${id} and seq = 5`,
    ],
    [
      'another actor',
      5,
      (id: string) => sql`update audit_events set actor_id = gen_random_uuid() where chain_id = ${id} and seq = 5`,
    ],
    [
      'a changed hash',
      5,
      (id: string) => sql`update audit_events set hash = sha256('x') where chain_id = ${id} and seq = 5`,
    ],
    [
      'a dropped event',
      501,
      (id: string) => sql`delete from audit_events where chain_id = ${id} and seq = 501`,
    ],
    [
      'a dropped first event',
      1,
      (id: string) => sql`delete from audit_events where chain_id = ${id} and seq = 1`,
    ],
    [
      'a cut tail',
      690,
      (id: string) => sql`delete from audit_events where chain_id = ${id} and seq >= 690`,
    ],
    [
      'a tail cut at a page’s end',
      501,
      (id: string) => sql`delete from audit_events where chain_id = ${id} and seq > 500`,
    ],
    [
      'all of them gone',
      1,
      (id: string) => sql`delete from audit_events where chain_id = ${id}`,
    ],
    [
      'one event more at the end',
      701,
      (id: string) => sql`insert into audit_events (chain_id, seq, at, action, outcome, actor_kind, actor_id, subject_kind, subject_id, via, details, commitments, previous_hash, hash) select chain_id, 701, at, action, outcome, actor_kind, actor_id, subject_kind, subject_id, via, details, commitments, hash, hash from audit_events where chain_id = ${id} and seq = 700`,
    ],
    [
      'an inserted event, the others moved up',
      300,
      (id: string) => sql`with without as (delete from audit_personal where chain_id = ${id}), moved as (update audit_events set seq = seq + 100000 where chain_id = ${id} and seq >= 300 returning *), head as (update audit_chains set seq = 701 where id = ${id}) select count(*) from moved`,
    ],
  ])('finds %s', async (_what, brokenAt, change) => {
    await fill(700)
    await tamper(change(workspace.id))
    expect(await proof()).toMatchObject({ events: brokenAt - 1, brokenAt })
  })

  it('finds two events that changed places, numbers and all', async () => {
    await fill(10)
    await tamper(sql`delete from audit_personal where chain_id = ${workspace.id}`)
    await tamper(sql`update audit_events set seq = -seq where chain_id = ${workspace.id} and seq in (4, 5)`)
    await tamper(sql`update audit_events set seq = 9 + seq where chain_id = ${workspace.id} and seq < 0`)
    expect(await proof()).toMatchObject({ events: 3, brokenAt: 4 })
  })

  it('finds what was put before the first', async () => {
    await fill(3)
    await tamper(sql`insert into audit_events (chain_id, seq, at, action, outcome, actor_kind, actor_id, subject_kind, subject_id, via, details, commitments, previous_hash, hash) select chain_id, -7, at, action, outcome, actor_kind, actor_id, subject_kind, subject_id, via, details, commitments, previous_hash, hash from audit_events where chain_id = ${workspace.id} and seq = 1`)
    expect(await proof()).toMatchObject({ events: 0, brokenAt: -7 })
  })

  it('tells a hash that shows later whether the end was cut off, and what was erased', async () => {
    await fill(10)
    const { head } = await proof()
    const [last] = (await test.deps.auditTrail.list(workspace.id, { limit: 1 })).items
    expect(last).toMatchObject({ seq: 10, hash: head })
    await tamper(sql`update audit_personal set subject_name = null, subject_salt = null where chain_id = ${workspace.id} and seq in (2, 3)`)
    expect(await proof()).toEqual({
      events: 10,
      brokenAt: null,
      head,
      erased: 2,
    })
    // Head and all: the chain alone cannot know, who noted the hash does.
    await tamper(sql`delete from audit_events where chain_id = ${workspace.id} and seq > 8`)
    await tamper(sql`update audit_chains set seq = 8, hash = (select hash from audit_events where chain_id = ${workspace.id} and seq = 8) where id = ${workspace.id}`)
    const cut = await proof()
    expect(cut).toMatchObject({ events: 8, brokenAt: null })
    expect(cut.head).not.toBe(head)
  })

  it('finds a tail that was cut together with the head’s number', async () => {
    await fill(10)
    await tamper(sql`delete from audit_events where chain_id = ${workspace.id} and seq > 8`)
    await tamper(sql`update audit_chains set seq = 8 where id = ${workspace.id}`)
    expect(await proof()).toMatchObject({ events: 8, brokenAt: 8 })
  })

  it('holds while others write', async () => {
    await fill(1200)
    const writing = Promise.all(Array.from({ length: 30 }, () => record('file.downloaded')))
    const proofs = await Promise.all([
      proof(),
      proof(),
      proof(),
    ])
    await writing
    expect(proofs.map(({ brokenAt }) => brokenAt)).toEqual([null, null, null])
    expect(await proof()).toMatchObject({ events: 1230, brokenAt: null })
  })
})
