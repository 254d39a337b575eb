import type { Db, Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { AuditSubject } from '../audit/define-action.ts'
import type { ProvedFactor, SecondFactors } from '../factors/second-factors.service.ts'
import type { SessionLimits } from '../sessions/sessions.policy.ts'
import type { LoginInput, MeChange, MfaInput, MyAccount, PasskeyLogin, SecondStep } from './auth.schemas.ts'
import type { StartedSession, VouchedBy } from './session.ts'
import type { SignInSteps } from './sign-in-steps.ts'
import type { Throttle } from './throttle.ts'
import { verifyPassword } from '../../crypto/passwords.ts'
import { hashSecret } from '../../crypto/secrets.ts'
import { requestInvalid, unauthenticated } from '../../errors/common-errors.ts'
import { isTimeZone } from '../../http/time-zone.ts'
import { publishAccountEnded } from '../../live/live-bus.ts'
import { sessionEnded, sessionReuseDetected, sessionStarted, userChanged } from '../audit/audit.actions.ts'
import { changesOf } from '../audit/audit.details.ts'
import { accessTokenSeconds, DEFAULT_SESSION_LIMITS, ENDED_SESSION_DAYS, endOfSession } from '../sessions/sessions.policy.ts'
import { emailKey } from '../users/email-key.ts'
import { signInExpired, wrongCredentials } from './auth.errors.ts'
import * as queries from './auth.queries.ts'
import { hashCode } from './email-code.ts'
import { knownDeviceOf, meetDevice } from './known-devices.ts'
import { recordRefusal } from './refusals.ts'
import { isTokenOf, newSessionToken, nextSessionToken, sessionIdOf } from './session-token.ts'
import { createSignInSteps } from './sign-in-steps.ts'
import { throttleKeys } from './throttle.ts'

/** What a right password leads to: the person, unless a second factor has to be shown first. */
export type Verified = { user: StartedSession['user'], passwordHash: string, secondStep: null } | { user: null, secondStep: SecondStep }

/** How somebody has shown who they are. */
interface Shown {
  proved?: ProvedFactor
  vouched?: VouchedBy
  /** What the password was compared with: it may be another by now. */
  passwordHash?: string
  /** When they last did, where that is not now; null: nobody knows. Dangerous acts ask by it. */
  shownAt?: Date | null
}

export interface AuthService extends Pick<SignInSteps, 'secondStepFor' | 'endUnfinished'> {
  /**
   * A session; for somebody with a second factor what `finishLogin` takes instead.
   * @throws {AppError} `auth.wrong_credentials` for unknown, disabled and wrong alike; `rate.limited` with a growing delay
   */
  login: (caller: Caller, input: LoginInput) => Promise<StartedSession | SecondStep>
  /** @throws {AppError} `auth.sign_in_expired`, also after too many wrong codes; `auth.wrong_code`, `rate.limited` */
  finishLogin: (caller: Caller, input: MfaInput) => Promise<StartedSession>
  /** By a passkey alone. @throws {AppError} `auth.passkey_refused`, `rate.limited` */
  loginByPasskey: (caller: Caller, input: PasskeyLogin) => Promise<StartedSession>
  /** Whom e-mail and password name, without a session. Throws and counts failures like `login`. */
  verifyCredentials: (caller: Caller, input: LoginInput) => Promise<Verified>
  /**
   * Starts a session inside the caller's transaction: the only way to one. The caller records `startedEvent(session)`, with its own events, last.
   * @throws {AppError} `auth.sign_in_expired` for somebody with a second factor who has not proved it, or who was disabled meanwhile; `auth.wrong_credentials` when the password is another by now
   */
  startSession: (tx: Tx, caller: Caller, user: StartedSession['user'], how?: Shown) => Promise<StartedSession>
  /**
   * Rotates. A token that was rotated away some seconds ago still counts (two tabs, a lost answer); later it revokes the family.
   * @param restedSeconds for how long the person has done nothing, as their program says: use by itself is no use by them
   * @throws {AppError} `auth.unauthenticated`; of a session that has come to its end by itself with the `sessionLimit`
   */
  refresh: (caller: Caller, refreshToken: string | undefined, restedSeconds?: number) => Promise<StartedSession>
  /** Inside the transaction that changes the limits: they count for every session that stands, from its next call on. */
  limitSessions: (tx: Tx, limits: SessionLimits) => Promise<void>
  /** @returns by whose word the session was begun, if one was ended that was begun by a provider's */
  logout: (caller: Caller, refreshToken: string | undefined) => Promise<VouchedBy | undefined>
  me: (signedIn: SignedIn) => Promise<MyAccount>
  changeMe: (caller: Caller, signedIn: SignedIn, change: MeChange) => Promise<MyAccount>
}

const GRACE_MS = 30_000
const SECOND_STEP_ATTEMPTS = 5

export const callerAs = (caller: Caller, user: { id: string, name: string }): Caller => ({
  ...caller,
  actor: { kind: 'user', id: user.id, name: user.name },
})

const subjectOf = ({ id, name }: { id: string, name: string }) => ({ kind: 'user', id, name }) satisfies AuditSubject

/** Inside the caller's transaction: until its end nobody removes the provider. */
export const holdProvider = queries.holdProvider

export const startedEvent = ({ sessionId, user, isNewDevice }: StartedSession): NewAuditEvent => sessionStarted({
  subject: subjectOf(user),
  details: isNewDevice
    ? { sessionId, isNewDevice }
    : { sessionId },
})

export function createAuthService({ db, clock, newId, audit, throttle, secondFactors, mail, rotationKey }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  throttle: Throttle
  secondFactors: SecondFactors
  mail: Pick<Mailer, 'canSend' | 'queue'>
  rotationKey: Buffer
}): AuthService {
  const { requireStanding, findAskedClient, secondStepFor, endUnfinished } = createSignInSteps({
    db,
    clock,
    newId,
    audit,
    throttle,
    secondFactors,
    mail,
  })
  const limitsOf = async (executor: Db | Tx): Promise<SessionLimits> => await queries.findSessionLimits(executor) ?? DEFAULT_SESSION_LIMITS

  /** When what is used for the last time at `lastUsedAt` ends, and how long what it is given lasts. */
  function lifeOf(session: { createdAt: Date, lastUsedAt: Date }, limits: SessionLimits) {
    const expiresAt = endOfSession(session, limits).at
    return {
      expiresAt,
      lasts: {
        accessSeconds: accessTokenSeconds(limits),
        cookieSeconds: Math.ceil((expiresAt.getTime() - clock().getTime()) / 1000) + ENDED_SESSION_DAYS * 86_400,
      },
    }
  }

  async function verifyCredentials(caller: Caller, { email, password }: LoginInput): Promise<Verified> {
    const { ip } = caller.origin
    const key = emailKey(email)
    const found = await queries.findCredentials(db, key, ip, clock())
    const keys = throttleKeys('login', { subject: key, source: ip })
    const deviceKey = await knownDeviceOf(db, caller, found?.user.id ?? newId())
    // Where somebody is already signed in from, strangers' guesses from elsewhere do not slow them; nor do any, in a browser in which they were.
    const attempt = await throttle.attempt(deviceKey !== undefined
      ? [`login:pair:${deviceKey}`]
      : found?.knownSource
        ? keys.filter(each => !each.startsWith('login:subject:'))
        : keys)
    const usable = found && found.disabledAt === null
    const isRight = await verifyPassword(usable ? found.passwordHash : undefined, password)
    if (!usable || !isRight) {
      await recordRefusal({ audit, throttle }, caller, found?.user, usable
        ? 'wrong_password'
        : found
          ? 'disabled_account'
          : 'unknown_account')
      throw wrongCredentials()
    }
    await attempt.succeeded()
    const { user } = found
    const passwordHash = found.passwordHash!
    const secondStep = await secondStepFor(caller, user.id, { passwordHash })
    return secondStep
      ? { user: null, secondStep }
      : { user, passwordHash, secondStep: null }
  }

  async function startSession(tx: Tx, caller: Caller, user: StartedSession['user'], { proved, vouched, passwordHash, shownAt }: Shown = {}): Promise<StartedSession> {
    const { emailFactorAt } = await requireStanding(tx, user.id, passwordHash)
    // Asked again here: one may have been set up, or be asked for, since the password was looked at.
    if (proved?.userId !== user.id && ((await secondFactors.methodsOf(user.id, tx)).length > 0 || (passwordHash !== undefined && await findAskedClient(tx, user.id)))) throw signInExpired('This account has a second factor by now: sign in again')
    const now = clock()
    if (proved?.isByEmail || emailFactorAt) {
      await queries.setEmailFactor(tx, user.id, proved?.isByEmail
        ? emailFactorAt ?? now
        : null)
    }
    const met = await meetDevice(tx, caller, user.id, now)
    const sessionId = newId()
    const refreshToken = newSessionToken(sessionId)
    const { expiresAt, lasts } = lifeOf({ createdAt: now, lastUsedAt: now }, await limitsOf(tx))
    await queries.insertSession(tx, {
      id: sessionId,
      userId: user.id,
      tokenHash: hashSecret(refreshToken),
      rotatedAt: now,
      createdAt: now,
      lastUsedAt: now,
      expiresAt,
      steppedUpAt: shownAt === undefined || (shownAt && shownAt > now)
        ? now
        : shownAt,
      oidcProviderId: vouched?.providerId,
      oidcSid: vouched?.sid,
      ip: caller.origin.ip,
      userAgent: caller.origin.userAgent,
    })
    return {
      sessionId,
      refreshToken,
      user,
      ...lasts,
      ...met,
    }
  }

  /** Undefined when the token counts no longer. Never throws what would roll back a revocation. */
  async function rotate(tx: Tx, caller: Caller, token: string, restedSeconds: number): Promise<StartedSession | undefined> {
    const sessionId = sessionIdOf(token)
    const row = sessionId && await queries.lockSession(tx, sessionId)
    const now = clock()
    if (!row || row.session.revokedAt || row.disabledAt || !row.isVouched) return undefined
    const { session, user } = row
    const isNewest = isTokenOf(session.tokenHash, token)
    const limits = await limitsOf(tx)
    const { at, by } = endOfSession(session, limits)
    // The row's own end too: a limit that was raised brings nothing back.
    if (session.expiresAt <= now || at <= now) {
      if (!isNewest && !isTokenOf(session.previousTokenHash, token)) return undefined
      throw unauthenticated({
        detail: 'The session has ended',
        extra: at <= now
          ? { sessionLimit: by }
          : {},
      })
    }
    // Another page of the same browser may have been used meanwhile.
    const lastUsedAt = new Date(Math.max(session.lastUsedAt.getTime(), now.getTime() - restedSeconds * 1000))
    const { expiresAt, lasts } = lifeOf({ createdAt: session.createdAt, lastUsedAt }, limits)
    const refreshToken = nextSessionToken(rotationKey, token)
    if (isNewest) {
      await queries.changeSession(tx, session.id, {
        tokenHash: hashSecret(refreshToken),
        previousTokenHash: session.tokenHash,
        rotatedAt: now,
        lastUsedAt,
        expiresAt,
      })
      return {
        sessionId: session.id,
        refreshToken,
        user,
        ...lasts,
      }
    }
    if (isTokenOf(session.previousTokenHash, token) && now.getTime() - session.rotatedAt.getTime() <= GRACE_MS) {
      return {
        sessionId: session.id,
        refreshToken,
        user,
        ...lasts,
      }
    }

    await queries.changeSession(tx, session.id, { revokedAt: now })
    await publishAccountEnded(tx, user.id)
    await audit.record(tx, caller, sessionReuseDetected({
      subject: subjectOf(user),
      details: { sessionId: session.id },
    }))
    return undefined
  }

  async function loadMe(executor: Db | Tx, userId: string): Promise<MyAccount> {
    return {
      ...await queries.findUser(executor, userId),
      hasSecondFactor: (await secondFactors.methodsOf(userId, executor)).length > 0,
      memberships: await queries.listMemberships(executor, userId),
    }
  }

  return {
    verifyCredentials,
    startSession,
    secondStepFor,
    endUnfinished,

    async login(caller, input) {
      const verified = await verifyCredentials(caller, input)
      if (verified.secondStep) return verified.secondStep
      const { user, passwordHash } = verified
      return db.transaction(async (tx) => {
        const session = await startSession(tx, caller, user, { passwordHash })
        await audit.record(tx, callerAs(caller, user), startedEvent(session))
        return session
      })
    },

    async loginByPasskey(caller, { response }) {
      return secondFactors.proveAlone(caller, response, async (tx, proved) => {
        const user = await queries.findUser(tx, proved.userId)
        const session = await startSession(tx, caller, user, { proved })
        await audit.record(tx, callerAs(caller, user), startedEvent(session))
        return session
      })
    },

    async finishLogin(caller, { mfaToken, ...answer }) {
      const step = await queries.takeAttempt(db, hashSecret(mfaToken), {
        now: clock(),
        most: SECOND_STEP_ATTEMPTS,
      })
      const user = step && await queries.findActiveUser(db, step.userId)
      if (!user) throw signInExpired('Begin again')
      const { emailCodeHash } = step
      const isMailed = emailCodeHash
        ? (code: string) => emailCodeHash.equals(hashCode(code, mfaToken))
        : undefined
      return secondFactors.prove(caller, user, { ...answer, isMailed }, async (tx, proved) => {
        // Before the step, as whoever removes the provider takes them.
        const provider = step.vouched && await queries.holdProvider(tx, step.vouched.providerId)
        if (!await queries.takeSignInStep(tx, step.id)) throw signInExpired('Begin again')
        const session = await startSession(tx, caller, user, {
          proved,
          vouched: step.vouched,
          // The word of a workspace's provider never counts for dangerous acts, and a second factor alone is half of what they ask for.
          ...provider && provider.workspaceId !== null && !proved.isVerified && { shownAt: null },
        })
        await audit.record(tx, callerAs(caller, user), ...proved.events, startedEvent(session))
        return session
      })
    },

    async refresh(caller, refreshToken, restedSeconds = 0) {
      const session = refreshToken === undefined
        ? undefined
        : await db.transaction(tx => rotate(tx, caller, refreshToken, restedSeconds))
      if (!session) throw unauthenticated('The session has ended')
      return session
    },

    limitSessions: (tx, limits) => queries.limitSessions(tx, limits, clock()),

    async logout(caller, refreshToken) {
      const sessionId = refreshToken && sessionIdOf(refreshToken)
      if (!sessionId) return undefined
      return db.transaction(async (tx) => {
        const row = await queries.lockSession(tx, sessionId)
        if (!row || row.session.revokedAt) return undefined
        const { tokenHash, previousTokenHash, oidcProviderId, oidcSid } = row.session
        if (!isTokenOf(tokenHash, refreshToken) && !isTokenOf(previousTokenHash, refreshToken)) return undefined
        await queries.changeSession(tx, sessionId, {
          revokedAt: clock(),
        })
        await publishAccountEnded(tx, row.user.id)
        await audit.record(tx, callerAs(caller, row.user), sessionEnded({
          subject: subjectOf(row.user),
          details: { sessionId },
        }))
        return oidcProviderId === null
          ? undefined
          : { providerId: oidcProviderId, sid: oidcSid }
      })
    },

    me: signedIn => loadMe(db, signedIn.userId),

    async changeMe(caller, { userId }, change) {
      if (change.timeZone !== undefined && !isTimeZone(change.timeZone)) {
        throw requestInvalid({
          detail: 'This server knows no such time zone',
          fields: [
            { pointer: '/timeZone', detail: 'is no time zone' },
          ],
        })
      }
      return db.transaction(async (tx) => {
        const before = await queries.lockUser(tx, userId)
        const fields = (['name', 'locale', 'timeZone'] as const).filter(field => change[field] !== undefined && change[field] !== before[field])
        if (fields.length > 0) await queries.changeUser(tx, userId, { name: change.name, locale: change.locale, timeZone: change.timeZone })
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
