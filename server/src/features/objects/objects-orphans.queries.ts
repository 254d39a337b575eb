import type { Db } from '../../db/database.ts'
import { and, asc, eq, inArray, lte, ne, or, sql } from 'drizzle-orm'
import { orphans } from './objects.table.ts'

/** `ref`: of what is staged; empty for a whole object. `bytes`: where the store tells. */
export interface Orphan { key: string, ref: string, bytes: number | null }

/** @returns those of them about which somebody has decided, by key and ref */
export async function listDecided(db: Db, entries: readonly Orphan[]): Promise<Set<string>> {
  const rows = await db
    .select({ key: orphans.key, ref: orphans.ref })
    .from(orphans)
    .where(and(ne(orphans.state, 'waiting'), inArray(orphans.key, entries.map(({ key }) => key))))
  return new Set(rows.map(({ key, ref }) => `${key} ${ref}`))
}

/** Those noted before keep the moment at which they were found. */
export async function noteUnknown(db: Db, entries: readonly Orphan[], foundAt: Date): Promise<void> {
  if (entries.length > 0) await db.insert(orphans).values(entries.map(entry => ({ ...entry, foundAt }))).onConflictDoNothing()
}

export async function keep(db: Db, entries: readonly Orphan[], foundAt: Date): Promise<void> {
  if (entries.length === 0) return
  await db
    .insert(orphans)
    .values(entries.map(entry => ({ ...entry, foundAt, state: 'kept' as const })))
    .onConflictDoUpdate({
      target: [orphans.key, orphans.ref],
      set: { state: 'kept' },
    })
}

export interface DueOrphan extends Orphan { foundAt: Date }

export function listDue(db: Db, since: Date, after: DueOrphan | undefined, limit: number): Promise<DueOrphan[]> {
  return db
    .select({
      key: orphans.key,
      ref: orphans.ref,
      bytes: orphans.bytes,
      foundAt: orphans.foundAt,
    })
    .from(orphans)
    .where(and(
      or(eq(orphans.state, 'released'), and(eq(orphans.state, 'waiting'), lte(orphans.foundAt, since))),
      after && sql`(${orphans.foundAt}, ${orphans.key}, ${orphans.ref}) > (${after.foundAt.toISOString()}::timestamptz, ${after.key}, ${after.ref})`,
    ))
    .orderBy(asc(orphans.foundAt), asc(orphans.key), asc(orphans.ref))
    .limit(limit)
}

export async function forget(db: Db, { key, ref }: Pick<Orphan, 'key' | 'ref'>): Promise<void> {
  await db.delete(orphans).where(and(eq(orphans.key, key), eq(orphans.ref, ref)))
}

/** The next run deletes what was kept. */
export async function releaseKept(db: Db): Promise<void> {
  await db.update(orphans).set({ state: 'released' }).where(eq(orphans.state, 'kept'))
}

export async function sumUpOrphans(db: Db) {
  const rows = await db
    .select({
      state: orphans.state,
      count: sql<number>`count(*)`.mapWith(Number),
      bytes: sql<number>`coalesce(sum(${orphans.bytes}), 0)`.mapWith(Number),
    })
    .from(orphans)
    .groupBy(orphans.state)
  const of = (state: 'waiting' | 'kept') => {
    const { count = 0, bytes = 0 } = rows.find(row => row.state === state) ?? {}
    return { count, bytes }
  }
  return {
    waiting: of('waiting'),
    kept: of('kept'),
  }
}
