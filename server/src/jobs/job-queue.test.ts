import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../test/database.ts'
import { createDatabase } from '../db/database.ts'
import { createJobQueue, defineJob } from './job-queue.ts'

const job = defineJob<{ n: number }>({ name: 'test.many', expireInSeconds: 60, retryLimit: 2 })

async function start(handle: (payload: { n: number }, task: { signal: AbortSignal }) => Promise<void>) {
  const { url, drop } = await createTestDatabase()
  const { db, close } = createDatabase({ url, poolSize: 2 })
  const jobs = createJobQueue({
    databaseUrl: url,
    onError: () => {},
  })
  onTestFinished(async () => {
    await jobs.stop()
    await close()
    await drop()
  })
  await jobs.start([
    { job, handle },
  ], { work: true })
  const send = (from: number, to: number) => db.transaction(async (tx) => {
    for (let n = from; n < to; n++) await jobs.send(tx, job, { n })
  })
  return { db, jobs, send }
}

it('does what has piled up one after another, without waiting for the next poll', async () => {
  const done: number[] = []
  const { send } = await start(async ({ n }) => { done.push(n) })
  await send(0, 50)
  await expect.poll(() => done.length).toBe(50)
})

it('does one of those that are the same', async () => {
  const done: number[] = []
  const { db, jobs } = await start(async ({ n }) => { done.push(n) })
  for (let n = 0; n < 3; n++) await jobs.send(db, job, { n }, { once: 'the same' })
  await jobs.send(db, job, { n: 3 }, { once: 'another' })
  await expect.poll(() => done.toSorted()).toEqual([0, 3])
  await jobs.send(db, job, { n: 4 }, { once: 'the same' })
  await jobs.send(db, job, { n: 5 })
  await expect.poll(() => done.toSorted()).toEqual([0, 3, 5])
})

it('goes on after one that fails', async () => {
  const done: number[] = []
  const { send } = await start(async ({ n }) => {
    if (n === 0) throw new Error('not this one')
    done.push(n)
  })
  await send(0, 10)
  await expect.poll(() => done.length).toBe(9)
})

it('leaves a job that does not end to the next worker when it stops', async () => {
  let cut: AbortSignal | undefined
  const { db, jobs, send } = await start(async (_payload, { signal }) => {
    cut = signal
    await new Promise(() => {})
  })
  await send(0, 1)
  await expect.poll(() => cut).toBeDefined()

  // main.ts would cut it off; it ends by itself.
  expect(await Promise.race([
    jobs.stop().then(() => 'stopped'),
    sleep(60_000, 'late', { ref: false }),
  ])).toBe('stopped')
  expect(cut!.aborted).toBe(true)
  const { rows } = await db.execute(sql`select state from pgboss.job where name = ${job.name}`)
  expect(rows).toEqual([
    { state: 'retry' },
  ])
})

it('takes the settings that a newer release gives a job', async () => {
  const { url, drop } = await createTestDatabase()
  const { db, close } = createDatabase({ url, poolSize: 2 })
  onTestFinished(async () => {
    await close()
    await drop()
  })
  const settings = async () => (await db.execute(sql`select retry_limit as "retryLimit", expire_seconds as "expireInSeconds" from pgboss.queue where name = ${job.name}`)).rows
  for (const release of [
    job,
    job,
    { ...job, retryLimit: 7, expireInSeconds: 90 },
  ]) {
    const jobs = createJobQueue({
      databaseUrl: url,
      onError: () => {},
    })
    await jobs.start([
      {
        job: release,
        handle: async () => {},
      },
    ], { work: false })
    await jobs.stop()
    expect(await settings()).toEqual([
      { retryLimit: release.retryLimit, expireInSeconds: release.expireInSeconds },
    ])
  }
})
