import type { Executor, Tx } from '../../db/database.ts'
import { eq, sql } from 'drizzle-orm'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { users } from '../users/users.table.ts'
import { retentionSettings } from './retention.table.ts'

export interface RetentionSetting { kind: string, days: number | null, changedAt: Date, changedBy: string | null, changedByName: string | null }

export function listSettings(db: Executor): Promise<RetentionSetting[]> {
  return db
    .select({
      kind: retentionSettings.kind,
      days: retentionSettings.days,
      changedAt: retentionSettings.changedAt,
      changedBy: retentionSettings.changedBy,
      changedByName: users.name,
    })
    .from(retentionSettings)
    .leftJoin(users, eq(users.id, retentionSettings.changedBy))
}

export async function findDays(db: Executor, kind: string): Promise<{ days: number | null } | undefined> {
  const [row] = await db.select({ days: retentionSettings.days }).from(retentionSettings).where(eq(retentionSettings.kind, kind))
  return row
}

/** Until the commit no setting is another one. */
export async function holdSettings(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${advisoryLocks.keeping})`)
}

/** Waits for what is being deleted by the settings as they are. */
export async function lockSettings(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${advisoryLocks.keeping})`)
}

export async function putSetting(tx: Tx, setting: typeof retentionSettings.$inferInsert): Promise<void> {
  await tx.insert(retentionSettings).values(setting).onConflictDoUpdate({ target: retentionSettings.kind, set: setting })
}
