import type { Executor } from '../../db/database.ts'
import { and, desc, eq, gt, gte, isNull, ne, sql } from 'drizzle-orm'
import { emailChanges } from './email-changes.table.ts'
import { users } from './users.table.ts'

export type EmailChange = typeof emailChanges.$inferSelect

const withPerson = (db: Executor) => db
  .select({
    change: emailChanges,
    person: { id: users.id, name: users.name },
  })
  .from(emailChanges)
  .innerJoin(users, and(eq(users.id, emailChanges.userId), isNull(users.disabledAt)))

export async function findByToken(db: Executor, tokenHash: Buffer, now: Date) {
  const [row] = await withPerson(db).where(and(eq(emailChanges.tokenHash, tokenHash), isNull(emailChanges.changedAt), gt(emailChanges.expiresAt, now)))
  return row
}

export async function findByUndo(db: Executor, undoHash: Buffer, now: Date) {
  const [row] = await withPerson(db).where(and(eq(emailChanges.undoHash, undoHash), gt(emailChanges.undoUntil, now)))
  return row
}

export async function findWaiting(db: Executor, userId: string, now: Date): Promise<EmailChange | undefined> {
  const [row] = await db
    .select()
    .from(emailChanges)
    .where(and(eq(emailChanges.userId, userId), isNull(emailChanges.changedAt), gt(emailChanges.expiresAt, now)))
    .orderBy(desc(emailChanges.createdAt))
    .limit(1)
  return row
}

/** Whether another than this person has the address, or may still get it back. */
export async function isOthers(db: Executor, key: string, userId: string | null, now: Date): Promise<boolean> {
  const { rows: [row] } = await db.execute<{ taken: boolean }>(sql`select
    exists(select from ${users} where ${and(eq(users.emailKey, key), userId === null
      ? undefined
      : ne(users.id, userId))})
    or exists(select from ${emailChanges} where ${and(eq(emailChanges.fromKey, key), gt(emailChanges.undoUntil, now), userId === null
      ? undefined
      : ne(emailChanges.userId, userId))}) as taken`)
  return row!.taken
}

export async function insertChange(tx: Executor, change: typeof emailChanges.$inferInsert): Promise<void> {
  await tx.insert(emailChanges).values(change)
}

/** What the person asked for before, and did not confirm. @returns their ids */
export async function deleteWaiting(tx: Executor, userId: string): Promise<string[]> {
  const rows = await tx.delete(emailChanges).where(and(eq(emailChanges.userId, userId), isNull(emailChanges.changedAt))).returning({ id: emailChanges.id })
  return rows.map(({ id }) => id)
}

export async function updateChange(tx: Executor, changeId: string, change: Partial<Omit<EmailChange, 'id' | 'userId'>>): Promise<void> {
  await tx.update(emailChanges).set(change).where(eq(emailChanges.id, changeId))
}

/** This one of the person's and all that came after it: what is taken back takes them with it. */
export async function deleteSince(tx: Executor, { userId, createdAt }: Pick<EmailChange, 'userId' | 'createdAt'>): Promise<void> {
  await tx.delete(emailChanges).where(and(eq(emailChanges.userId, userId), gte(emailChanges.createdAt, createdAt)))
}

/** @throws when somebody else has it (`users_email_key_unique`) */
export async function setEmail(tx: Executor, userId: string, change: { email: string, emailKey: string, emailVerifiedAt: Date | null, passwordHash?: null }): Promise<void> {
  await tx.update(users).set(change).where(eq(users.id, userId))
}
