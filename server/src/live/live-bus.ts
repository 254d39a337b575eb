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
    /** There is news for these people, wherever it happened. */
    | { topic: 'notifications', userIds: string[] }

/** That what somebody comes with has ended: what is under way by it is looked at again, in every process. */
export const publishAccountEnded = (db: Executor, userId: string): Promise<void> => publishLive(db, { topic: 'account', workspaceId: NO_WORKSPACE, userId })

/** Tells every replica, when and only when the caller's transaction commits (PostgreSQL NOTIFY). */
export async function publishLive(db: Executor, event: LiveEvent): Promise<void> {
  const messages = messagesOf(event).map(message => JSON.stringify(message))
  await db.execute(sql`select pg_notify(${CHANNEL}, message) from unnest(${sql.param(messages)}::text[]) as message`)
}

/** The same as a part of a statement that is sent anyway: where a lock is held, each round trip counts. */
export function telling(event: Exclude<LiveEvent, { topic: 'items' | 'notifications' }>): SQL {
  return sql`pg_notify(${CHANNEL}, ${JSON.stringify(event)})`
}

function messagesOf(event: LiveEvent): LiveEvent[] {
  switch (event.topic) {
    case 'items': return piecesOf(event.parentIds).map(parentIds => ({ ...event, parentIds }))
    case 'notifications': return piecesOf(event.userIds).map(userIds => ({ ...event, userIds }))
    default: return [event]
  }
}

function piecesOf(ids: readonly string[]): string[][] {
  const count = Math.max(1, Math.ceil(ids.length / IDS_PER_MESSAGE))
  return Array.from({ length: count }, (_, index) => ids.slice(index * IDS_PER_MESSAGE, (index + 1) * IDS_PER_MESSAGE))
}

/** Whose listeners are told: the workspace's, and those of the people whom it names. */
function keysOf(event: LiveEvent): string[] {
  if (event.topic === 'notifications') return event.userIds
  return 'userId' in event && event.userId !== undefined
    ? [event.workspaceId, event.userId]
    : [event.workspaceId]
}

export interface LiveBus {
  start: () => Promise<void>
  /** Calls back for each event of a workspace, or that names a person, until the returned function is called; once, however many of a listener's subscriptions it fits. */
  subscribe: (id: string, listener: (event: LiveEvent) => void) => () => void
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
            tell(new Set(keysOf(event).flatMap(key => [
              ...listeners.get(key) ?? [],
            ])), event)
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
    subscribe(id, listener) {
      const set = listeners.get(id) ?? new Set()
      listeners.set(id, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0 && listeners.get(id) === set) listeners.delete(id)
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
    if (event?.topic === 'notifications') {
      return Array.isArray(event.userIds)
        ? event
        : undefined
    }
    return typeof event?.workspaceId === 'string'
      ? event
      : undefined
  }
  catch {
    return undefined
  }
}
