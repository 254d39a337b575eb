import type { Db } from '../../db/database.ts'
import type { ItemPage } from '../items/items.service.ts'
import type { ToldRow } from './audit-told.queries.ts'
import type { EventFilter } from './audit-trail.queries.ts'
import type { AuditEvent, AuditQuery } from './audit.schemas.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { proveChain } from './audit-proof.ts'
import * as queries from './audit-trail.queries.ts'

/** Reading the log; writing it is audit.service.ts. `chainId`: a workspace's id, or INSTANCE_CHAIN. */
export interface AuditTrailService {
  /** @throws {AppError} `request.invalid` for a cursor of another list */
  list: (chainId: string, query: AuditQuery) => Promise<ItemPage<AuditEvent>>
  /** Events per UTC day, oldest first, every day present, today the last. */
  countByDay: (chainId: string, days: number) => Promise<{ day: string, count: number }[]>
  /** Walks the chain. `events`: how many follow from the first. `brokenAt`: the first seq whose hash or number does not. */
  verify: (chainId: string) => Promise<{ events: number, brokenAt: number | null }>
}

const DAY_MS = 86_400_000

export function createAuditTrailService({ db, clock }: { db: Db, clock: () => Date }): AuditTrailService {
  return {
    async list(chainId, query) {
      const limit = query.limit ?? 50
      const [before] = (decodeCursor(query.cursor, ['number']) ?? []) as [number?]
      const rows = await queries.listEvents(db, chainId, filterOf(query), { before, limit: limit + 1 })
      const items = rows.slice(0, limit)
      return {
        items: items.map(toEvent),
        nextCursor: rows.length > limit
          ? encodeCursor([items.at(-1)!.seq])
          : null,
      }
    },

    async countByDay(chainId, days) {
      const today = Math.floor(clock().getTime() / DAY_MS)
      const first = today - days + 1
      const counts = new Map((await queries.countByDay(db, chainId, new Date(first * DAY_MS))).map(({ day, count }) => [day, count]))
      return Array.from({ length: days }, (_, index) => {
        const day = new Date((first + index) * DAY_MS).toISOString().slice(0, 10)
        return { day, count: counts.get(day) ?? 0 }
      })
    },

    verify: chainId => proveChain(db, chainId),
  }
}

function filterOf(query: AuditQuery): EventFilter {
  const wanted = query.action ?? []
  return {
    actions: wanted.filter(action => !action.endsWith('.*')),
    families: wanted.filter(action => action.endsWith('.*')).map(action => action.slice(0, -2)),
    outcome: query.outcome,
    actorId: query.actorId,
    subjectId: query.subjectId,
    from: query.from === undefined
      ? undefined
      : new Date(query.from),
    to: query.to === undefined
      ? undefined
      : new Date(query.to),
    name: query.q,
  }
}

function toEvent({ seq, at, action, outcome, actor, subject, origin, details, erased }: ToldRow): AuditEvent {
  return {
    seq,
    at: at.toISOString(),
    action,
    outcome,
    actor,
    subject,
    origin,
    details,
    erased,
  }
}
