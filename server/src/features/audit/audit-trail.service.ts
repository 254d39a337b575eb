import type { Db } from '../../db/database.ts'
import type { ItemPage } from '../items/items.service.ts'
import type { AuditRow, EventFilter } from './audit-trail.queries.ts'
import type { AuditEvent, AuditQuery } from './audit.schemas.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import * as queries from './audit-trail.queries.ts'
import { chainHash, GENESIS_HASH } from './audit.chain.ts'

/** Reading the log; writing it is audit.service.ts. `chainId`: a workspace's id, or INSTANCE_CHAIN. */
export interface AuditTrailService {
  /** @throws {AppError} `request.invalid` for a cursor of another list */
  list: (chainId: string, query: AuditQuery) => Promise<ItemPage<AuditEvent>>
  /** Events per UTC day, oldest first, every day present, today the last. */
  countByDay: (chainId: string, days: number) => Promise<{ day: string, count: number }[]>
  /** Walks the chain. `events`: how many follow from the first. `brokenAt`: the first seq whose hash or number does not. */
  verify: (chainId: string) => Promise<{ events: number, brokenAt: number | null }>
}

const PROOF_PAGE = 500
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

    async verify(chainId) {
      const ends = await queries.findEnds(db, chainId)
      if (!ends) return { events: 0, brokenAt: null }
      let seq = 0
      let hash: Buffer = GENESIS_HASH
      // Up to the head as it was: what is appended meanwhile is none of this proof's business, and needs no long transaction.
      while (seq < ends.seq) {
        const rows = await queries.listForProof(db, chainId, seq, Math.min(PROOF_PAGE, ends.seq - seq))
        for (const row of rows) {
          if (!follows(row, seq, hash)) return { events: seq, brokenAt: seq + 1 }
          seq = row.seq
          hash = row.hash
        }
        if (rows.length === 0) return { events: seq, brokenAt: seq + 1 }
      }
      if (!hash.equals(ends.hash)) return { events: seq, brokenAt: seq }
      if (ends.lastSeq > ends.seq) return { events: seq, brokenAt: seq + 1 }
      return { events: seq, brokenAt: null }
    },
  }
}

function follows(row: AuditRow, seq: number, hash: Buffer): boolean {
  return row.seq === seq + 1
    && row.previousHash.equals(hash)
    && row.hash.equals(chainHash(hash, row))
    // The columns that filters read repeat what is hashed.
    && row.actorId === row.actor.id
    && row.subjectId === row.subject.id
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

function toEvent({ seq, at, action, outcome, actor, subject, origin, details }: AuditRow): AuditEvent {
  return {
    seq,
    at: at.toISOString(),
    action,
    outcome,
    actor,
    subject,
    origin,
    details,
  }
}
