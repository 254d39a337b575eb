import type { Executor } from '../../db/database.ts'
import type { ChainedEvent, PersonalValues } from './audit.chain.ts'
import { eq, sql } from 'drizzle-orm'
import { auditChains, auditEvents, auditFormerHeads } from './audit.table.ts'

export interface ChainEnds {
  seq: number
  hash: string
  /** Of the first and the last event there are. */
  firstSeq: number
  lastSeq: number
  former: { seq: number, hash: string } | null
}

export async function listChains(db: Executor): Promise<string[]> {
  return (await db.select({ id: auditChains.id }).from(auditChains)).map(({ id }) => id)
}

/** The head of the chain, where it stood before it was rewritten, and the first and last events there are: of one moment, because it is one statement. */
export async function findEnds(db: Executor, chainId: string): Promise<ChainEnds | undefined> {
  const [ends] = await db
    .select({
      seq: auditChains.seq,
      hash: auditChains.hash,
      firstSeq: sql<number>`coalesce((select min(${auditEvents.seq}) from ${auditEvents} where ${auditEvents.chainId} = ${auditChains.id}), 1)`.mapWith(Number),
      lastSeq: sql<number>`coalesce((select max(${auditEvents.seq}) from ${auditEvents} where ${auditEvents.chainId} = ${auditChains.id}), 0)`.mapWith(Number),
      former: { seq: auditFormerHeads.seq, hash: auditFormerHeads.hash },
    })
    .from(auditChains)
    .leftJoin(auditFormerHeads, eq(auditFormerHeads.chainId, auditChains.id))
    .where(eq(auditChains.id, chainId))
  return ends
}

export interface ProofRow { event: ChainedEvent, previousHash: string, hash: string, personal: PersonalValues }

/** A row as the driver gives it: `bigint` is text there. */
interface RawRow extends Record<string, unknown> {
  seq: string
  action: string
  outcome: ChainedEvent['outcome']
  at: string
  actor_kind: ChainedEvent['actorKind']
  actor_id: string | null
  subject_kind: ChainedEvent['subjectKind']
  subject_id: string | null
  via: ChainedEvent['via']
  details: Record<string, unknown>
  commitments: string
  previous_hash: string
  hash: string
  actor_name: string | null
  actor_salt: string | null
  ip: string | null
  user_agent: string | null
  origin_salt: string | null
  subject_name: string | null
  subject_salt: string | null
  personal_details: Record<string, unknown> | null
  details_salt: string | null
}

/**
 * The events above `after` up to `last`, oldest first. As the driver gives them: mapping a million rows column by column takes longer than hashing
 * them. Both sides of the join are bounded: PostgreSQL does not carry `>` over from one to the other, and a merge join would read what stands
 * beside the chain from its beginning for each page.
 */
export async function listForProof(db: Executor, chainId: string, after: number, last: number): Promise<ProofRow[]> {
  const { rows } = await db.execute<RawRow>(sql`
    select event.seq, event.action, event.outcome, to_char(event.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || case when event.at < '0001-01-01 00:00+00' then ' BC' else '' end as at,
      event.actor_kind, event.actor_id, event.subject_kind, event.subject_id, event.via, event.details,
      encode(event.commitments, 'hex') as commitments, encode(event.previous_hash, 'hex') as previous_hash, encode(event.hash, 'hex') as hash,
      beside.actor_name, encode(beside.actor_salt, 'hex') as actor_salt, beside.ip, beside.user_agent, encode(beside.origin_salt, 'hex') as origin_salt,
      beside.subject_name, encode(beside.subject_salt, 'hex') as subject_salt, beside.details as personal_details,
      encode(beside.details_salt, 'hex') as details_salt
    from audit_events as event
    left join audit_personal as beside
      on beside.chain_id = ${chainId} and beside.seq = event.seq and beside.seq > ${after} and beside.seq <= ${last}
    where event.chain_id = ${chainId} and event.seq > ${after} and event.seq <= ${last}
    order by event.seq`)
  return rows.map(row => ({
    event: {
      chainId,
      seq: Number(row.seq),
      at: row.at,
      action: row.action,
      outcome: row.outcome,
      actorKind: row.actor_kind,
      actorId: row.actor_id,
      subjectKind: row.subject_kind,
      subjectId: row.subject_id,
      via: row.via,
      details: row.details,
      commitments: row.commitments,
    },
    previousHash: row.previous_hash,
    hash: row.hash,
    personal: {
      actorName: row.actor_name,
      actorSalt: row.actor_salt,
      ip: row.ip,
      userAgent: row.user_agent,
      originSalt: row.origin_salt,
      subjectName: row.subject_name,
      subjectSalt: row.subject_salt,
      details: row.personal_details,
      detailsSalt: row.details_salt,
    },
  }))
}
