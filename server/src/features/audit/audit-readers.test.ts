import type { TestApp } from '../../../test/test-app.ts'
import type { AuditReader, AuditReaders, AuditReadersOptions } from './audit-readers.service.ts'
import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { anyEvent } from '../../../test/audit-log.ts'
import { createUser } from '../../../test/factories.ts'
import { numbersFrom } from '../../../test/soak.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { systemCaller } from '../../http/caller.ts'
import { createAuditReaders } from './audit-readers.service.ts'
import { INSTANCE_CHAIN } from './audit.service.ts'

const WAIT = { timeout: 60_000 }
let test: TestApp
beforeAll(async () => {
  test = await createTestApp()
  // What readers write. No key: a thing done twice must show.
  await test.deps.db.execute(sql`create table read_events (id bigint generated always as identity, reader text not null, chain_id uuid not null, seq bigint not null)`)
})
beforeEach(() => test.deps.db.execute(sql`truncate read_events, audit_readers`))
afterAll(() => test.close())

const record = (chainId: string | null, count = 1, action = 'file.uploaded') => test.deps.audit.recordAlone(systemCaller, ...Array.from({ length: count }, () => anyEvent({ workspaceId: chainId, action })))
const noting = (name: string, more: Partial<AuditReader> = {}): AuditReader => ({
  name,
  async read(tx, events) {
    for (const { chainId, seq } of events) await tx.execute(sql`insert into read_events (reader, chain_id, seq) values (${name}, ${chainId}, ${seq})`)
  },
  ...more,
})
/** A worker of its own; as quick to sweep and to try again as a test wants. */
async function work(readers: AuditReader[], more: Partial<AuditReadersOptions> = {}): Promise<AuditReaders> {
  const worker = createAuditReaders({
    ...test.deps,
    sweepMs: 50,
    backOffMs: 1,
    ...more,
  })
  await worker.start(readers)
  onTestFinished(() => worker.stop())
  return worker
}
async function readBy(reader: string, chainId: string): Promise<number[]> {
  const { rows } = await test.deps.db.execute<{ seq: string }>(sql`select seq from read_events where reader = ${reader} and chain_id = ${chainId} order by id`)
  return rows.map(({ seq }) => Number(seq))
}
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1)

it('begins behind what there is, and at the beginning of what comes later', async () => {
  const [old, young] = [
    randomUUIDv7(),
    randomUUIDv7(),
  ]
  await record(old, 3)
  const { rows: [head] } = await test.deps.db.execute(sql`select coalesce(max(seq), 0)::int as seq from audit_chains where id = ${INSTANCE_CHAIN}`)
  const instance = head!.seq as number
  await work([
    noting('a'),
  ])
  await record(old, 2)
  await record(young, 2)
  await record(null)
  await expect.poll(() => readBy('a', old), WAIT).toEqual([4, 5])
  await expect.poll(() => readBy('a', young), WAIT).toEqual([1, 2])
  await expect.poll(() => readBy('a', INSTANCE_CHAIN), WAIT).toEqual([instance + 1])
})

it('is woken by the commit, on the instance’s chain too', async () => {
  const chain = randomUUIDv7()
  await work([
    noting('a'),
  ], { sweepMs: 3_600_000 })
  await record(chain)
  await record(null)
  await expect.poll(() => readBy('a', chain), WAIT).toEqual([1])
  await expect.poll(async () => (await readBy('a', INSTANCE_CHAIN)).length, WAIT).toBe(1)
})

it('finds by the sweep what nobody was told of', async () => {
  const chain = randomUUIDv7()
  await work([
    noting('a'),
  ], {
    live: {
      ...test.deps.live,
      subscribeAll: () => () => {},
      onGap: () => () => {},
    },
  })
  await record(chain, 2)
  await expect.poll(() => readBy('a', chain), WAIT).toEqual([1, 2])
})

it('goes on where it stopped, in batches, with the actions it wants', async () => {
  const chain = randomUUIDv7()
  const sizes: number[] = []
  const reader = noting('a', {
    actions: ['file.uploaded'],
  })
  const counting: AuditReader = {
    ...reader,
    read(tx, events) {
      sizes.push(events.length)
      return reader.read(tx, events)
    },
  }
  const first = await work([counting], { batch: 3 })
  await record(chain, 4)
  await record(chain, 2, 'file.downloaded')
  await record(chain, 3)
  await expect.poll(() => readBy('a', chain), WAIT).toEqual([1, 2, 3, 4, 7, 8, 9])
  expect(Math.max(...sizes)).toBe(3)
  await first.stop()
  await record(chain, 1)
  await work([counting])
  await expect.poll(() => readBy('a', chain), WAIT).toEqual([1, 2, 3, 4, 7, 8, 9, 10])
})

it('has a reader that fails hold up neither others nor other workspaces, and tell what on', async () => {
  const [bad, good] = [
    randomUUIDv7(),
    randomUUIDv7(),
  ]
  let isBroken = true
  const failing = noting('failing')
  const worker = await work([
    {
      ...failing,
      async read(tx, events) {
        await failing.read(tx, events)
        if (isBroken && events.some(event => event.chainId === bad && event.seq === 7)) throw new Error('not number 7')
      },
    },
    noting('fine'),
  ])
  await record(bad, 12)
  await record(good, 3)
  await expect.poll(() => readBy('failing', good), WAIT).toEqual(upTo(3))
  await expect.poll(() => readBy('fine', bad), WAIT).toEqual(upTo(12))
  // It came as far as it could, and what the failure had written is gone.
  await expect.poll(() => readBy('failing', bad), WAIT).toEqual(upTo(6))
  const stateOfFailing = async () => (await worker.states()).find(({ name }) => name === 'failing')
  await expect.poll(async () => (await stateOfFailing())?.failures[0]?.attempts ?? 0, WAIT).toBeGreaterThan(1)
  expect(await stateOfFailing()).toMatchObject({
    behind: 6,
    failures: [
      { chainId: bad, seq: 7, error: 'not number 7' },
    ],
  })

  const operator = await createUser(test, { isOperator: true })
  const { body } = await test.call('GET', '/admin/readers', { token: operator.token })
  expect(body.readers.find(({ name }: { name: string }) => name === 'failing').failures).toEqual([
    {
      workspaceId: bad,
      seq: 7,
      attempts: expect.any(Number),
      error: 'not number 7',
      retryAt: expect.any(String),
    },
  ])
  isBroken = false
  await expect.poll(() => readBy('failing', bad), WAIT).toEqual(upTo(12))
  expect((await worker.states()).find(({ name }) => name === 'failing')!.failures).toEqual([])
})

it('waits longer after each failure', async () => {
  const chain = randomUUIDv7()
  test.clock.set(new Date('2026-05-01T00:00:00Z'))
  onTestFinished(() => test.clock.set(null))
  const worker = await work([
    noting('a', {
      read: async () => { throw new Error('never') },
    }),
  ], { backOffMs: 1000 })
  await record(chain)
  const waits: number[] = []
  for (let attempt = 1; attempt <= 3; attempt++) {
    const failure = async () => (await worker.states())[0]!.failures[0]
    await expect.poll(async () => (await failure())?.attempts, WAIT).toBe(attempt)
    const { retryAt } = (await failure())!
    waits.push(retryAt!.getTime() - test.clock.now().getTime())
    test.clock.set(retryAt)
  }
  expect(waits).toEqual([1000, 2000, 4000])
})

it('is named when its statement takes too long: that is no outage', async () => {
  const chain = randomUUIDv7()
  const worker = await work([
    noting('slow', {
      async read(tx) {
        await tx.execute(sql`set local statement_timeout = 1`)
        await tx.execute(sql`select pg_sleep(60)`)
      },
    }),
  ])
  await record(chain)
  await expect.poll(async () => (await worker.states())[0]!.failures, WAIT).toMatchObject([
    {
      chainId: chain,
      seq: 1,
      error: expect.stringContaining('statement timeout'),
    },
  ])
})

it('tells no value that PostgreSQL repeats', async () => {
  const chain = randomUUIDv7()
  const worker = await work([
    noting('casting', {
      async read(tx) {
        await tx.execute(sql`select ${'Jane Doe <jane@example.com>'}::uuid`)
      },
    }),
  ])
  await record(chain)
  await expect.poll(async () => (await worker.states())[0]!.failures, WAIT).toMatchObject([
    {
      chainId: chain,
      error: expect.stringContaining('22P02'),
    },
  ])
  expect(JSON.stringify(await worker.states())).not.toContain('Jane')
})

it('tells no statement and none of its values', async () => {
  const worker = await work([
    noting('a', {
      read: async tx => void await tx.execute(sql`insert into read_events (seq) values (${'secret'}::text::bigint)`),
    }),
  ])
  await record(randomUUIDv7())
  await expect.poll(async () => (await worker.states())[0]!.failures, WAIT).toHaveLength(1)
  expect((await worker.states())[0]!.failures[0]!.error).not.toContain('insert')
})

const seeds = process.env.SOAK === 'true'
  ? Array.from({ length: 10 }, () => Math.floor(Math.random() * 2 ** 31))
  : [1, 20_261_129]
it.each(seeds)('reads each event exactly once and in order, with two workers and failures at every point (seed %i)', async (seed) => {
  const next = numbersFrom(seed)
  const chains = Array.from({ length: 5 }, () => randomUUIDv7())
  const written = new Map(chains.map(chain => [chain, 0]))
  const flaky = (name: string): AuditReader => {
    const reader = noting(name)
    return {
      name,
      async read(tx, events) {
        const luck = next()
        if (luck < 0.1) throw new Error('before writing')
        await reader.read(tx, events)
        // The connection goes before the commit, as with a process that is killed.
        if (luck < 0.15) await tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`)
        if (luck < 0.3) throw new Error('after writing')
      },
    }
  }
  const readers = () => [
    flaky('a'),
    flaky('b'),
  ]
  const batch = 1 + Math.floor(next() * 7)
  let workers = [await work(readers(), { batch }), await work(readers(), { batch })]
  for (let round = 0; round < 40; round++) {
    const chain = chains[Math.floor(next() * chains.length)]!
    const count = 1 + Math.floor(next() * 4)
    if (next() < 0.2) {
      await test.deps.db.transaction(async (tx) => {
        await test.deps.audit.record(tx, systemCaller, anyEvent({ workspaceId: chain }))
        throw new Error('rolled back')
      }).catch(() => {})
    }
    await record(chain, count)
    written.set(chain, written.get(chain)! + count)
    if (next() < 0.1) {
      const [gone, stays] = next() < 0.5
        ? workers
        : workers.toReversed()
      await gone!.stop()
      workers = [stays!, await work(readers(), { batch })]
    }
  }
  for (const name of ['a', 'b']) {
    for (const [chain, count] of written) await expect.poll(() => readBy(name, chain), WAIT).toEqual(upTo(count))
  }
  await Promise.all(workers.map(worker => worker.stop()))
  for (const name of ['a', 'b']) {
    for (const [chain, count] of written) expect(await readBy(name, chain)).toEqual(upTo(count))
  }
})
