import type { Db } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { PasswordResets } from '../users/password-resets.service.ts'
import type { PasswordChange, Session } from './auth.schemas.ts'
import type { Throttle } from './throttle.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { notFound } from '../../errors/common-errors.ts'
import { publishAccountEnded } from '../../live/live-bus.ts'
import { sessionEnded, userPasswordChanged, userSessionsEnded } from '../audit/audit.actions.ts'
import { DEFAULT_SESSION_LIMITS, endOfSession } from '../sessions/sessions.policy.ts'
import { endSessions } from '../users/accounts.service.ts'
import { wrongPassword } from './auth.errors.ts'
import * as queries from './auth.queries.ts'
import { requireOwnPassword } from './own-password.ts'
import { requireGoodPassword } from './password-rules.ts'
import { requireSteppedUp } from './standing-session.ts'

/** What people do with their own password and sessions. */
export interface OwnAccountService {
  /** Ends every other session; a link to a new password that was made before counts no longer. @throws {AppError} `auth.wrong_password`, `auth.password_weak`, `rate.limited` */
  changePassword: (caller: Caller, signedIn: SignedIn, change: PasswordChange) => Promise<void>
  /** The last used first. */
  listSessions: (signedIn: SignedIn) => Promise<{ items: Session[] }>
  /** Again: nothing. @throws {AppError} `not_found` for what is no session of one's own */
  endSession: (caller: Caller, signedIn: SignedIn, sessionId: string) => Promise<void>
  endOtherSessions: (caller: Caller, signedIn: SignedIn) => Promise<{ endedSessions: number }>
}

export function createOwnAccountService({ db, clock, audit, throttle, passwordResets }: {
  db: Db
  clock: () => Date
  audit: AuditLog
  throttle: Throttle
  passwordResets: Pick<PasswordResets, 'forget'>
}): OwnAccountService {
  const subjectOf = ({ userId, name }: SignedIn) => ({ kind: 'user' as const, id: userId, name })

  return {
    async changePassword(caller, signedIn, { currentPassword, newPassword }) {
      const before = await requireOwnPassword({ db, throttle, audit }, caller, signedIn, currentPassword, '/currentPassword')
      requireGoodPassword(newPassword, [signedIn.name, signedIn.email], '/newPassword')
      const passwordHash = await hashPassword(newPassword)
      await db.transaction(async (tx) => {
        // Somebody else may have set another one meanwhile, by a link: then this one was not theirs to change.
        if (!await queries.replacePassword(tx, signedIn.userId, { from: before, to: passwordHash })) throw wrongPassword('It was changed at the same time')
        await requireSteppedUp(tx, signedIn.sessionId, clock())
        await passwordResets.forget(tx, signedIn.userId)
        const endedSessions = await endSessions(tx, clock(), { userId: signedIn.userId, but: signedIn.sessionId })
        await audit.record(tx, caller, userPasswordChanged({
          subject: subjectOf(signedIn),
          details: { endedSessions },
        }))
      })
    },

    async listSessions({ userId, sessionId }) {
      const rows = await queries.listSessions(db, userId, clock())
      const limits = await queries.findSessionLimits(db) ?? DEFAULT_SESSION_LIMITS
      return {
        items: rows.map(({ createdAt, lastUsedAt, expiresAt, ...session }) => ({
          ...session,
          isCurrent: session.id === sessionId,
          createdAt: createdAt.toISOString(),
          lastUsedAt: lastUsedAt.toISOString(),
          endsAt: expiresAt.toISOString(),
          endsBy: endOfSession({ createdAt, lastUsedAt }, limits).by.kind,
        })),
      }
    },

    async endSession(caller, signedIn, sessionId) {
      await db.transaction(async (tx) => {
        const row = await queries.lockSession(tx, sessionId)
        if (row?.user.id !== signedIn.userId) throw notFound('You have no such session')
        if (row.session.revokedAt) return
        await queries.changeSession(tx, sessionId, {
          revokedAt: clock(),
        })
        await publishAccountEnded(tx, signedIn.userId)
        await audit.record(tx, caller, sessionEnded({
          subject: subjectOf(signedIn),
          details: { sessionId: row.session.id },
        }))
      })
    },

    async endOtherSessions(caller, signedIn) {
      return db.transaction(async (tx) => {
        const endedSessions = await endSessions(tx, clock(), { userId: signedIn.userId, but: signedIn.sessionId })
        if (endedSessions > 0) {
          await audit.record(tx, caller, userSessionsEnded({
            subject: subjectOf(signedIn),
            details: { endedSessions },
          }))
        }
        return { endedSessions }
      })
    },
  }
}
