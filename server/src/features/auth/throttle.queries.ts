import type { Executor } from '../../db/database.ts'
import { and, eq, gt, inArray, sql } from 'drizzle-orm'
import { builtOnce } from '../../db/database.ts'
import { throttles } from './throttles.table.ts'

export type ThrottleRow = typeof throttles.$inferSelect

/** Makes and locks the rows, always in the same order: two attempts with common keys wait instead of deadlocking. */
export function lockCounts(tx: Executor, keys: readonly string[], now: Date): Promise<ThrottleRow[]> {
  return tx
    .insert(throttles)
    .values([
      ...new Set(keys),
    ].sort().map(key => ({ key, failures: 0, lastFailureAt: now })))
    .onConflictDoUpdate({
      target: throttles.key,
      set: { failures: sql`${throttles.failures}` },
    })
    .returning()
}

export async function setCount(tx: Executor, key: string, count: Partial<Omit<ThrottleRow, 'key'>>): Promise<void> {
  await tx.update(throttles).set(count).where(eq(throttles.key, key))
}

const blocksQuery = builtOnce(db => db
  .select({ blockedUntil: throttles.blockedUntil })
  .from(throttles)
  .where(sql`${throttles.key} = any(${sql.placeholder('keys')}::text[])`))

export function listBlocks(db: Executor, keys: readonly string[]): Promise<{ blockedUntil: Date | null }[]> {
  return blocksQuery(db).execute({
    keys: [...keys],
  })
}

export async function deleteCounts(db: Executor, keys: readonly string[]): Promise<void> {
  await db.delete(throttles).where(inArray(throttles.key, [...keys]))
}

/** One failure less, and nothing blocked. */
export async function takeBack(db: Executor, keys: readonly string[]): Promise<void> {
  await db
    .update(throttles)
    .set({ failures: sql`${throttles.failures} - 1`, blockedUntil: null })
    .where(and(inArray(throttles.key, [...keys]), gt(throttles.failures, 0)))
}
