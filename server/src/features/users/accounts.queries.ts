import type { Executor } from '../../db/database.ts'
import { and, asc, eq, gt, isNull, max, ne } from 'drizzle-orm'
import { publishAccountEnded } from '../../live/live-bus.ts'
import { emailCodes } from '../auth/email-codes.table.ts'
import { knownDevices } from '../auth/known-devices.table.ts'
import { sessions } from '../auth/sessions.table.ts'
import { signInSteps } from '../auth/sign-in-steps.table.ts'
import { instance } from '../instance/instance.table.ts'
import { emailChanges } from './email-changes.table.ts'
import { users } from './users.table.ts'

const account = {
  id: users.id,
  name: users.name,
  email: users.email,
  isOperator: users.isOperator,
  disabledAt: users.disabledAt,
}

/** Everybody, with when a session of theirs was last used, as far as sessions are kept. */
export function listAccounts(db: Executor) {
  return db
    .select({
      ...account,
      createdAt: users.createdAt,
      lastUsedAt: max(sessions.lastUsedAt),
    })
    .from(users)
    .leftJoin(sessions, eq(sessions.userId, users.id))
    .groupBy(users.id)
    .orderBy(asc(users.emailKey))
}

/** The first operator comes by the set-up. */
export async function isSetUp(db: Executor): Promise<boolean> {
  const [row] = await db.select({ setUpAt: instance.setUpAt }).from(instance)
  return row?.setUpAt != null
}

export async function findAccount(db: Executor, emailKey: string) {
  const [row] = await db.select(account).from(users).where(eq(users.emailKey, emailKey))
  return row
}

export async function lockAccount(tx: Executor, emailKey: string) {
  const [row] = await tx.select({ ...account, emailVerifiedAt: users.emailVerifiedAt }).from(users).where(eq(users.emailKey, emailKey)).for('update')
  return row
}

export async function lockAccountById(tx: Executor, userId: string) {
  const [row] = await tx.select({ ...account, emailVerifiedAt: users.emailVerifiedAt }).from(users).where(eq(users.id, userId)).for('update')
  return row
}

/** @returns false when somebody has the address already */
export async function insertAccount(tx: Executor, user: typeof users.$inferInsert): Promise<boolean> {
  const { rowCount } = await tx.insert(users).values(user).onConflictDoNothing({ target: users.emailKey })
  return rowCount === 1
}

export async function changeAccount(tx: Executor, userId: string, change: Partial<Pick<typeof users.$inferInsert, 'passwordHash' | 'isOperator' | 'disabledAt' | 'emailVerifiedAt'>>): Promise<void> {
  await tx.update(users).set(change).where(eq(users.id, userId))
}

/** What somebody has begun to show, of one person or of all: the codes that were mailed to them, too. */
export async function endSignInsUnderWay(tx: Executor, userId?: string): Promise<void> {
  await tx.delete(signInSteps).where(userId === undefined
    ? undefined
    : eq(signInSteps.userId, userId))
  await tx.delete(emailCodes).where(userId === undefined
    ? undefined
    : eq(emailCodes.userId, userId))
}

/**
 * Ends the sessions of one person, or of all, and the sign-ins that are under way; but not the session to be kept. No browser is known any more: the next sign-in in one is news.
 * One person's wish for another address goes too, whoever made it by one of those sessions, and what is under way by them is looked at again. @returns how many stood
 */
export async function endSessions(tx: Executor, now: Date, { userId, but }: { userId?: string, but?: string } = {}): Promise<number> {
  await endSignInsUnderWay(tx, userId)
  await tx.delete(knownDevices).where(userId === undefined
    ? undefined
    : eq(knownDevices.userId, userId))
  if (userId !== undefined) {
    await tx.delete(emailChanges).where(and(eq(emailChanges.userId, userId), isNull(emailChanges.changedAt)))
    await publishAccountEnded(tx, userId)
  }
  const { rowCount } = await tx
    .update(sessions)
    .set({ revokedAt: now })
    .where(and(
      isNull(sessions.revokedAt),
      gt(sessions.expiresAt, now),
      userId === undefined
        ? undefined
        : eq(sessions.userId, userId),
      but === undefined
        ? undefined
        : ne(sessions.id, but),
    ))
  return rowCount ?? 0
}
