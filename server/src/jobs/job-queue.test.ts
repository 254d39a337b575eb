import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../test/database.ts'
import { createDatabase } from '../db/database.ts'
import { createJobQueue, defineJob } from './job-queue.ts'

const job = defineJob<{ n: number }>({ name: 'test.many', expireInSeconds: 60, retryLimit: 2 })

async function start(handle: (payload: { n: number }) => Promise<void>) {
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
  return (from: number, to: number) => db.transaction(async (tx) => {
    for (let n = from; n < to; n++) await jobs.send(tx, job, { n })
  })
}

it('does what has piled up one after another, without waiting for the next poll', async () => {
  const done: number[] = []
  const send = await start(async ({ n }) => { done.push(n) })
  await send(0, 50)
  await expect.poll(() => done.length, { timeout: 10_000 }).toBe(50)
})

it('goes on after one that fails', async () => {
  const done: number[] = []
  const send = await start(async ({ n }) => {
    if (n === 0) throw new Error('not this one')
    done.push(n)
  })
  await send(0, 10)
  await expect.poll(() => done.length, { timeout: 4000 }).toBe(9)
})
