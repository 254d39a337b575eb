import type { SQL } from 'drizzle-orm'
import type { Executor } from '../db/database.ts'
import type { KeptConnectionTimes } from '../db/kept-connection.ts'
import { sql } from 'drizzle-orm'
import { keepConnection } from '../db/kept-connection.ts'

/** What is of the instance stands under this id. */
const NO_WORKSPACE = '00000000-0000-0000-0000-000000000000'
const CHANNEL = 'clientshare_live'
/** PostgreSQL takes payloads of less than 8000 bytes; an id and its quotes and comma have 39. */
const IDS_PER_MESSAGE = 150

/** Something changed: who shows it loads it again. Carries ids only, no content. */
export type LiveEvent
  = | { topic: 'items', workspaceId: string, parentIds: string[] }
    | { topic: 'links', workspaceId: string }
    | { topic: 'members', workspaceId: string, userId?: string }
    /** By the nil id, for it is of no workspace: the account was disabled, or something that it comes with was ended. */
    | { topic: 'account', workspaceId: string, userId: string }
    /** By the nil id for the instance's log. With a user: they have seen it up to there. */
    | { topic: 'activity', workspaceId: string, seq: number, userId?: string }
    /** How far a deletion of this person is. */
    | { topic: 'purges', workspaceId: string, userId: string }
    | { topic: 'uploads', workspaceId: string, userId: string, uploadId: string, state: 'open' | 'completed' | 'aborted' }

/** That what somebody comes with has ended: what is under way by it is looked at again, in every process. */
export const publishAccountEnded = (db: Executor, userId: string): Promise<void> => publishLive(db, { topic: 'account', workspaceId: NO_WORKSPACE, userId })

/** Tells every replica, when and only when the caller's transaction commits (PostgreSQL NOTIFY). */
export async function publishLive(db: Executor, event: LiveEvent): Promise<void> {
  const messages = messagesOf(event).map(message => JSON.stringify(message))
  await db.execute(sql`select pg_notify(${CHANNEL}, message) from unnest(${sql.param(messages)}::text[]) as message`)
}

/** The same as a part of a statement that is sent anyway: where a lock is held, each round trip counts. */
export function telling(event: Exclude<LiveEvent, { topic: 'items' }>): SQL {
  return sql`pg_notify(${CHANNEL}, ${JSON.stringify(event)})`
}

function messagesOf(event: LiveEvent): LiveEvent[] {
  if (event.topic !== 'items' || event.parentIds.length <= IDS_PER_MESSAGE) return [event]
  const count = Math.ceil(event.parentIds.length / IDS_PER_MESSAGE)
  return Array.from({ length: count }, (_, index) => ({
    ...event,
    parentIds: event.parentIds.slice(index * IDS_PER_MESSAGE, (index + 1) * IDS_PER_MESSAGE),
  }))
}

export interface LiveBus {
  start: () => Promise<void>
  /** Calls back for each event of the workspace until the returned function is called. */
  subscribe: (workspaceId: string, listener: (event: LiveEvent) => void) => () => void
  /** The same for events of every workspace, and of the instance by the nil id. */
  subscribeAll: (listener: (event: LiveEvent) => void) => () => void
  /** Calls back when it listens again after a break: events may have been missed. */
  onGap: (listener: () => void) => () => void
  stop: () => Promise<void>
}

/** One connection per process that listens for everybody; comes back by itself when it is lost. */
export function createLiveBus({ databaseUrl, onError, ...times }: { databaseUrl: string, onError: (error: unknown) => void } & KeptConnectionTimes): LiveBus {
  const listeners = new Map<string, Set<(event: LiveEvent) => void>>()
  const everywhere = new Set<(event: LiveEvent) => void>()
  const gapListeners = new Set<() => void>()
  let connection: { close: () => Promise<void> } | undefined

  function tell<T>(to: Iterable<(message: T) => void>, message: T): void {
    for (const listener of [...to]) {
      try {
        listener(message)
      }
      catch (error) {
        onError(error)
      }
    }
  }

  return {
    async start() {
      connection = await keepConnection({
        ...times,
        databaseUrl,
        name: 'clientshare-live',
        async begin(client) {
          client.on('notification', ({ payload }) => {
            const event = parseEvent(payload)
            if (!event) return
            tell(listeners.get(event.workspaceId) ?? [], event)
            tell(everywhere, event)
          })
          await client.query(`listen ${CHANNEL}`)
        },
        onLost(error) {
          onError(error)
          return 'retry'
        },
        onBack: () => tell(gapListeners, undefined),
      })
    },
    subscribe(workspaceId, listener) {
      const set = listeners.get(workspaceId) ?? new Set()
      listeners.set(workspaceId, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0 && listeners.get(workspaceId) === set) listeners.delete(workspaceId)
      }
    },
    subscribeAll(listener) {
      everywhere.add(listener)
      return () => everywhere.delete(listener)
    },
    onGap(listener) {
      gapListeners.add(listener)
      return () => gapListeners.delete(listener)
    },
    stop: async () => connection?.close(),
  }
}

/** Whoever may connect to the database may send on the channel. */
function parseEvent(payload: string | undefined): LiveEvent | undefined {
  try {
    const event = JSON.parse(payload ?? '') as LiveEvent | null
    return typeof event?.workspaceId === 'string'
      ? event
      : undefined
  }
  catch {
    return undefined
  }
}
