import type { Readable } from 'node:stream'
import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { ItemPage } from '../items/items.service.ts'
import type { ChainProof } from './audit-proof.ts'
import type { ToldRow } from './audit-told.queries.ts'
import type { EventFilter } from './audit-trail.queries.ts'
import type { AuditEvent, AuditExportQuery, AuditQuery } from './audit.schemas.ts'
import type { AuditLog } from './audit.service.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { exportStream } from './audit-export.ts'
import { proveChain } from './audit-proof.ts'
import * as queries from './audit-trail.queries.ts'
import { auditExported } from './audit.actions.ts'
import { INSTANCE_CHAIN } from './audit.service.ts'

/** Reading the log; writing it is audit.service.ts. `chainId`: a workspace's id, or INSTANCE_CHAIN. */
export interface AuditTrailService {
  /** @throws {AppError} `request.invalid` for a cursor of another list */
  list: (chainId: string, query: AuditQuery) => Promise<ItemPage<AuditEvent>>
  /**
   * All events that fit, newest first, as a file: read as fast as it is sent, and no further than somebody takes it. That it was exported is
   * recorded, by `recordExport`, which gives its name.
   */
  export: (workspaceId: string | null, query: AuditExportQuery) => Readable
  recordExport: (caller: Caller, workspaceId: string | null, query: AuditExportQuery) => Promise<{ name: string }>
  /** Events per UTC day, oldest first, every day present, today the last. */
  countByDay: (chainId: string, days: number) => Promise<{ day: string, count: number }[]>
  /** Walks the chain. */
  verify: (chainId: string) => Promise<ChainProof>
}

const EXPORT_PAGE = 500
const DAY_MS = 86_400_000

export function createAuditTrailService({ db, audit, clock }: { db: Db, audit: AuditLog, clock: () => Date }): AuditTrailService {
  async function* pagesOf(chainId: string, filter: EventFilter): AsyncGenerator<AuditEvent[]> {
    let before: number | undefined
    for (;;) {
      const rows = await queries.listEvents(db, chainId, filter, { before, limit: EXPORT_PAGE })
      if (rows.length > 0) yield rows.map(toEvent)
      if (rows.length < EXPORT_PAGE) return
      before = rows.at(-1)!.seq
    }
  }

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

    export: (workspaceId, { format, ...query }) => exportStream(pagesOf(workspaceId ?? INSTANCE_CHAIN, filterOf(query)), format),

    async recordExport(caller, workspaceId, { format, action, outcome, actorId, subjectId, from, to, q }) {
      const owner = await queries.getOwnersName(db, workspaceId)
      await audit.recordAlone(caller, auditExported({
        workspaceId,
        subject: {
          kind: workspaceId === null
            ? 'instance'
            : 'workspace',
          id: workspaceId,
          name: owner,
        },
        details: {
          format,
          actions: action,
          outcome,
          personId: actorId,
          subjectId,
          since: from,
          until: to,
          search: q,
        },
      }))
      return {
        name: `${owner} activity ${clock().toISOString().slice(0, 10)}.${format}`.trim(),
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

function filterOf(query: Omit<AuditExportQuery, 'format'>): EventFilter {
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

function toEvent({ seq, at, action, outcome, actor, subject, origin, details, hash, erased }: ToldRow): AuditEvent {
  return {
    seq,
    at: at.toISOString(),
    action,
    outcome,
    actor,
    subject,
    origin,
    details,
    hash,
    erased,
  }
}
