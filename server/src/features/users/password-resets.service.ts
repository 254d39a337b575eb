import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { userPasswordReset } from '../audit/audit.actions.ts'
import { requireGoodPassword } from '../auth/password-rules.ts'
import * as accounts from './accounts.queries.ts'
import * as queries from './password-resets.queries.ts'
import { resetNotFound } from './users.errors.ts'

/** For an operator to pass on: by telephone, or on paper. */
export const RESET_HOURS = 24

export interface PasswordResets {
  /** Inside the caller's transaction, which records the event. The link made before counts no longer. @returns what the link is told by, this once */
  make: (tx: Tx, userId: string, operatorId: string | null) => Promise<{ url: string, expiresAt: Date }>
  /** Whose password the link sets. @throws {AppError} `auth.reset_not_found` for unknown, used, replaced and expired alike */
  show: (token: string) => Promise<{ name: string, email: string }>
  /** Once: sets the password, and ends every session of the person. @throws {AppError} `auth.reset_not_found`, `auth.password_weak` (the link stays good) */
  use: (caller: Caller, token: string, password: string) => Promise<void>
  /** Inside the caller's transaction: the link that the person has counts no longer. */
  forget: (tx: Tx, userId: string) => Promise<void>
}

export function createPasswordResets({ db, clock, newId, audit, publicUrl }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  publicUrl: string
}): PasswordResets {
  async function find(token: string) {
    const reset = await queries.findReset(db, hashSecret(token), clock())
    if (!reset) throw resetNotFound('Ask for a new one')
    return reset
  }

  return {
    async make(tx, userId, operatorId) {
      const token = newSecret()
      const now = clock()
      const expiresAt = new Date(now.getTime() + RESET_HOURS * 3_600_000)
      await queries.putReset(tx, {
        id: newId(),
        userId,
        tokenHash: hashSecret(token),
        createdBy: operatorId,
        createdAt: now,
        expiresAt,
      })
      // Behind a #, where no server and no log of one sees it.
      return { url: `${publicUrl}/password-reset#token=${token}`, expiresAt }
    },

    async show(token) {
      const { name, email } = await find(token)
      return { name, email }
    },

    async use(caller, token, password) {
      const { id, userId, name, email } = await find(token)
      requireGoodPassword(password, [name, email])
      const passwordHash = await hashPassword(password)
      await db.transaction(async (tx) => {
        const account = await accounts.lockAccountById(tx, userId)
        if (!account || account.disabledAt || !await queries.takeReset(tx, id)) throw resetNotFound('Ask for a new one')
        await accounts.changeAccount(tx, userId, { passwordHash })
        const endedSessions = await accounts.endSessions(tx, clock(), { userId })
        await audit.record(tx, {
          ...caller,
          actor: { kind: 'user', id: userId, name: account.name },
        }, userPasswordReset({
          subject: { kind: 'user', id: userId, name: account.name },
          details: { endedSessions, by: 'link' },
        }))
      })
    },

    forget: queries.deleteResetOf,
  }
}
