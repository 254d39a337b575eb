import type { Socket } from 'node:net'
import type pg from 'pg'
import { randomUUIDv7 } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createTestDatabase } from '../../test/database.ts'
import { users } from '../features/users/users.table.ts'
import { builtOnce, createDatabase } from './database.ts'
import { isDatabaseUnavailable } from './db-errors.ts'

it('outlives a connection that is lost in the middle of a transaction', async () => {
  const { url, drop } = await createTestDatabase()
  const errors: Error[] = []
  const database = createDatabase({
    url,
    poolSize: 1,
    onError: error => errors.push(error),
  })
  const other = createDatabase({ url, poolSize: 1 })
  onTestFinished(async () => {
    await database.close()
    await other.close()
    await drop()
  })

  const failure: unknown = await database.db.transaction(async (tx) => {
    const { rows: [own] } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    await other.db.execute(sql`select pg_terminate_backend(${own!.pid})`)
    // Nothing is asked at this moment, so nobody but a listener can be told.
    await expect.poll(() => errors.length).toBeGreaterThan(0)
    await tx.execute(sql`select 1`)
  }).catch((error: unknown) => error)

  expect(isDatabaseUnavailable(failure)).toBe(true)
  expect((await database.db.execute(sql`select 1 as one`)).rows).toEqual([
    { one: 1 },
  ])
})

it('gives a connection back on which not even a transaction can begin', async () => {
  const { url, drop } = await createTestDatabase()
  const database = createDatabase({ url, poolSize: 1 })
  onTestFinished(async () => {
    await database.close()
    await drop()
  })
  const lose = (client: pg.PoolClient) => {
    (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy()
  }
  database.pool.on('acquire', lose)
  expect(isDatabaseUnavailable(await database.db.transaction(async () => {}).catch((error: unknown) => error))).toBe(true)
  database.pool.off('acquire', lose)

  await database.db.transaction(async tx => expect((await tx.execute(sql`select 1 as one`)).rows).toEqual([
    { one: 1 },
  ]))
  expect(database.pool.idleCount).toBe(1)
})

it.each([
  ['a socket that is not there', `postgres://localhost:5432/x?host=${encodeURIComponent('/nonexistent')}`],
  ['a port where nobody listens', 'postgres://127.0.0.1:1/x'],
])('takes %s for a database that is away', async (_what, url) => {
  const { db, close } = createDatabase({ url, poolSize: 1 })
  onTestFinished(close)
  const failures: unknown[] = [
    await db.execute(sql`select 1`).catch((error: unknown) => error),
    await db.transaction(async () => {}).catch((error: unknown) => error),
  ]
  expect(failures.map(isDatabaseUnavailable)).toEqual([true, true])
})

it('takes a statement or a lock that takes too long for the same', async () => {
  const { url, drop } = await createTestDatabase()
  const { db, close } = createDatabase({ url, poolSize: 2 })
  onTestFinished(async () => {
    await close()
    await drop()
  })
  await db.execute(sql`create table things (id integer)`)
  await db.transaction(async (holder) => {
    await holder.execute(sql`lock table things`)
    for (const limit of ['statement_timeout', 'lock_timeout']) {
      const failure: unknown = await db.transaction(async (tx) => {
        await tx.execute(sql.raw(`set local ${limit} = 50`))
        await tx.execute(sql`select * from things`)
      }).catch((error: unknown) => error)
      expect(isDatabaseUnavailable(failure), limit).toBe(true)
    }
  })
})

it('has a statement prepared once per connection, but no list of any length', async () => {
  // Anew: a process prepares so many statements at most, and other tests of this one have used some.
  vi.resetModules()
  const { createDatabase } = await import('./database.ts')
  const { url, drop } = await createTestDatabase()
  const { db, close } = createDatabase({ url, poolSize: 1 })
  onTestFinished(async () => {
    await close()
    await drop()
  })
  for (const n of [1, 2, 3]) await db.execute(sql`select ${n}::int as n`)
  await db.execute(sql`select 1 where 1 in (${sql.join(Array.from({ length: 41 }, (_, n) => sql`${n}::int`), sql`, `)})`)
  const { rows } = await db.execute(sql.raw('select statement, generic_plans + custom_plans as runs from pg_prepared_statements'))
  expect(rows).toEqual([
    { statement: 'select $1::int as n', runs: '3' },
  ])
})

it('builds a query once, which runs where it is told to: in a transaction, and in another database', async () => {
  const open = async () => {
    const { url, drop } = await createTestDatabase()
    const { db, close } = createDatabase({ url, poolSize: 2 })
    onTestFinished(async () => {
      await close()
      await drop()
    })
    return db
  }
  const [one, other] = [await open(), await open()]
  let builds = 0
  const byName = builtOnce((db) => {
    builds++
    return db.select({ name: users.name, createdAt: users.createdAt }).from(users).where(eq(users.name, sql.placeholder('name')))
  })
  const createdAt = new Date('2026-01-01T00:00:00Z')
  await expect(one.transaction(async (tx) => {
    await tx.insert(users).values({
      id: randomUUIDv7(),
      name: 'Ada',
      email: 'ada@example.com',
      emailKey: 'ada@example.com',
      createdAt,
    })
    expect(await byName(tx).execute({ name: 'Ada' })).toEqual([
      { name: 'Ada', createdAt },
    ])
    // The transaction alone sees what it has not committed.
    expect(await byName(one).execute({ name: 'Ada' })).toEqual([])
    await tx.transaction(async inner => expect(await byName(inner).execute({ name: 'Ada' })).toHaveLength(1))
    throw new Error('rolled back')
  })).rejects.toThrow('rolled back')
  await other.insert(users).values({
    id: randomUUIDv7(),
    name: 'Ada',
    email: 'ada@example.com',
    emailKey: 'ada@example.com',
    createdAt,
  })
  expect(await byName(other).execute({ name: 'Ada' })).toHaveLength(1)
  expect(await byName(one).execute({ name: 'Ada' })).toEqual([])
  expect(await byName(other).execute({ name: 'Bob' })).toEqual([])
  expect(builds).toBe(1)
})
