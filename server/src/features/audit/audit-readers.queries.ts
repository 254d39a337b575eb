import type { Db, Executor, Tx } from '../../db/database.ts'
import type { ToldRow } from './audit-told.queries.ts'
import { and, asc, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import { auditReaders } from './audit-readers.table.ts'
import { selectTold, tellRow } from './audit-told.queries.ts'
import { auditChains, auditEvents } from './audit.table.ts'

export interface Place { reader: string, chainId: string }

const at = ({ reader, chainId }: Place) => and(eq(auditReaders.reader, reader), eq(auditReaders.chainId, chainId))

/** A reader that is new begins behind what there is; in chains that come later, at their beginning. In one statement, so that only one of two workers does it. */
export async function registerReader(db: Db, reader: string, instanceChain: string): Promise<void> {
  await db.execute(sql`
    with first as (
      insert into audit_readers (reader, chain_id, seq)
      values (${reader}, ${instanceChain}::uuid, coalesce((select seq from audit_chains where id = ${instanceChain}::uuid), 0))
      on conflict do nothing returning reader
    )
    insert into audit_readers (reader, chain_id, seq)
    select first.reader, id, seq from first, audit_chains where id <> ${instanceChain}::uuid
    on conflict do nothing`)
}

/** Locked until the commit; undefined while another worker has it, or when there is none. */
export async function lockPlace(tx: Tx, place: Place): Promise<{ seq: number, retryAt: Date | null } | undefined> {
  const [row] = await tx.select({ seq: auditReaders.seq, retryAt: auditReaders.retryAt }).from(auditReaders).where(at(place)).for('update', { skipLocked: true })
  return row
}

/** Whether there was none: the chain is younger than the reader. */
export async function makePlace(db: Db, place: Place): Promise<boolean> {
  const made = await db.insert(auditReaders).values({ ...place, seq: 0 }).onConflictDoNothing()
  return (made.rowCount ?? 0) > 0
}

export async function findHead(db: Executor, chainId: string): Promise<number> {
  const [head] = await db.select({ seq: auditChains.seq }).from(auditChains).where(eq(auditChains.id, chainId))
  return head?.seq ?? 0
}

/** Oldest first, above `after` up to `last`. */
export async function listNext(db: Executor, chainId: string, range: { after: number, last: number, actions?: readonly string[], limit: number }): Promise<ToldRow[]> {
  const rows = await selectTold(db)
    .where(and(
      eq(auditEvents.chainId, chainId),
      gt(auditEvents.seq, range.after),
      lte(auditEvents.seq, range.last),
      range.actions && inArray(auditEvents.action, [...range.actions]),
    ))
    .orderBy(asc(auditEvents.seq))
    .limit(range.limit)
  return rows.map(tellRow)
}

export async function movePlace(tx: Tx, place: Place, seq: number): Promise<void> {
  await tx.update(auditReaders).set({
    seq,
    attempts: 0,
    error: null,
    retryAt: null,
  }).where(at(place))
}

/** Unless it has moved on meanwhile. @returns how often it failed there */
export async function countFailure(tx: Tx, place: Place, seq: number, error: string): Promise<number | undefined> {
  const [row] = await tx
    .update(auditReaders)
    .set({ attempts: sql`${auditReaders.attempts} + 1`, error })
    .where(and(at(place), eq(auditReaders.seq, seq)))
    .returning({ attempts: auditReaders.attempts })
  return row?.attempts
}

export async function retryLater(tx: Tx, place: Place, retryAt: Date): Promise<void> {
  await tx.update(auditReaders).set({ retryAt }).where(at(place))
}

/** Where there is something to read, and nothing to wait for. */
export async function findDue(db: Db, readers: readonly string[], now: Date): Promise<Place[]> {
  const { rows } = await db.execute<{ reader: string, chain_id: string }>(sql`
    select it.reader, chain.id as chain_id
    from unnest(${sql.param([...readers])}::text[]) as it (reader) cross join audit_chains as chain
    left join audit_readers as place on place.reader = it.reader and place.chain_id = chain.id
    where chain.seq > coalesce(place.seq, 0) and (place.retry_at is null or place.retry_at <= ${now.toISOString()}::timestamptz)`)
  return rows.map(row => ({ reader: row.reader, chainId: row.chain_id }))
}

export interface ReaderState {
  name: string
  /** Events that it has not read yet, over all chains. */
  behind: number
  failures: { chainId: string, seq: number, attempts: number, error: string, retryAt: Date | null }[]
}

export async function listStates(db: Db): Promise<ReaderState[]> {
  const { rows } = await db.execute<{ name: string, behind: string }>(sql`
    select it.reader as name, sum(greatest(chain.seq - coalesce(place.seq, 0), 0)) as behind
    from (select distinct reader from audit_readers) as it cross join audit_chains as chain
    left join audit_readers as place on place.reader = it.reader and place.chain_id = chain.id
    group by it.reader order by it.reader`)
  const failing = await db.select().from(auditReaders).where(gt(auditReaders.attempts, 0)).orderBy(asc(auditReaders.reader), asc(auditReaders.chainId)).limit(100)
  return rows.map(({ name, behind }) => ({
    name,
    behind: Number(behind),
    failures: failing.filter(({ reader }) => reader === name).map(({ chainId, seq, attempts, error, retryAt }) => ({
      chainId,
      // It failed on the one behind the last that it has done with.
      seq: seq + 1,
      attempts,
      error: error ?? '',
      retryAt,
    })),
  }))
}
