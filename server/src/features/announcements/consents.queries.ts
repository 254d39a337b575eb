import type { Executor, Tx } from '../../db/database.ts'
import type { ConsentKind } from './consents.policy.ts'
import { and, eq } from 'drizzle-orm'
import { announcementConsents } from './announcements.table.ts'

export async function listConsents(db: Executor, userId: string) {
  return db
    .select({
      kind: announcementConsents.kind,
      at: announcementConsents.at,
      source: announcementConsents.source,
    })
    .from(announcementConsents)
    .where(eq(announcementConsents.userId, userId))
}

/** @returns whether there was none */
export async function insertConsent(tx: Tx, row: typeof announcementConsents.$inferInsert): Promise<boolean> {
  return (await tx.insert(announcementConsents).values(row).onConflictDoNothing().returning({ kind: announcementConsents.kind })).length > 0
}

/** @returns whether there was one */
export async function deleteConsent(tx: Tx, userId: string, kind: ConsentKind): Promise<boolean> {
  return (await tx.delete(announcementConsents).where(and(eq(announcementConsents.userId, userId), eq(announcementConsents.kind, kind))).returning({ kind: announcementConsents.kind })).length > 0
}
