import type { Executor } from '../../db/database.ts'
import { and, eq, gt, isNotNull, isNull, or } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { instance } from '../instance/instance.table.ts'
import { passwordResets } from './password-resets.table.ts'
import { users } from './users.table.ts'

/**
 * Instead of the one of its kind that the person had: what anybody can ask for by mail ends none that an operator passes on. Whoever calls this has locked the
 * account.
 */
export async function putReset(tx: Executor, reset: typeof passwordResets.$inferInsert): Promise<void> {
  await tx.delete(passwordResets).where(and(eq(passwordResets.userId, reset.userId), reset.createdBy == null
    ? isNull(passwordResets.createdBy)
    : isNotNull(passwordResets.createdBy)))
  await tx.insert(passwordResets).values(reset)
}

const makers = alias(users, 'makers')

/** Whose password the link may set, while it counts: one that was passed on, as long as whoever made it may make one. */
export async function findReset(db: Executor, tokenHash: Buffer, now: Date): Promise<{ id: string, userId: string, name: string, email: string, createdBy: string | null } | undefined> {
  const [row] = await db
    .select({
      id: passwordResets.id,
      userId: users.id,
      name: users.name,
      email: users.email,
      createdBy: passwordResets.createdBy,
    })
    .from(passwordResets)
    .innerJoin(users, eq(users.id, passwordResets.userId))
    .leftJoin(makers, eq(makers.id, passwordResets.createdBy))
    .where(and(
      eq(passwordResets.tokenHash, tokenHash),
      gt(passwordResets.expiresAt, now),
      isNull(users.disabledAt),
      or(isNull(passwordResets.createdBy), and(makers.isOperator, isNull(makers.disabledAt))),
    ))
  return row
}

/** @returns whether it was still there: of two at once, one has it */
export async function takeReset(tx: Executor, resetId: string): Promise<boolean> {
  const { rowCount } = await tx.delete(passwordResets).where(eq(passwordResets.id, resetId))
  return rowCount === 1
}

export async function deleteResetOf(tx: Executor, userId: string): Promise<void> {
  await tx.delete(passwordResets).where(eq(passwordResets.userId, userId))
}

export async function findLocale(db: Executor, userId: string): Promise<string | null> {
  const [row] = await db.select({ locale: users.locale }).from(users).where(eq(users.id, userId))
  return row?.locale ?? null
}

/** In whose name the deployment writes. */
export async function findInstanceName(db: Executor): Promise<string> {
  const [row] = await db.select({ name: instance.name }).from(instance)
  return row!.name
}
