import type { TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Caller } from '../../http/caller.ts'
import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { anyEvent } from '../../../test/audit-log.ts'
import { createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'

let test: TestApp
let workspace: TestWorkspace
beforeAll(async () => { test = await createTestApp() })
beforeEach(async () => { workspace = await createWorkspace(test) })
afterEach(() => test.clock.set(null))
afterAll(() => test.close())

const [ana, bea] = [
  randomUUIDv7(),
  randomUUIDv7(),
]
const by = (id: string, name: string): Caller => ({
  actor: { kind: 'user', id, name },
  origin: { via: 'web', ip: '192.0.2.1', userAgent: 'Example browser' },
})
const rename = (caller: Caller, id: string, name: string) => test.deps.audit.recordAlone(caller, anyEvent({
  workspaceId: workspace.id,
  action: 'item.renamed',
  subject: { kind: 'file', id, name },
  details: { from: 'Before.txt', to: name, size: 3 },
  personal: ['from', 'to'],
}))
const list = async (query = '') => (await test.call('GET', `/workspaces/${workspace.id}/audit${query}`, { token: workspace.owner.token })).body.items
const holds = async (events: number) => expect(await test.deps.auditTrail.verify(workspace.id)).toMatchObject({ events, brokenAt: null })

it('has no word about people in the chain itself', async () => {
  await rename(by(ana, 'Ana'), randomUUIDv7(), 'Secret.pdf')
  const { rows } = await test.deps.db.execute(sql`select * from audit_events where chain_id = ${workspace.id}`)
  expect(JSON.stringify(rows)).not.toMatch(/ana|192\.0\.2|example|secret|before/i)
  expect(rows[0]!.details).toEqual({ size: 3 })
  expect((await list())[0]).toMatchObject({
    actor: { kind: 'user', id: ana, name: 'Ana' },
    details: { from: 'Before.txt', to: 'Secret.pdf', size: 3 },
    erased: [],
  })
})

it('erases who did it and from where, and says so', async () => {
  const file = randomUUIDv7()
  await rename(by(ana, 'Ana'), file, 'A.txt')
  await rename(by(bea, 'Bea'), file, 'B.txt')
  expect(await test.deps.audit.erase({ actorId: ana, chainId: workspace.id })).toBe(1)
  expect(await test.deps.audit.erase({ actorId: ana, chainId: workspace.id })).toBe(0)
  await holds(2)
  const [second, first] = await list()
  expect(first).toMatchObject({
    actor: { kind: 'user', id: ana, name: '' },
    origin: { via: 'web', ip: null, userAgent: null },
    subject: { name: 'A.txt' },
    details: { from: 'Before.txt', to: 'A.txt', size: 3 },
    erased: ['actor', 'origin'],
  })
  expect(second).toMatchObject({
    actor: { name: 'Bea' },
    origin: { ip: '192.0.2.1' },
    erased: [],
  })
  expect(await list('?q=Ana')).toEqual([])
  expect(await list(`?actorId=${ana}`)).toHaveLength(1)
})

it('erases what something was called, with the details that tell', async () => {
  const file = randomUUIDv7()
  await rename(by(ana, 'Ana'), file, 'A.txt')
  await test.deps.audit.erase({ subjectId: file })
  await holds(1)
  expect((await list())[0]).toMatchObject({
    actor: { name: 'Ana' },
    subject: { kind: 'file', id: file, name: '' },
    details: { size: 3 },
    erased: ['subject', 'details'],
  })
})

it('erases from where anything was done before a time, in this chain or in all', async () => {
  test.clock.set(new Date('2026-01-01T00:00:00Z'))
  await rename(by(ana, 'Ana'), randomUUIDv7(), 'A.txt')
  test.clock.set(new Date('2026-02-01T00:00:00Z'))
  await rename(by(ana, 'Ana'), randomUUIDv7(), 'B.txt')
  expect(await test.deps.audit.erase({
    originBefore: new Date('2026-02-01T00:00:00Z'),
    chainId: randomUUIDv7(),
  })).toBe(0)
  expect(await test.deps.audit.erase({
    originBefore: new Date('2026-02-01T00:00:00Z'),
    chainId: workspace.id,
  })).toBe(1)
  await holds(2)
  expect((await list()).map((event: { erased: string[] }) => event.erased)).toEqual([
    [],
    ['origin'],
  ])
})

it('takes a row that is gone for erased whole, and one put in its place for a lie', async () => {
  await rename(by(ana, 'Ana'), randomUUIDv7(), 'A.txt')
  const { rows: [row] } = await test.deps.db.execute(sql`delete from audit_personal where chain_id = ${workspace.id} returning *`)
  await holds(1)
  expect((await list())[0]).toMatchObject({
    actor: { name: '' },
    erased: [
      'actor',
      'origin',
      'subject',
      'details',
    ],
  })
  await test.deps.db.execute(sql`insert into audit_personal (chain_id, seq, actor_name, actor_salt) values (${workspace.id}, 1, 'Bea', ${row!.actor_salt})`)
  expect(await test.deps.auditTrail.verify(workspace.id)).toMatchObject({ events: 0, brokenAt: 1 })
  await test.deps.db.execute(sql`update audit_personal set actor_name = 'Ana' where chain_id = ${workspace.id}`)
  await holds(1)
})
