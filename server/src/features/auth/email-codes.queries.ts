import type { Executor, Tx } from '../../db/database.ts'
import { and, eq, gt, isNull, lt, not, sql } from 'drizzle-orm'
import { users } from '../users/users.table.ts'
import { isAskedClient, isClientByMail } from './clients.queries.ts'
import { emailCodes } from './email-codes.table.ts'

export async function insertCode(db: Executor, code: typeof emailCodes.$inferInsert): Promise<void> {
  await db.insert(emailCodes).values(code)
}

export async function setCode(tx: Tx, id: string, code: { userId: string, codeHash: Buffer }): Promise<void> {
  await tx.update(emailCodes).set(code).where(eq(emailCodes.id, id))
}

/** Whose code a browser waits for, if it is somebody's. */
export async function findHolder(db: Executor, tokenHash: Buffer): Promise<{ id: string, name: string } | undefined> {
  const [row] = await db.select({ id: users.id, name: users.name }).from(emailCodes).innerJoin(users, eq(users.id, emailCodes.userId)).where(eq(emailCodes.tokenHash, tokenHash))
  return row
}

/** Takes one of so many attempts: of any number at once, so many are judged. @returns undefined when it counts no longer */
export async function takeAttempt(db: Executor, tokenHash: Buffer, { now, most }: { now: Date, most: number }): Promise<{ id: string, userId: string | null, codeHash: Buffer | null } | undefined> {
  const [row] = await db
    .update(emailCodes)
    .set({ attempts: sql`${emailCodes.attempts} + 1` })
    .where(and(eq(emailCodes.tokenHash, tokenHash), gt(emailCodes.expiresAt, now), lt(emailCodes.attempts, most)))
    .returning({ id: emailCodes.id, userId: emailCodes.userId, codeHash: emailCodes.codeHash })
  return row
}

/** @returns false when it was taken: of two at once, one has it */
export async function takeCode(tx: Tx, id: string): Promise<boolean> {
  const { rowCount } = await tx.delete(emailCodes).where(eq(emailCodes.id, id))
  return rowCount === 1
}

const person = {
  id: users.id,
  name: users.name,
  email: users.email,
  isOperator: users.isOperator,
  locale: users.locale,
}

export async function findPerson(db: Executor, emailKey: string) {
  const [row] = await db.select(person).from(users).where(and(eq(users.emailKey, emailKey), isNull(users.disabledAt)))
  return row
}

/**
 * Whoever signs in by a mailed code: the contact of a client. Whoever is more than that has a stronger way in, and no mailbox is to be as good as it; of whom a second factor is
 * asked and who has a password, the code is the second step, after that.
 */
export async function findClient(db: Executor, userId: string) {
  const [row] = await db.select(person).from(users).where(and(eq(users.id, userId), isClientByMail, not(isAskedClient)))
  return row
}
