import type { RunningServer } from './support/running-server.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { setUp } from './support/api-client.ts'
import { createLoad, createRandom } from './support/fault-load.ts'
import { findViolations } from './support/find-violations.ts'
import { startServer } from './support/running-server.ts'

/** What SECURITY.md promises (I1–I6, I10) while processes die under load. FAULT_SEED and FAULT_KILLS repeat a run, or make it longer. */

const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 2 ** 31)
const KILLS = Number(process.env.FAULT_KILLS ?? 2)

let server: RunningServer
afterEach(() => server?.dispose())

it(`keeps its word through ${KILLS} SIGKILLs under load (FAULT_SEED=${SEED})`, async () => {
  console.log(`FAULT_SEED=${SEED} FAULT_KILLS=${KILLS}`)
  const random = createRandom(SEED)
  server = await startServer()
  const fixture = await setUp(server)
  const load = createLoad(fixture, random)
  for (let kill = 1; kill <= KILLS; kill++) {
    const ending = new AbortController()
    const clients = load.run(ending.signal)
    await sleep(300 + random() * 2500)
    ending.abort()
    await server.kill()
    await clients
    const started = Date.now()
    await server.restart()
    expect(Date.now() - started).toBeLessThan(30_000)
    expect([
      ...await load.check(),
      ...await findViolations(server),
    ], `after kill ${kill} of FAULT_SEED=${SEED}`).toEqual([])
  }
  console.log(JSON.stringify(load.counts))
  expect(Object.keys(load.counts)).toEqual(expect.arrayContaining([
    'uploaded',
    'parts',
    'completed',
    'downloaded',
  ]))
}, 60_000 + KILLS * 90_000)

it(`answers 503 while PostgreSQL is dead, and is well again by itself (FAULT_SEED=${SEED})`, async () => {
  server = await startServer()
  const load = createLoad(await setUp(server), createRandom(SEED))
  const ending = new AbortController()
  const clients = load.run(ending.signal)
  await sleep(1500)
  process.kill(Number(readFileSync(join(server.dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL')
  await sleep(1000)
  await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 60_000, interval: 250 }).toBe(200)
  await sleep(1000)
  ending.abort()
  await clients
  expect([
    ...await load.check(),
    ...await findViolations(server),
  ]).toEqual([])
})
