import type pg from 'pg'
import type { DataStep } from '../../db/migrate.ts'
import type { ToldEvent } from './audit.chain.ts'
import type { AuditOutcome } from './audit.table.ts'
import { chainHash, GENESIS_HASH, sealEvent } from './audit.chain.ts'
import { formerHash } from './former-chain.ts'

const BATCH = 1000
const BEFORE_ALL = String(-(2n ** 63n))

interface FormerRow extends ToldEvent {
  seq: string
  at: Date
  action: string
  outcome: AuditOutcome
  previous_hash: string
  hash: string
  actor_id: string | null
  subject_id: string | null
}

interface Head { id: string, seq: string, hash: string }

/** Names the members of an action's details that tell about people. */
export type PersonalOf = (action: string, details: Record<string, unknown>) => readonly string[]

/**
 * Brings chains of the first version to the second: what events tell about people moves beside the chain, and each chain is hashed anew, beginning with the
 * hash that it ended with, which is kept. A chain that did not hold before is not made whole: from the event where it breaks on, its hashes stay what
 * they are, so that it breaks there still.
 */
export function rewriteChains(personalOf: PersonalOf): DataStep {
  return {
    migration: '0004_audit_personal',
    async run(client) {
      const { rows: heads } = await client.query<Head>(`select id, seq, encode(hash, 'hex') as hash from audit_chains order by id`)
      for (const head of heads) await rewriteChain(client, head, personalOf)
      // Here and not in the migration's SQL: until now they were empty.
      await client.query(`
        alter table audit_events
          alter column actor_kind set not null, alter column subject_kind set not null, alter column via set not null, alter column commitments set not null,
          drop column actor, drop column subject, drop column origin`)
      await client.query('analyze audit_events, audit_personal')
    },
  }
}

async function rewriteChain(client: pg.ClientBase, head: Head, personalOf: PersonalOf): Promise<void> {
  await client.query('insert into audit_former_heads (chain_id, version, seq, hash, rewritten_at) values ($1, 1, $2, decode($3, \'hex\'), now())', [head.id, head.seq, head.hash])
  let formerlyHolds = true
  let seq = 0
  let former: string = GENESIS_HASH
  let current = head.hash
  for (let after = BEFORE_ALL; ;) {
    const { rows } = await client.query<FormerRow>(`
      select seq, at, action, outcome, actor, subject, origin, details, actor_id, subject_id,
        encode(previous_hash, 'hex') as previous_hash, encode(hash, 'hex') as hash
      from audit_events where chain_id = $1 and seq > $2 order by seq limit $3`, [head.id, after, BATCH])
    if (rows.length === 0) break
    after = rows.at(-1)!.seq
    await writeRows(client, head.id, rows.map((row) => {
      const { open, personal } = sealEvent(row, personalOf(row.action, row.details))
      const event = {
        chainId: head.id,
        seq: Number(row.seq),
        at: row.at.toISOString(),
        action: row.action,
        outcome: row.outcome,
        ...open,
      }
      formerlyHolds &&= event.seq === seq + 1
        && event.seq <= Number(head.seq)
        && row.previous_hash === former
        && row.hash === formerHash(former, { ...row, chainId: head.id, seq: event.seq })
        && row.actor_id === row.actor.id
        && row.subject_id === row.subject.id
      if (!formerlyHolds) {
        return {
          event,
          personal,
          previousHash: row.previous_hash,
          hash: row.hash,
        }
      }
      const previousHash = current
      seq = event.seq
      former = row.hash
      current = chainHash(previousHash, event)
      return {
        event,
        personal,
        previousHash,
        hash: current,
      }
    }))
  }
  if (seq === Number(head.seq) && former === head.hash) await client.query(`update audit_chains set hash = decode($2, 'hex') where id = $1`, [head.id, current])
}

interface RewrittenRow extends Pick<ReturnType<typeof sealEvent>, 'personal'> {
  event: { seq: number } & ReturnType<typeof sealEvent>['open']
  previousHash: string
  hash: string
}

async function writeRows(client: pg.ClientBase, chainId: string, rows: RewrittenRow[]): Promise<void> {
  const written = rows.map(({ event, personal, previousHash, hash }) => ({
    seq: event.seq,
    actor_kind: event.actorKind,
    subject_kind: event.subjectKind,
    via: event.via,
    open_details: event.details,
    commitments: hex(event.commitments),
    previous_hash: hex(previousHash),
    hash: hex(hash),
    actor_name: personal.actorName,
    actor_salt: hex(personal.actorSalt),
    ip: personal.ip,
    user_agent: personal.userAgent,
    origin_salt: hex(personal.originSalt),
    subject_name: personal.subjectName,
    subject_salt: hex(personal.subjectSalt),
    details: personal.details,
    details_salt: hex(personal.detailsSalt),
  }))
  await client.query(`
    with rows as (
      select * from json_to_recordset($2) as it (
        seq bigint, actor_kind text, subject_kind text, via text, open_details jsonb, commitments bytea, previous_hash bytea, hash bytea,
        actor_name text, actor_salt bytea, ip text, user_agent text, origin_salt bytea, subject_name text, subject_salt bytea, details jsonb, details_salt bytea
      )
    ), beside as (
      insert into audit_personal (chain_id, seq, actor_name, actor_salt, ip, user_agent, origin_salt, subject_name, subject_salt, details, details_salt)
      select $1, seq, actor_name, actor_salt, ip, user_agent, origin_salt, subject_name, subject_salt, details, details_salt from rows
    )
    update audit_events as event
    set actor_kind = rows.actor_kind, subject_kind = rows.subject_kind, via = rows.via, details = rows.open_details, commitments = rows.commitments,
      previous_hash = rows.previous_hash, hash = rows.hash
    from rows where event.chain_id = $1 and event.seq = rows.seq`, [
    chainId,
    JSON.stringify(written),
  ])
}

const hex = (value: string | null) => value && `\\x${value}`
