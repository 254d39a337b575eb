import type { Executor } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Throttle } from './throttle.ts'
import { verifyPassword } from '../../crypto/passwords.ts'
import { wrongPassword } from './auth.errors.ts'
import { findPassword } from './auth.queries.ts'
import { recordRefusal } from './refusals.ts'

/**
 * Before a person changes how they sign in: their password, asked for again. Wrong ones count as a sign-in's do, for a session left open is no other way to guess; but of each session by itself, so that strangers who guess at the door shut out nobody who is inside.
 * @param password absent from whoever has none
 * @param pointer where in the body it stands
 * @returns the hash that it was compared with; null for whoever has none and said none, who must have shown otherwise who they are
 * @throws {AppError} `auth.wrong_password`, `rate.limited`
 */
export async function requireOwnPassword({ db, throttle, audit }: { db: Executor, throttle: Throttle, audit: AuditLog }, caller: Caller, { userId, sessionId, name }: Pick<SignedIn, 'userId' | 'sessionId' | 'name'>, password: string | undefined, pointer: string): Promise<string | null> {
  const { passwordHash } = await findPassword(db, userId)
  if (password === undefined && passwordHash === null) return null
  const attempt = await throttle.attempt([`step-up:pair:${sessionId}`])
  if (!await verifyPassword(passwordHash ?? undefined, password ?? '')) {
    await recordRefusal({ audit, throttle }, caller, { id: userId, name }, 'wrong_password')
    throw wrongPassword({
      detail: 'Nothing was changed',
      fields: [
        { pointer, detail: 'is not your password' },
      ],
    })
  }
  await attempt.succeeded()
  return passwordHash
}
