import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditReader } from './audit-readers.service.ts'
import { randomUUIDv7 } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { anyEvent } from '../../../test/audit-log.ts'
import { addMember, createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { members } from '../members/members.table.ts'
import { createAuditReaders } from './audit-readers.service.ts'
import { unseenReader } from './unseen.reader.ts'
import { unseenActivity } from './unseen.table.ts'

const WAIT = { timeout: 60_000 }
let test: TestApp
let workspace: TestWorkspace
let owner: TestUser
let admin: TestUser
beforeAll(async () => { test = await createTestApp() })
beforeEach(async () => {
  workspace = await createWorkspace(test)
  owner = workspace.owner
  admin = await addMember(test, workspace, 'admin')
})
afterAll(() => test.close())

const by = (user: { id: string, name: string }): Caller => ({
  actor: { kind: 'user', id: user.id, name: user.name },
  origin: { via: 'web', ip: null, userAgent: null },
})
const visitor: Caller = {
  actor: { kind: 'visitor', id: null, name: '' },
  origin: { via: 'link', ip: null, userAgent: null },
}
const record = (caller: Caller, count = 1) => test.deps.audit.recordAlone(caller, ...Array.from({ length: count }, () => anyEvent({ workspaceId: workspace.id })))
const unseen = async (user: TestUser) => (await test.call('GET', `/workspaces/${workspace.id}/audit/unseen`, { token: user.token })).body as { count: number, seenSeq: number }
const look = async (user: TestUser, seq: number) => expect((await test.call('PUT', `/workspaces/${workspace.id}/audit/seen`, {
  token: user.token,
  body: { seq },
})).status).toBe(204)
/** What the reader has counted, whatever it has not come to. */
async function counted(user: TestUser): Promise<number | undefined> {
  const [row] = await test.deps.db.select({ count: unseenActivity.count }).from(unseenActivity).innerJoin(members, eq(members.id, unseenActivity.memberId)).where(and(eq(members.userId, user.id), eq(members.workspaceId, workspace.id)))
  return row?.count
}
async function place(): Promise<number> {
  const { rows } = await test.deps.db.execute<{ seq: string }>(sql`select seq from audit_readers where reader = ${unseenReader.name} and chain_id = ${workspace.id}`)
  return Number(rows[0]?.seq ?? 0)
}
async function work(reader: AuditReader = unseenReader, batch?: number) {
  const worker = createAuditReaders({
    ...test.deps,
    sweepMs: 50,
    backOffMs: 1,
    batch,
  })
  await worker.start([reader])
  onTestFinished(() => worker.stop())
  return worker
}
const untilRead = (seq: number) => expect.poll(place, WAIT).toBe(seq)

it('has nothing unseen before the reader ever started', async () => {
  await test.deps.db.execute(sql`delete from audit_readers`)
  await record(by(owner), 3)
  expect(await unseen(admin)).toEqual({ count: 0, seenSeq: 0 })
})

describe('what is unseen', () => {
  it('is what others did, counted or not yet, until one looks', async () => {
    const worker = await work()
    await record(by(owner), 2)
    await record(by(admin))
    await record(visitor)
    await untilRead(4)
    expect([await counted(owner), await counted(admin)]).toEqual([2, 3])
    await worker.stop()
    // Nobody reads now: what is not counted yet is told all the same.
    await record(by(owner))
    expect([(await unseen(owner)).count, (await unseen(admin)).count]).toEqual([2, 4])

    await look(admin, 4)
    expect(await unseen(admin)).toEqual({ count: 1, seenSeq: 4 })
    await look(admin, 5)
    expect(await unseen(admin)).toEqual({ count: 0, seenSeq: 5 })
    expect((await unseen(owner)).count).toBe(2)
    await work()
    await untilRead(5)
    expect([(await unseen(owner)).count, (await unseen(admin)).count]).toEqual([2, 0])
  })

  it('cannot be looked at ahead, nor looked back', async () => {
    await work()
    await record(by(owner), 3)
    await untilRead(3)
    await look(admin, 1_000_000)
    await record(by(owner), 2)
    await untilRead(5)
    expect(await unseen(admin)).toEqual({ count: 2, seenSeq: 3 })
    await look(admin, 1)
    expect(await unseen(admin)).toEqual({ count: 2, seenSeq: 3 })
    await look(admin, 4)
    expect(await unseen(admin)).toEqual({ count: 1, seenSeq: 4 })
  })

  it('is told up to a hundred', async () => {
    const worker = await work()
    await record(by(owner), 150)
    await untilRead(150)
    expect((await unseen(admin)).count).toBe(100)
    await worker.stop()
    await record(by(owner), 150)
    await look(admin, 150)
    expect((await unseen(admin)).count).toBe(100)
  })

  it('is counted once when the worker ends after writing, before the commit, and when it is cut off between batches', async () => {
    let reads = 0
    const ending: AuditReader = {
      ...unseenReader,
      async read(tx, events) {
        await unseenReader.read(tx, events)
        if (events[0]!.chainId !== workspace.id) return
        reads++
        if (reads === 2) await tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`)
        if (reads >= 2) throw new Error('ended')
      },
    }
    const first = await work(ending, 3)
    await record(by(owner), 10)
    await expect.poll(() => reads, WAIT).toBeGreaterThan(1)
    await first.stop()
    expect([await place(), await counted(admin)]).toEqual([3, 3])
    expect((await unseen(admin)).count).toBe(10)
    await work(unseenReader, 3)
    await untilRead(10)
    expect(await counted(admin)).toBe(10)
  })

  it('is right whenever one looks while two workers count', async () => {
    await Promise.all([
      work(unseenReader, 2),
      work(unseenReader, 2),
    ])
    let seen = 0
    const writing = (async () => {
      for (let n = 0; n < 30; n++) {
        await record(n % 3
          ? by(owner)
          : by(admin))
      }
    })()
    for (let n = 0; n < 10; n++) {
      seen = Math.max(seen, await place())
      await look(admin, seen)
    }
    await writing
    await untilRead(30)
    const others = Array.from({ length: 30 }, (_, n) => n).filter(n => n % 3 && n + 1 > seen).length
    expect(await unseen(admin)).toEqual({ count: others, seenSeq: seen })
  })

  it('belongs to the member: a new one begins with nothing, one who may not see the log has none', async () => {
    await work()
    await record(by(owner), 3)
    await untilRead(3)
    const later = await addMember(test, workspace, 'admin')
    expect((await unseen(later)).count).toBe(0)
    await record(by(owner))
    await untilRead(4)
    expect((await unseen(later)).count).toBe(1)
    const staff = await addMember(test, workspace, 'staff')
    expect((await test.call('GET', `/workspaces/${workspace.id}/audit/unseen`, { token: staff.token })).status).toBe(403)
    await test.deps.db.delete(members).where(eq(members.userId, later.id))
    expect(await counted(later)).toBeUndefined()
    const stranger = {
      id: randomUUIDv7(),
      name: 'Nobody',
    }
    await record(by(stranger))
    await untilRead(5)
  })
})
