import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../test/database.ts'
import { createTcpProxy } from '../../test/tcp-proxy.ts'
import { keepDeploymentClock } from './clock.ts'
import { createDatabase } from './database.ts'

const HOUR = 3_600_000

async function start(options: { machineNow?: () => number } = {}) {
  const { url, drop } = await createTestDatabase({ empty: true })
  const proxy = await createTcpProxy(url)
  const straight = createDatabase({ url, poolSize: 1 })
  const { db, close } = createDatabase({ url: proxy.url, poolSize: 1 })
  const told: string[] = []
  const tell = (_fields: object, message: string) => void told.push(message)
  const clock = await keepDeploymentClock({
    db,
    log: { info: tell, error: tell },
    measureEveryMs: 20,
    ...options,
  })
  onTestFinished(async () => {
    clock.close()
    await close()
    await straight.close()
    await proxy.close()
    await drop()
  })
  const databaseNow = async () => Number((await straight.db.execute<{ ms: string }>(sql`select extract(epoch from clock_timestamp()) * 1000 as ms`)).rows[0]!.ms)
  return { clock, told, proxy, databaseNow }
}

it('is the database’s, also while that is away', async () => {
  const { clock, told, proxy, databaseNow } = await start()
  /** Between two of the database's times, give or take what an answer may have taken. */
  const agrees = async () => {
    const before = await databaseNow()
    const now = clock.now().getTime()
    const after = await databaseNow()
    return now > before - 2000 && now < after + 2000
  }
  expect(await agrees()).toBe(true)
  proxy.set('cut')
  const then = clock.now().getTime()
  await sleep(100) // what is shown is that the time goes on
  expect(clock.now().getTime()).toBeGreaterThan(then)
  expect(await agrees()).toBe(true)
  expect(told).toEqual([])
})

it('tells when this machine’s differs, once, and when it is right again', async () => {
  let wrongMs = 2 * HOUR
  const { told, databaseNow, clock } = await start({
    machineNow: () => Date.now() + wrongMs,
  })
  expect(told).toEqual([
    expect.stringMatching(/^The clock of this machine is 2 hours ahead of the database’s, .*NTP/),
  ])
  expect(Math.abs(clock.now().getTime() - await databaseNow())).toBeLessThan(HOUR)
  wrongMs = -30_000
  await expect.poll(() => told, { timeout: 60_000 }).toEqual([
    expect.any(String),
    expect.stringMatching(/^The clock of this machine is 30 seconds behind the database’s/),
  ])
  wrongMs = 0
  await expect.poll(() => told, { timeout: 60_000 }).toEqual([
    expect.any(String),
    expect.any(String),
    expect.stringMatching(/agrees/),
  ])
})
