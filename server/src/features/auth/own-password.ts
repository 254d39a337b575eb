import type { Executor } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { Throttle } from './throttle.ts'
import { verifyPassword } from '../../crypto/passwords.ts'
import { wrongPassword } from './auth.errors.ts'
import { findPassword } from './auth.queries.ts'
import { throttleKeys } from './throttle.ts'

/**
 * Before a person changes how they sign in: their password, asked for again. Wrong ones count as a sign-in's do, for a session left open is no other way to guess.
 * @param pointer where in the body it stands
 * @returns the hash that it was compared with
 * @throws {AppError} `auth.wrong_password`, `rate.limited`
 */
export async function requireOwnPassword({ db, throttle }: { db: Executor, throttle: Throttle }, caller: Caller, { userId }: Pick<SignedIn, 'userId'>, password: string, pointer: string): Promise<string | null> {
  const { emailKey, passwordHash } = await findPassword(db, userId)
  const attempt = await throttle.attempt(throttleKeys('login', { subject: emailKey, source: caller.origin.ip }))
  if (!await verifyPassword(passwordHash ?? undefined, password)) {
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
