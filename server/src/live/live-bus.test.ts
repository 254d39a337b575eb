import type { TestDatabase } from '../../test/database.ts'
import type { LiveBus, LiveEvent } from './live-bus.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../test/database.ts'
import { createTcpProxy } from '../../test/tcp-proxy.ts'
import { createLiveBus } from './live-bus.ts'

let database: TestDatabase
let other: pg.Client
const buses: LiveBus[] = []
beforeEach(async () => {
  database = await createTestDatabase()
  other = new pg.Client(database.url)
  await other.connect()
})
afterEach(async () => {
  await Promise.all(buses.splice(0).map(bus => bus.stop()))
  await other.end()
  await database.drop()
})

async function start(options: { databaseUrl?: string, onError?: (error: unknown) => void, probeMs?: number, answerMs?: number } = {}) {
  const bus = createLiveBus({
    databaseUrl: database.url,
    onError: () => {},
    ...options,
  })
  buses.push(bus)
  await bus.start()
  const events: LiveEvent[] = []
  const unsubscribe = bus.subscribe('w', event => events.push(event))
  return { bus, events, unsubscribe }
}
const notify = (payload: string) => other.query('select pg_notify($1, $2)', ['clientshare_live', payload])
const event = { topic: 'links', workspaceId: 'w' } as const
const notifyUntil = async (heard: () => boolean) => {
  while (!heard()) {
    await notify(JSON.stringify(event))
    await sleep(50)
  }
}

describe('the live bus', () => {
  it('calls those who subscribed to the workspace, until they no longer want it', async () => {
    const { bus, events, unsubscribe } = await start()
    const others: LiveEvent[] = []
    bus.subscribe('x', heard => others.push(heard))
    await notify(JSON.stringify(event))
    await expect.poll(() => events).toEqual([event])
    unsubscribe()
    await notify(JSON.stringify(event))
    await notify(JSON.stringify({ ...event, workspaceId: 'x' }))
    await expect.poll(() => others).toHaveLength(1)
    expect(events).toHaveLength(1)
  })

  it.each([
    '',
    'null',
    '{',
    '[]',
    '{"workspaceId":1}',
    '{"topic":"notifications","userIds":"x"}',
  ])('outlives the message %j', async (payload) => {
    const { events } = await start()
    await notify(payload)
    await notify(JSON.stringify(event))
    await expect.poll(() => events).toEqual([event])
  })

  it('outlives a listener that fails', async () => {
    const errors: unknown[] = []
    const bus = createLiveBus({
      databaseUrl: database.url,
      onError: error => errors.push(error),
    })
    buses.push(bus)
    await bus.start()
    bus.subscribe('w', () => { throw new Error('listener') })
    const heard: LiveEvent[] = []
    bus.subscribe('w', message => heard.push(message))
    await notify(JSON.stringify(event))
    await expect.poll(() => heard).toHaveLength(1)
    expect(errors).toEqual([
      new Error('listener'),
    ])
  })

  it('comes back after its connection was ended, and says that there was a gap', async () => {
    const { bus, events } = await start()
    let gaps = 0
    bus.onGap(() => gaps++)
    for (let round = 1; round <= 2; round++) {
      events.length = 0
      await other.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clientshare-live' and datname = current_database()`)
      await notifyUntil(() => events.length > 0)
      expect(gaps).toBe(round)
    }
    const { rows } = await other.query(`select count(*)::int as count from pg_stat_activity where application_name = 'clientshare-live' and datname = current_database()`)
    expect(rows[0].count).toBe(1)
  })

  it('comes back when the database was away for some time', async () => {
    const proxy = await createTcpProxy(database.url)
    const errors: unknown[] = []
    const { events } = await start({
      databaseUrl: proxy.url,
      onError: error => errors.push(error),
    })
    proxy.set('cut')
    await expect.poll(() => errors.length).toBeGreaterThan(1)
    proxy.set('open')
    await notifyUntil(() => events.length > 0)
    await buses.pop()!.stop()
    await proxy.close()
  })

  it('finds out that the network went silent', async () => {
    const proxy = await createTcpProxy(database.url)
    const errors: unknown[] = []
    const { bus, events } = await start({
      databaseUrl: proxy.url,
      probeMs: 100,
      answerMs: 300,
      onError: error => errors.push(error),
    })
    const gap = new Promise<void>(resolve => bus.onGap(resolve))
    proxy.set('silent')
    await expect.poll(() => errors.length).toBeGreaterThan(0)
    proxy.set('open')
    await gap
    await notifyUntil(() => events.length > 0)
    await buses.pop()!.stop()
    await proxy.close()
  })

  it('does not come back once stopped', async () => {
    const { bus } = await start()
    await other.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clientshare-live' and datname = current_database()`)
    await bus.stop()
    await sleep(1500)
    const { rows } = await other.query(`select count(*)::int as count from pg_stat_activity where application_name = 'clientshare-live' and datname = current_database()`)
    expect(rows[0].count).toBe(0)
  })
})
