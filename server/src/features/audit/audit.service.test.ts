import type { TestApp } from '../../../test/test-app.ts'
import type { Caller } from '../../http/caller.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anyEvent, toldEvents } from '../../../test/audit-log.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { systemCaller } from '../../http/caller.ts'
import { INSTANCE_CHAIN } from './audit.service.ts'
import { auditEvents } from './audit.table.ts'

let test: TestApp
beforeAll(async () => { test = await createTestApp() })
afterAll(() => test.close())

const event = (workspaceId: string | null, more: Partial<Parameters<typeof anyEvent>[0]> = {}) => anyEvent({
  workspaceId,
  subject: {
    kind: 'file',
    id: randomUUIDv7(),
    name: 'Report.pdf',
  },
  ...more,
})
const rowsOf = (chainId: string) => toldEvents(test, eq(auditEvents.chainId, chainId))
const range = (n: number) => Array.from({ length: n }, (_, index) => index + 1)

describe('the audit log', () => {
  it('numbers the events of 50 parallel transactions without a gap, none for those rolled back', async () => {
    const { db, audit, auditTrail } = test.deps
    const workspaceId = randomUUIDv7()
    const outcomes = await Promise.allSettled(range(50).map(n => db.transaction(async (tx) => {
      await audit.record(tx, systemCaller, event(workspaceId, {
        details: { n },
      }))
      if (n % 5 === 0) throw new Error('rolled back')
    })))
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10)

    const rows = await rowsOf(workspaceId)
    expect(rows.map(row => row.seq)).toEqual(range(40))
    expect(rows.map(row => row.details.n as number).sort((a, b) => a - b)).toEqual(range(50).filter(n => n % 5 !== 0))
    expect(await auditTrail.verify(workspaceId)).toMatchObject({ events: 40, brokenAt: null })
  })

  it('does not deadlock when transactions write to two chains in either order', async () => {
    const { db, audit, auditTrail } = test.deps
    const [a, b] = [
      randomUUIDv7(),
      randomUUIDv7(),
    ] as const
    await Promise.all(range(40).map(n => db.transaction(tx => audit.record(tx, systemCaller, ...n % 2
      ? [
          event(a),
          event(b),
        ]
      : [
          event(b),
          event(a),
        ]))))
    for (const chain of [a, b]) expect(await auditTrail.verify(chain)).toMatchObject({ events: 40, brokenAt: null })
  })

  it('lets many writers make the same chain', async () => {
    const workspaceId = randomUUIDv7()
    await Promise.all(range(8).map(() => test.deps.audit.recordAlone(systemCaller, event(workspaceId))))
    expect(await test.deps.auditTrail.verify(workspaceId)).toMatchObject({ events: 8, brokenAt: null })
  })

  it('keeps several events of one action in their order, each chain by itself', async () => {
    const workspaceId = randomUUIDv7()
    const before = (await rowsOf(INSTANCE_CHAIN)).length
    await test.deps.audit.recordAlone(systemCaller, event(workspaceId, { action: 'item.moved' }), event(null), event(workspaceId, { action: 'item.renamed' }))
    expect((await rowsOf(workspaceId)).map(row => [row.seq, row.action])).toEqual([
      [1, 'item.moved'],
      [2, 'item.renamed'],
    ])
    expect(await rowsOf(INSTANCE_CHAIN)).toHaveLength(before + 1)
  })

  it('reads back what it hashed, whatever people write into names', async () => {
    const workspaceId = randomUUIDv7()
    const caller: Caller = {
      actor: { kind: 'visitor', id: null, name: 'NUL \0, lone \uD800, "quoted" \\ 名前 é é' },
      origin: {
        via: 'link',
        ip: '2001:db8::1',
        userAgent: 'x'.repeat(512),
      },
    }
    const at = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
    await test.deps.audit.recordAlone(caller, event(workspaceId, {
      outcome: 'refused',
      details: {
        'z': 1,
        'a': [
          null,
          undefined,
          true,
          {
            nested: undefined,
            deep: { b: 2, a: 1 },
          },
        ],
        'gone': undefined,
        at,
        'large': Number.MAX_SAFE_INTEGER,
        'é': -0,
        '': '',
      },
    }))
    const [row] = await rowsOf(workspaceId)
    expect(row!.actor.name).toBe('NUL \uFFFD, lone \uFFFD, "quoted" \\ 名前 é é')
    expect(row!.details).toEqual({
      'z': 1,
      'a': [
        null,
        null,
        true,
        {
          deep: { b: 2, a: 1 },
        },
      ],
      'at': at.toISOString(),
      'large': Number.MAX_SAFE_INTEGER,
      'é': 0,
      '': '',
    })
    expect(await test.deps.auditTrail.verify(workspaceId)).toMatchObject({ events: 1, brokenAt: null })
  })

  it('does not let time run backwards within a chain', async () => {
    const workspaceId = randomUUIDv7()
    await Promise.all(range(20).map(() => test.deps.audit.recordAlone(systemCaller, event(workspaceId))))
    const times = (await rowsOf(workspaceId)).map(row => row.at.getTime())
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })
})
