import type { Executor } from '../../db/database.ts'
import type { Due } from '../../retention/define-retention.ts'
import { and, isNull, lt, or } from 'drizzle-orm'
import { deleteBatch } from '../../db/delete-batch.ts'
import { passkeyChallenges, totpFactors } from '../factors/factors.table.ts'
import { oidcStates } from '../oidc/oidc.table.ts'
import { emailCodes } from './email-codes.table.ts'
import { knownDevices } from './known-devices.table.ts'
import { registrations } from './registrations.table.ts'
import { sessions } from './sessions.table.ts'
import { signInSteps } from './sign-in-steps.table.ts'
import { throttles } from './throttles.table.ts'

/* What of sign-ins is deleted by its time. Nothing depends on it: each of them is checked when used. */

export const deleteEndedSessions = (tx: Executor, { expired, revoked }: { expired: Date, revoked: Date }): Promise<boolean> =>
  deleteBatch(tx, sessions, or(lt(sessions.expiresAt, expired), lt(sessions.revokedAt, revoked)))

export const deleteUnusedDevices = (tx: Executor, before: Date): Promise<boolean> =>
  deleteBatch(tx, knownDevices, lt(knownDevices.lastUsedAt, before))

export async function deleteUnfinishedSignIns(tx: Executor, { before, now }: Due): Promise<boolean> {
  const hasMore = [
    await deleteBatch(tx, signInSteps, lt(signInSteps.expiresAt, now)),
    await deleteBatch(tx, emailCodes, lt(emailCodes.expiresAt, now)),
    await deleteBatch(tx, oidcStates, lt(oidcStates.expiresAt, now)),
    await deleteBatch(tx, passkeyChallenges, lt(passkeyChallenges.expiresAt, now)),
    await deleteBatch(tx, totpFactors, and(isNull(totpFactors.confirmedAt), lt(totpFactors.createdAt, before))),
  ]
  return hasMore.includes(true)
}

export const deleteExpiredRegistrations = (tx: Executor, now: Date): Promise<boolean> =>
  deleteBatch(tx, registrations, lt(registrations.expiresAt, now))

export const deleteOldFailures = (tx: Executor, before: Date): Promise<boolean> =>
  deleteBatch(tx, throttles, lt(throttles.lastFailureAt, before))
