import type { Executor } from '../../db/database.ts'
import { and, asc, count, desc, eq, gt, inArray, isNotNull, isNull, lt, ne, sql } from 'drizzle-orm'
import { sessions } from '../auth/sessions.table.ts'
import { instance } from '../instance/instance.table.ts'
import { users } from '../users/users.table.ts'
import { passkeyChallenges, passkeys, recoveryCodes, totpFactors } from './factors.table.ts'

export interface Held { passkey: boolean, totp: boolean, recovery: boolean }

/** What one can prove oneself by. */
export async function findHeld(db: Executor, userId: string): Promise<Held> {
  const [row] = await db
    .select({
      passkey: sql<boolean>`exists(select from ${passkeys} where ${eq(passkeys.userId, users.id)})`,
      totp: sql<boolean>`exists(select from ${totpFactors} where ${and(eq(totpFactors.userId, users.id), isNotNull(totpFactors.confirmedAt))})`,
      recovery: sql<boolean>`exists(select from ${recoveryCodes} where ${and(eq(recoveryCodes.userId, users.id), isNull(recoveryCodes.usedAt))})`,
    })
    .from(users)
    .where(eq(users.id, userId))
  return row ?? { passkey: false, totp: false, recovery: false }
}

/** Those of them who have a second factor. */
export async function listHolders(db: Executor, userIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .select({ userId: totpFactors.userId })
    .from(totpFactors)
    .where(and(inArray(totpFactors.userId, [...userIds]), isNotNull(totpFactors.confirmedAt)))
    .union(db.select({ userId: passkeys.userId }).from(passkeys).where(inArray(passkeys.userId, [...userIds])))
  return rows.map(({ userId }) => userId)
}

/** Whoever adds, removes or shows something of one person waits for whoever else does. The person is locked before what is theirs: all who lock both do it in this order. */
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
  const { rowCount } = await tx.delete(passkeys).where(eq(passkeys.userId, userId))
  return await deleteTotp(tx, userId) || rowCount! > 0
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

/** The one added first comes first. */
export function listPasskeys(db: Executor, userId: string) {
  return db.select().from(passkeys).where(eq(passkeys.userId, userId)).orderBy(asc(passkeys.createdAt))
}

/** Whose a passkey is. */
export async function findPasskeyOwner(db: Executor, credentialId: string): Promise<string | undefined> {
  const [row] = await db.select({ userId: passkeys.userId }).from(passkeys).where(eq(passkeys.credentialId, credentialId))
  return row?.userId
}

/** Of somebody who may sign in; locked, so that of two answers at once each is held to the other's count. */
export async function findPasskey(db: Executor, credentialId: string) {
  const [row] = await db
    .select({
      passkey: passkeys,
      user: { id: users.id, name: users.name },
    })
    .from(passkeys)
    .innerJoin(users, eq(users.id, passkeys.userId))
    .where(and(eq(passkeys.credentialId, credentialId), isNull(users.disabledAt)))
    .for('update', { of: passkeys })
  return row
}

/** @returns whether nobody has it yet */
export async function insertPasskey(tx: Executor, passkey: typeof passkeys.$inferInsert): Promise<boolean> {
  const { rowCount } = await tx.insert(passkeys).values(passkey).onConflictDoNothing({ target: passkeys.credentialId })
  return rowCount === 1
}

export async function changePasskey(tx: Executor, passkeyId: string, change: Partial<Pick<typeof passkeys.$inferInsert, 'name' | 'counter' | 'isBackedUp' | 'lastUsedAt'>>): Promise<void> {
  await tx.update(passkeys).set(change).where(eq(passkeys.id, passkeyId))
}

/** @returns undefined: the person has no such one */
export async function lockPasskeyName(tx: Executor, userId: string, passkeyId: string): Promise<string | undefined> {
  const [row] = await tx.select({ name: passkeys.name }).from(passkeys).where(and(eq(passkeys.id, passkeyId), eq(passkeys.userId, userId))).for('update')
  return row?.name
}

/** @returns its name; undefined: the person has no such one */
export async function deletePasskey(tx: Executor, userId: string, passkeyId: string): Promise<string | undefined> {
  const [row] = await tx.delete(passkeys).where(and(eq(passkeys.id, passkeyId), eq(passkeys.userId, userId))).returning({ name: passkeys.name })
  return row?.name
}

export async function insertChallenge(db: Executor, challenge: typeof passkeyChallenges.$inferInsert): Promise<void> {
  await db.insert(passkeyChallenges).values(challenge)
}

/** @param challenge.userId whom it was asked; null: anybody @returns whether it was asked, and not answered yet */
export async function takeChallenge(db: Executor, { challenge, purpose, userId, now }: { challenge: string, purpose: 'add' | 'prove', userId: string | null, now: Date }): Promise<boolean> {
  const { rowCount } = await db.delete(passkeyChallenges).where(and(
    eq(passkeyChallenges.challenge, challenge),
    eq(passkeyChallenges.purpose, purpose),
    userId === null
      ? isNull(passkeyChallenges.userId)
      : eq(passkeyChallenges.userId, userId),
    gt(passkeyChallenges.expiresAt, now),
  ))
  return rowCount === 1
}
