import type { Db } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { Throttle } from './throttle.ts'
import { verifyPassword } from '../../crypto/passwords.ts'
import { wrongPassword } from './auth.errors.ts'
import * as queries from './auth.queries.ts'
import { throttleKeys } from './throttle.ts'

/**
 * Whether somebody who is signed in knows their password. The same count as a sign-in's: a session left open is no other way to guess.
 * @param as.pointer to the member of the body that has the password
 * @returns the hash that it was compared with
 * @throws {AppError} `auth.wrong_password`, `rate.limited`
 */
export async function requireOwnPassword({ db, throttle }: { db: Db, throttle: Throttle }, caller: Caller, { userId }: SignedIn, password: string, as: { pointer: string, detail: string }): Promise<string | null> {
  const { emailKey, passwordHash } = await queries.findPassword(db, userId)
  const attempt = await throttle.attempt(throttleKeys('login', { subject: emailKey, source: caller.origin.ip }))
  if (!await verifyPassword(passwordHash, password)) {
    throw wrongPassword({
      detail: as.detail,
      fields: [
        { pointer: as.pointer, detail: 'is not your password' },
      ],
    })
  }
  await attempt.succeeded()
  return passwordHash
}
