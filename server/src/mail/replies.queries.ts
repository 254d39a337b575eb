import type { Executor } from '../db/database.ts'
import { eq, sql } from 'drizzle-orm'
import { replyInboxes } from './replies.table.ts'

type Row = typeof replyInboxes.$inferSelect

export async function findPlace(db: Executor, mailbox: string): Promise<Row | undefined> {
  const [row] = await db.select().from(replyInboxes).where(eq(replyInboxes.mailbox, mailbox))
  return row
}

export async function setPlace(db: Executor, row: Omit<Row, 'failures'>): Promise<void> {
  await db.insert(replyInboxes).values(row).onConflictDoUpdate({
    target: replyInboxes.mailbox,
    set: {
      validity: row.validity,
      uid: row.uid,
      readAt: row.readAt,
      failures: 0,
    },
  })
}

/** @returns how often by now */
export async function countFailure(db: Executor, mailbox: string): Promise<number> {
  const [row] = await db.update(replyInboxes).set({ failures: sql`${replyInboxes.failures} + 1` }).where(eq(replyInboxes.mailbox, mailbox)).returning({ failures: replyInboxes.failures })
  return row?.failures ?? 0
}
