import type { Executor } from '../db/database.ts'
import { sql } from 'drizzle-orm'
import pg from 'pg'

const CHANNEL = 'clientshare_live'

/** Something changed: who shows it loads it again. Carries ids only, no content. */
export type LiveEvent
  = | { topic: 'items', workspaceId: string, parentIds: string[] }
    | { topic: 'links', workspaceId: string }
    | { topic: 'members', workspaceId: string, userId?: string }
    | { topic: 'activity', workspaceId: string, seq: number }
    | { topic: 'uploads', workspaceId: string, userId: string, uploadId: string, state: 'open' | 'completed' | 'aborted' }

/** Tells every replica, when and only when the caller's transaction commits (PostgreSQL NOTIFY). */
export async function publishLive(db: Executor, event: LiveEvent): Promise<void> {
  await db.execute(sql`select pg_notify(${CHANNEL}, ${JSON.stringify(event)})`)
}

export interface LiveBus {
  start: () => Promise<void>
  /** Calls back for each event of the workspace until the returned function is called. */
  subscribe: (workspaceId: string, listener: (event: LiveEvent) => void) => () => void
  stop: () => Promise<void>
}

/** One connection per process that listens for everybody; comes back by itself when it is lost. */
export function createLiveBus({ databaseUrl, onError }: { databaseUrl: string, onError: (error: unknown) => void }): LiveBus {
  const listeners = new Map<string, Set<(event: LiveEvent) => void>>()
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  let stopped = false

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'clientshare-live',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    })
    next.on('error', (error) => {
      onError(error)
      reconnect(next)
    })
    next.on('end', () => reconnect(next))
    next.on('notification', ({ payload }) => {
      const event = JSON.parse(payload ?? '') as LiveEvent
      for (const listener of listeners.get(event.workspaceId) ?? []) listener(event)
    })
    client = next
    await next.connect()
    await next.query(`listen ${CHANNEL}`)
  }

  function reconnect(lost: pg.Client): void {
    if (stopped || client !== lost) return
    client = undefined
    retry = setTimeout(() => {
      connect().catch((error: unknown) => {
        onError(error)
        if (client) reconnect(client)
      })
    }, 1000)
  }

  return {
    start: connect,
    subscribe(workspaceId, listener) {
      const set = listeners.get(workspaceId) ?? new Set()
      listeners.set(workspaceId, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0 && listeners.get(workspaceId) === set) listeners.delete(workspaceId)
      }
    },
    async stop() {
      stopped = true
      clearTimeout(retry)
      await client?.end()
    },
  }
}
