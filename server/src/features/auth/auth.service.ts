import type { Db, Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { AuditSubject } from '../audit/define-action.ts'
import type { LoginInput, Me, MeChange } from './auth.schemas.ts'
import type { StartedSession } from './session.ts'
import type { Throttle } from './throttle.ts'
import { verifyPassword } from '../../crypto/passwords.ts'
import { hashSecret } from '../../crypto/secrets.ts'
import { unauthenticated } from '../../errors/common-errors.ts'
import { sessionEnded, sessionRefused, sessionReuseDetected, sessionStarted, userChanged } from '../audit/audit.actions.ts'
import { changesOf } from '../audit/audit.details.ts'
import { emailKey } from '../users/email-key.ts'
import { wrongCredentials } from './auth.errors.ts'
import * as queries from './auth.queries.ts'
import { isTokenOf, newSessionToken, nextSessionToken, sessionIdOf } from './session-token.ts'
import { SESSION_DAYS } from './session.ts'
import { throttleKeys } from './throttle.ts'

export interface AuthService {
  /** @throws {AppError} `auth.wrong_credentials` for unknown, disabled and wrong alike; `rate.limited` with a growing delay */
  login: (caller: Caller, input: LoginInput) => Promise<StartedSession>
  /** The person whom e-mail and password name, without a session. Throws and counts failures like `login`. */
  verifyCredentials: (caller: Caller, input: LoginInput) => Promise<StartedSession['user']>
  /** Starts a session inside the caller's transaction. The caller records `startedEvent(session)`, with its own events, last. */
  startSession: (tx: Tx, caller: Caller, user: StartedSession['user']) => Promise<StartedSession>
  /** Rotates. A token that was rotated away some seconds ago still counts (two tabs, a lost answer); later it revokes the family. */
  refresh: (caller: Caller, refreshToken: string | undefined) => Promise<StartedSession>
  logout: (caller: Caller, refreshToken: string | undefined) => Promise<void>
  me: (signedIn: SignedIn) => Promise<Me>
  changeMe: (caller: Caller, signedIn: SignedIn, change: MeChange) => Promise<Me>
}

const GRACE_MS = 30_000
const SESSION_MS = SESSION_DAYS * 86_400_000

export const callerAs = (caller: Caller, user: { id: string, name: string }): Caller => ({
  ...caller,
  actor: { kind: 'user', id: user.id, name: user.name },
})

const subjectOf = ({ id, name }: { id: string, name: string }) => ({ kind: 'user', id, name }) satisfies AuditSubject

export const startedEvent = ({ sessionId, user }: StartedSession): NewAuditEvent => sessionStarted({
  subject: subjectOf(user),
  details: { sessionId },
})

export function createAuthService({ db, clock, newId, audit, throttle, rotationKey }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  throttle: Throttle
  rotationKey: Buffer
}): AuthService {
  const expiryFrom = (now: Date) => new Date(now.getTime() + SESSION_MS)

  async function verifyCredentials(caller: Caller, { email, password }: LoginInput): Promise<StartedSession['user']> {
    const { ip } = caller.origin
    const key = emailKey(email)
    const found = await queries.findCredentials(db, key, ip, clock())
    const keys = throttleKeys('login', { subject: key, source: ip })
    // Where somebody is already signed in from, strangers' guesses from elsewhere do not slow them.
    const attempt = await throttle.attempt(found?.knownSource
      ? keys.filter(each => !each.startsWith('login:subject:'))
      : keys)
    const usable = found && found.disabledAt === null
    const isRight = await verifyPassword(usable ? found.passwordHash : undefined, password)
    if (!usable || !isRight) {
      await audit.recordAlone(caller, sessionRefused({
        subject: { kind: 'user', id: found?.user.id ?? null, name: found?.user.name ?? '' },
        details: {
          reason: usable
            ? 'wrong_password'
            : found
              ? 'disabled_account'
              : 'unknown_account',
        },
      }))
      throw wrongCredentials()
    }
    await attempt.succeeded()
    return found.user
  }

  async function startSession(tx: Tx, caller: Caller, user: StartedSession['user']): Promise<StartedSession> {
    const now = clock()
    const sessionId = newId()
    const refreshToken = newSessionToken(sessionId)
    await queries.insertSession(tx, {
      id: sessionId,
      userId: user.id,
      tokenHash: hashSecret(refreshToken),
      rotatedAt: now,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: expiryFrom(now),
      ip: caller.origin.ip,
      userAgent: caller.origin.userAgent,
    })
    return { sessionId, refreshToken, user }
  }

  /** Undefined when the token counts no longer. Never throws what would roll back a revocation. */
  async function rotate(tx: Tx, caller: Caller, token: string): Promise<StartedSession | undefined> {
    const sessionId = sessionIdOf(token)
    const row = sessionId && await queries.lockSession(tx, sessionId)
    const now = clock()
    if (!row || row.session.revokedAt || row.session.expiresAt <= now || row.disabledAt) return undefined
    const { session, user } = row
    const refreshToken = nextSessionToken(rotationKey, token)
    if (isTokenOf(session.tokenHash, token)) {
      await queries.changeSession(tx, session.id, {
        tokenHash: hashSecret(refreshToken),
        previousTokenHash: session.tokenHash,
        rotatedAt: now,
        lastUsedAt: now,
        expiresAt: expiryFrom(now),
      })
      return { sessionId: session.id, refreshToken, user }
    }
    if (isTokenOf(session.previousTokenHash, token) && now.getTime() - session.rotatedAt.getTime() <= GRACE_MS) return { sessionId: session.id, refreshToken, user }

    await queries.changeSession(tx, session.id, { revokedAt: now })
    await audit.record(tx, caller, sessionReuseDetected({
      subject: subjectOf(user),
      details: { sessionId: session.id },
    }))
    return undefined
  }

  async function loadMe(executor: Db | Tx, userId: string): Promise<Me> {
    return {
      ...await queries.findUser(executor, userId),
      memberships: await queries.listMemberships(executor, userId),
    }
  }

  return {
    verifyCredentials,
    startSession,

    async login(caller, input) {
      const user = await verifyCredentials(caller, input)
      return db.transaction(async (tx) => {
        const session = await startSession(tx, caller, user)
        await audit.record(tx, callerAs(caller, user), startedEvent(session))
        return session
      })
    },

    async refresh(caller, refreshToken) {
      const session = refreshToken === undefined
        ? undefined
        : await db.transaction(tx => rotate(tx, caller, refreshToken))
      if (!session) throw unauthenticated('The session has ended')
      return session
    },

    async logout(caller, refreshToken) {
      const sessionId = refreshToken && sessionIdOf(refreshToken)
      if (!sessionId) return
      await db.transaction(async (tx) => {
        const row = await queries.lockSession(tx, sessionId)
        if (!row || row.session.revokedAt) return
        if (!isTokenOf(row.session.tokenHash, refreshToken) && !isTokenOf(row.session.previousTokenHash, refreshToken)) return
        await queries.changeSession(tx, sessionId, {
          revokedAt: clock(),
        })
        await audit.record(tx, callerAs(caller, row.user), sessionEnded({
          subject: subjectOf(row.user),
          details: { sessionId },
        }))
      })
    },

    me: signedIn => loadMe(db, signedIn.userId),

    async changeMe(caller, { userId }, change) {
      return db.transaction(async (tx) => {
        const before = await queries.lockUser(tx, userId)
        const fields = (['name', 'locale'] as const).filter(field => change[field] !== undefined && change[field] !== before[field])
        if (fields.length > 0) await queries.changeUser(tx, userId, { name: change.name, locale: change.locale })
        const me = await loadMe(tx, userId)
        if (fields.length > 0) {
          await audit.record(tx, caller, userChanged({
            subject: subjectOf(me),
            details: changesOf(before, me, fields),
          }))
        }
        return me
      })
    },
  }
}
