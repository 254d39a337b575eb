import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Erasure } from './audit-erasure.queries.ts'
import type { NewAuditEvent } from './define-action.ts'
import { eq, sql } from 'drizzle-orm'
import { builtOnce } from '../../db/database.ts'
import { rowsOf } from '../../db/rows.ts'
import { telling } from '../../live/live-bus.ts'
import { deleteNews, erasePersonal } from './audit-erasure.queries.ts'
import { chainHash, GENESIS_HASH, sealEvent, storable } from './audit.chain.ts'
import { auditChains, auditEvents, auditMentions, auditPersonal } from './audit.table.ts'
import { BY_TOKEN } from './define-action.ts'

/** The chain of what concerns the instance and no workspace. */
export const INSTANCE_CHAIN = '00000000-0000-0000-0000-000000000000'

const eventRows = rowsOf(auditEvents, [
  'chainId',
  'seq',
  'at',
  'action',
  'outcome',
  'actorKind',
  'actorId',
  'subjectKind',
  'subjectId',
  'via',
  'details',
  'commitments',
  'previousHash',
  'hash',
])

const personalRows = rowsOf(auditPersonal, [
  'chainId',
  'seq',
  'actorName',
  'actorSalt',
  'ip',
  'userAgent',
  'originSalt',
  'subjectName',
  'subjectSalt',
  'details',
  'detailsSalt',
])

const mentionRows = rowsOf(auditMentions, ['chainId', 'itemId', 'seq'])

export type { NewAuditEvent } from './define-action.ts'

export interface AuditEntry { caller: Caller, event: NewAuditEvent }

export interface AuditLog {
  /**
   * Appends events in the caller's transaction: exactly one event per committed action, none for a rolled-back one.
   * Takes the chain's lock until the commit, so call it last.
   */
  record: (tx: Tx, caller: Caller, ...events: NewAuditEvent[]) => Promise<void>
  /** The same for what several callers did in one transaction. */
  recordAll: (tx: Tx, entries: readonly AuditEntry[]) => Promise<void>
  /** The same in a transaction of its own, for what was refused. */
  recordAlone: (caller: Caller, ...events: NewAuditEvent[]) => Promise<void>
  /**
   * Erases what events tell about people, and the news that was made of them. The chains hold without it and the events stay, with that part erased. In groups with a commit each,
   * because it may be much. The caller records that it was done.
   * @returns of how many events something was erased
   */
  erase: (erasure: Erasure) => Promise<number>
}

/** Events written with one statement; sealing as many is what the process does at a stretch. */
const WRITTEN_AT_ONCE = 1000
/** Events erased with one statement. */
const ERASED_AT_ONCE = 5000

export function createAuditLog({ db, clock }: { db: Db, clock: () => Date }): AuditLog {
  const record: AuditLog['record'] = (tx, caller, ...events) => recordAll(tx, events.map(event => ({ caller, event })))

  async function recordAll(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
    const chains = Map.groupBy(entries, ({ event }) => event.workspaceId ?? INSTANCE_CHAIN)
    // Always in the same order, so that two transactions with two chains cannot wait for each other.
    for (const chainId of [
      ...chains.keys(),
    ].sort()) {
      let { seq, hash } = await lockHead(tx, chainId)
      const told = chains.get(chainId)!
      for (let from = 0; from < told.length; from += WRITTEN_AT_ONCE) {
        const events: Parameters<typeof eventRows.of>[0][number][] = []
        const personal: Parameters<typeof personalRows.of>[0][number][] = []
        const mentions: Parameters<typeof mentionRows.of>[0][number][] = []
        for (const { caller, event } of told.slice(from, from + WRITTEN_AT_ONCE)) {
          const sealed = sealEvent(storable({
            actor: caller.actor,
            subject: event.subject,
            origin: caller.origin,
            details: caller.token
              ? { ...event.details, [BY_TOKEN]: caller.token.name }
              : event.details,
          }), caller.token
            ? [...event.personal, BY_TOKEN]
            : event.personal)
          // Read after the lock is held: within a chain, time does not run backwards.
          const at = clock()
          const row = {
            chainId,
            seq: ++seq,
            action: event.action,
            outcome: event.outcome,
            ...sealed.open,
          }
          const previousHash = hash
          hash = chainHash(previousHash, {
            ...row,
            at: at.toISOString(),
          })
          events.push({ ...row, at, previousHash, hash })
          personal.push({ chainId, seq, ...sealed.personal })
          for (const itemId of new Set(event.mentions)) mentions.push({ chainId, itemId, seq })
        }
        // One statement: everybody who acts in this workspace waits for the lock.
        await tx.execute(sql`
          with written as (insert into audit_events (${eventRows.names}) select ${eventRows.names} from ${eventRows.of(events)}),
            beside as (insert into audit_personal (${personalRows.names}) select ${personalRows.names} from ${personalRows.of(personal)}),
            mentioned as (insert into audit_mentions (${mentionRows.names}) select ${mentionRows.names} from ${mentionRows.of(mentions)})
          update audit_chains set seq = ${seq}, hash = decode(${hash}, 'hex') where id = ${chainId}
          returning ${telling({ topic: 'activity', workspaceId: chainId, seq })}`)
      }
    }
  }

  return {
    record,
    recordAll,
    recordAlone: (caller, ...events) => db.transaction(tx => record(tx, caller, ...events)),
    async erase(erasure) {
      let erased = 0
      for (;;) {
        const count = await erasePersonal(db, erasure, ERASED_AT_ONCE)
        erased += count
        if (count < ERASED_AT_ONCE) break
      }
      await deleteNews(db, erasure, INSTANCE_CHAIN)
      return erased
    },
  }
}

const lockedHead = builtOnce(db => db
  .select({ seq: auditChains.seq, hash: auditChains.hash })
  .from(auditChains)
  .where(eq(auditChains.id, sql.placeholder('chainId')))
  .for('update'))

/** The head of a chain, locked until the commit; made by whoever writes its first event. */
async function lockHead(tx: Tx, chainId: string): Promise<{ seq: number, hash: string }> {
  const [head] = await lockedHead(tx).execute({ chainId })
  if (head) return head
  await tx.insert(auditChains).values({ id: chainId, seq: 0, hash: GENESIS_HASH }).onConflictDoNothing()
  const [made] = await lockedHead(tx).execute({ chainId })
  return made!
}
