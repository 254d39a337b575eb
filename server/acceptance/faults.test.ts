import type { RunningServer } from './support/running-server.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, expect, it } from 'vitest'
import { isSoak, seed } from '../test/soak.ts'
import { setUp } from './support/api-client.ts'
import { createLoad, createRandom } from './support/fault-load.ts'
import { findViolations } from './support/find-violations.ts'
import { startServer } from './support/running-server.ts'

/** What SECURITY.md promises (I1–I6, I10) while processes die under load. FAULT_SEED and FAULT_KILLS repeat a run, or make it longer. */

const KILLS = Number(process.env.FAULT_KILLS || (isSoak
  ? 6
  : 1))

let server: RunningServer
afterEach(() => server?.dispose())

it(`keeps its word through ${KILLS} SIGKILLs under load, and what was under way was cut (FAULT_SEED=${seed}; starts it anew for each)`, async () => {
  const random = createRandom(seed)
  server = await startServer()
  const fixture = await setUp(server)
  const load = createLoad(fixture, random)
  for (let kill = 1, tries = 1; kill <= KILLS; tries++) {
    expect(tries, 'a kill that finds nothing under way proves nothing').toBeLessThan(3 * KILLS + 3)
    const ending = new AbortController()
    const clients = load.run(ending.signal)
    // All kinds of work, and then for some time more.
    await load.happened({
      uploaded: 3,
      parts: 3,
      completed: 1,
      downloaded: 3,
      claimed: 1,
    })
    await load.happened({
      uploaded: Math.floor(random() * 8),
      parts: Math.floor(random() * 8),
    })
    const before = load.counts.cut ?? 0
    const killed = server.kill()
    ending.abort()
    await killed
    await clients
    if (load.counts.cut! > before) kill++
    const started = Date.now()
    await server.restart()
    console.log(`ready ${Date.now() - started} ms after a kill that cut ${load.counts.cut! - before} calls`)
    expect([
      ...await load.check(),
      ...await findViolations(server),
    ], `after a kill of FAULT_SEED=${seed}`).toEqual([])
  }
  // What strangers claimed; the check above has seen that each event was counted once.
  const { count } = await fixture.api.must('GET', `/workspaces/${fixture.workspaceId}/audit/unseen`)
  expect(count).toBeGreaterThan(0)
  console.log(JSON.stringify(load.counts))
})

it(`answers 503 while PostgreSQL is dead, and is well again by itself (FAULT_SEED=${seed})`, async () => {
  server = await startServer()
  const load = createLoad(await setUp(server), createRandom(seed))
  const ending = new AbortController()
  const clients = load.run(ending.signal)
  await load.happened({ uploaded: 3, parts: 3, downloaded: 1 })
  const met = load.happened({ refused: 1 })
  process.kill(Number(readFileSync(join(server.dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL')
  await met
  await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status, { interval: 100 }).toBe(200)
  await load.happened({ uploaded: 3, parts: 3, downloaded: 1 })
  ending.abort()
  await clients
  expect([
    ...await load.check(),
    ...await findViolations(server),
  ]).toEqual([])
})
