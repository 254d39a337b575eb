import type { Executor } from '../../db/database.ts'
import { and, count, desc, eq, inArray, isNotNull, isNull, lt, ne, sql } from 'drizzle-orm'
import { sessions } from '../auth/sessions.table.ts'
import { instance } from '../instance/instance.table.ts'
import { users } from '../users/users.table.ts'
import { recoveryCodes, totpFactors } from './factors.table.ts'

export interface Held { totp: boolean, recovery: boolean }

/** What one can prove oneself by. */
export async function findHeld(db: Executor, userId: string): Promise<Held> {
  const [row] = await db
    .select({
      totp: sql<boolean>`exists(select from ${totpFactors} where ${and(eq(totpFactors.userId, users.id), isNotNull(totpFactors.confirmedAt))})`,
      recovery: sql<boolean>`exists(select from ${recoveryCodes} where ${and(eq(recoveryCodes.userId, users.id), isNull(recoveryCodes.usedAt))})`,
    })
    .from(users)
    .where(eq(users.id, userId))
  return row ?? { totp: false, recovery: false }
}

/** Those of them who have a second factor. */
export async function listHolders(db: Executor, userIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .select({ userId: totpFactors.userId })
    .from(totpFactors)
    .where(and(inArray(totpFactors.userId, [...userIds]), isNotNull(totpFactors.confirmedAt)))
  return rows.map(({ userId }) => userId)
}

/** Whoever adds or removes something of one person waits for whoever else does. */
export async function lockHolder(tx: Executor, userId: string): Promise<void> {
  await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('update')
}

export async function findTotp(db: Executor, userId: string) {
  const [row] = await db.select().from(totpFactors).where(eq(totpFactors.userId, userId))
  return row
}

/** Instead of one that was not confirmed. @returns whether there was none that is */
export async function putTotp(db: Executor, { id, userId, ...totp }: typeof totpFactors.$inferInsert): Promise<boolean> {
  const { rowCount } = await db.insert(totpFactors).values({ id, userId, ...totp }).onConflictDoUpdate({
    target: totpFactors.userId,
    set: { id, ...totp },
    setWhere: isNull(totpFactors.confirmedAt),
  })
  return rowCount === 1
}

/** @returns whether it waited for that: of two at once, one confirms */
export async function confirmTotp(tx: Executor, totpId: string, { step, now }: { step: number, now: Date }): Promise<boolean> {
  const { rowCount } = await tx
    .update(totpFactors)
    .set({ confirmedAt: now, lastStep: step })
    .where(and(eq(totpFactors.id, totpId), isNull(totpFactors.confirmedAt)))
  return rowCount === 1
}

/** @returns whether no code of this step or a later one was taken: of two at once, one is */
export async function takeTotpStep(tx: Executor, totpId: string, { step, now }: { step: number, now: Date }): Promise<boolean> {
  const { rowCount } = await tx
    .update(totpFactors)
    .set({ lastStep: step, lastUsedAt: now })
    .where(and(eq(totpFactors.id, totpId), isNotNull(totpFactors.confirmedAt), lt(totpFactors.lastStep, step)))
  return rowCount === 1
}

/** @returns whether there was one that counted */
export async function deleteTotp(tx: Executor, userId: string): Promise<boolean> {
  const rows = await tx.delete(totpFactors).where(eq(totpFactors.userId, userId)).returning({ confirmedAt: totpFactors.confirmedAt })
  return rows.some(({ confirmedAt }) => confirmedAt !== null)
}

/** With the recovery codes. @returns whether there was a second factor that counted */
export async function deleteFactors(tx: Executor, userId: string): Promise<boolean> {
  await deleteRecoveryCodes(tx, userId)
  return deleteTotp(tx, userId)
}

/** All of one person, the last used first. */
export function listRecoveryCodes(db: Executor, userId: string) {
  return db
    .select({ createdAt: recoveryCodes.createdAt, usedAt: recoveryCodes.usedAt })
    .from(recoveryCodes)
    .where(eq(recoveryCodes.userId, userId))
    .orderBy(desc(recoveryCodes.usedAt))
}

/** @returns how many there were */
export async function deleteRecoveryCodes(tx: Executor, userId: string): Promise<number> {
  const { rowCount } = await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId))
  return rowCount ?? 0
}

export async function insertRecoveryCodes(tx: Executor, rows: (typeof recoveryCodes.$inferInsert)[]): Promise<void> {
  await tx.insert(recoveryCodes).values(rows)
}

/** @returns how many are left; undefined: there is no such code, or it was used */
export async function takeRecoveryCode(tx: Executor, userId: string, { codeHash, now }: { codeHash: Buffer, now: Date }): Promise<number | undefined> {
  const { rowCount } = await tx
    .update(recoveryCodes)
    .set({ usedAt: now })
    .where(and(eq(recoveryCodes.userId, userId), eq(recoveryCodes.codeHash, codeHash), isNull(recoveryCodes.usedAt)))
  if (rowCount !== 1) return undefined
  const [row] = await tx.select({
    left: count(),
  }).from(recoveryCodes).where(and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt)))
  return row!.left
}

/** Whether what the session showed was not ended by another's change. */
export async function hasSteppedUp(tx: Executor, sessionId: string): Promise<boolean> {
  const [row] = await tx.select({ at: sessions.steppedUpAt }).from(sessions).where(eq(sessions.id, sessionId))
  return row?.at != null
}

/** What the person showed elsewhere counts no longer: it was asked for before. */
export async function forgetStepUps(tx: Executor, userId: string, butSession: string): Promise<void> {
  await tx
    .update(sessions)
    .set({ steppedUpAt: null })
    .where(and(eq(sessions.userId, userId), ne(sessions.id, butSession), isNotNull(sessions.steppedUpAt)))
}

/** In whose name authenticator apps keep it. */
export async function findInstanceName(db: Executor): Promise<string> {
  const [row] = await db.select({ name: instance.name }).from(instance)
  return row!.name
}
