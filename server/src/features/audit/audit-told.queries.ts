import type { Executor } from '../../db/database.ts'
import type { PersonalPart, ToldEvent } from './audit.chain.ts'
import type { AuditOutcome } from './audit.table.ts'
import { and, eq, getTableColumns } from 'drizzle-orm'
import { tellEvent } from './audit.chain.ts'
import { auditEvents, auditPersonal } from './audit.table.ts'

/** An event with what stands beside the chain, as far as it was not erased. */
export interface ToldRow extends ToldEvent {
  chainId: string
  seq: number
  at: Date
  action: string
  outcome: AuditOutcome
  /** The chain's, up to and with it. */
  hash: string
  erased: PersonalPart[]
}

/** Of an event whose row beside the chain is gone. */
const NOTHING = {
  actorName: null,
  actorSalt: null,
  ip: null,
  userAgent: null,
  originSalt: null,
  subjectName: null,
  subjectSalt: null,
  details: null,
  detailsSalt: null,
}

/** To be narrowed, ordered and told by `tellRow`. */
export const selectTold = (db: Executor) => db
  .select({
    event: getTableColumns(auditEvents),
    personal: getTableColumns(auditPersonal),
  })
  .from(auditEvents)
  .leftJoin(auditPersonal, and(eq(auditPersonal.chainId, auditEvents.chainId), eq(auditPersonal.seq, auditEvents.seq)))

export function tellRow({ event, personal }: Awaited<ReturnType<typeof selectTold>>[number]): ToldRow {
  const { chainId, seq, at, action, outcome, hash } = event
  return {
    chainId,
    seq,
    at,
    action,
    outcome,
    hash,
    ...tellEvent({
      ...event,
      at: at.toISOString(),
    }, personal ?? NOTHING),
  }
}
