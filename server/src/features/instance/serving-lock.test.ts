import type { ServingLock, ServingLockOptions } from './serving-lock.ts'
import { sql } from 'drizzle-orm'
import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../../test/database.ts'
import { createTcpProxy } from '../../../test/tcp-proxy.ts'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { createDatabase } from '../../db/database.ts'
import { instance } from './instance.table.ts'
import { NotServing, takeServingLock } from './serving-lock.ts'
import { findStorageHome } from './storage-home.ts'

async function useDatabase() {
  const { url, drop } = await createTestDatabase()
  const { db, close } = createDatabase({ url, poolSize: 2 })
  const taken: ServingLock[] = []
  onTestFinished(async () => {
    await Promise.all(taken.map(lock => lock.release()))
    await close()
    await drop()
  })
  const errors: unknown[] = []
  const moved: NotServing[] = []
  return {
    db,
    url,
    errors,
    moved,
    async take(options: Partial<ServingLockOptions> = {}) {
      const lock = await takeServingLock({
        databaseUrl: url,
        kind: 'local',
        onError: error => errors.push(error),
        onMoved: reason => moved.push(reason),
        reconnectMs: 20,
        ...options,
      })
      taken.push(lock)
      return lock
    },
    /** How many connections say that they serve. */
    async holders() {
      const { rows: [row] } = await db.execute<{ count: string }>(sql`
        select count(*) from pg_locks where locktype = 'advisory' and objid = ${advisoryLocks.serving} and granted
          and database = (select oid from pg_database where datname = current_database())`)
      return Number(row!.count)
    },
    cut: () => db.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clientshare-serving' and datname = current_database()`),
  }
}

it('lets the first to start decide which driver holds the bytes, also among those that start together', async () => {
  const { db, take, holders } = await useDatabase()
  expect(await findStorageHome(db)).toBeUndefined()
  const results = await Promise.allSettled((['local', 's3', 's3', 'local'] as const).map(kind => take({ kind })))
  const home = await findStorageHome(db)
  expect(results.map(result => result.status)).toEqual(['local', 's3', 's3', 'local'].map(kind => kind === home
    ? 'fulfilled'
    : 'rejected'))
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ name: 'NotServing', home })
  }
  await expect.poll(holders).toBe(2)
})

it('takes the lock again when the connection was lost, and goes on when the bytes are where they were', async () => {
  const { take, cut, holders, errors, moved } = await useDatabase()
  const lock = await take()
  await cut()
  await expect.poll(() => errors.length).toBeGreaterThan(0)
  await expect.poll(holders).toBe(1)
  expect(moved).toEqual([])
  await lock.release()
  await expect.poll(holders).toBe(0)
})

it('says so when the bytes have moved by the time the lock is back, and takes no lock', async () => {
  const { db, take, cut, holders, moved } = await useDatabase()
  await take()
  await db.update(instance).set({ storage: 's3' })
  await cut()
  await expect.poll(() => moved.length).toBe(1)
  expect(moved[0]).toBeInstanceOf(NotServing)
  expect(moved[0]!.home).toBe('s3')
  await expect.poll(holders).toBe(0)
})

it('waits while somebody else has the lock alone', async () => {
  const { url, take, cut, holders, errors, moved } = await useDatabase()
  await take({ reconnectMs: 300 })
  await cut()
  await expect.poll(holders, { interval: 5 }).toBe(0)
  const other = createDatabase({ url, poolSize: 1 })
  onTestFinished(() => other.close())
  await other.db.execute(sql`select pg_advisory_lock(${advisoryLocks.serving})`)
  await expect.poll(() => errors.filter(error => error instanceof NotServing).length).toBeGreaterThan(1)
  await other.db.execute(sql`select pg_advisory_unlock(${advisoryLocks.serving})`)
  await expect.poll(holders).toBe(1)
  expect(moved).toEqual([])
})

it('finds out by itself that the connection is dead', async () => {
  const { url, take, holders, errors } = await useDatabase()
  const proxy = await createTcpProxy(url)
  onTestFinished(() => proxy.close())
  const lock = await take({ databaseUrl: proxy.url, probeMs: 200, answerMs: 100 })
  proxy.set('silent')
  await expect.poll(() => errors.length).toBeGreaterThan(0)
  proxy.set('open')
  await expect.poll(holders).toBeGreaterThan(0)
  await lock.release()
})
