import type { Db, Executor, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { FactorAnswer, FactorMethod, FactorQuestion, SignInMethod } from './factors.schemas.ts'
import type { AuthenticationResponseJSON, WebAuthn } from './web-authn.ts'
import { unseal } from '../../crypto/secrets.ts'
import { userRecoveryCodeUsed } from '../audit/audit.actions.ts'
import { recordRefusal } from '../auth/refusals.ts'
import { placeKeys, throttleKeys } from '../auth/throttle.ts'
import { passkeyRefused, wrongCode } from './factors.errors.ts'
import * as queries from './factors.queries.ts'
import { factorMethods } from './factors.schemas.ts'
import { hashRecoveryCode } from './recovery-codes.ts'
import { totpStepOf } from './totp.ts'
import { CEREMONY_MS, challengeOf } from './web-authn.ts'

/** Only proving makes one, so whoever has it has seen the second factor. */
const made = Symbol('made by proving')
export interface ProvedFactor {
  readonly [made]: true
  userId: string
  /** By a mailed code, which is one for a client's contact alone. */
  isByEmail?: true
  /** By a passkey that verified who holds it: it says by itself who they are. */
  isVerified?: boolean
  /** To be recorded with what was proved for. */
  events: NewAuditEvent[]
}

/** Inside the caller's transaction: the person has no second factor any more, and no recovery codes. @returns whether they had one */
export const resetFactors = queries.deleteFactors

export interface SecondFactors {
  /** Those of them who have a second factor. */
  holdersAmong: (userIds: readonly string[], db?: Executor) => Promise<Set<string>>
  /** By what the person shows their second factor; none: they have none. */
  methodsOf: (userId: string, db?: Executor) => Promise<FactorMethod[]>
  /** The same, with what a passkey is to sign. */
  ask: (userId: string, db?: Executor) => Promise<FactorQuestion>
  /** What a passkey is to sign that says by itself who it is of. @throws {AppError} `rate.limited` */
  askAnybody: (caller: Caller) => Promise<object>
  /**
   * Judges a passkey that says by itself who it is of: it is all that is shown, so its holder has to be verified by it. `work` as with `prove`.
   * @throws {AppError} `auth.passkey_refused`, `rate.limited`
   */
  proveAlone: <T>(caller: Caller, response: AuthenticationResponseJSON, work: (tx: Tx, proved: ProvedFactor) => Promise<T>) => Promise<T>
  /**
   * Judges what a person sent for their second factor. What is right is used up in the transaction that `work` runs in.
   * @throws {AppError} `auth.wrong_code`, `auth.passkey_refused`; `rate.limited` with a growing delay, for a place, and for the person from wherever they come
   */
  prove: <T>(caller: Caller, person: { id: string, name: string }, answer: FactorAnswer, work: (tx: Tx, proved: ProvedFactor) => Promise<T>) => Promise<T>
}

/** Sign-ins by a passkey that one place may begin. */
const ASKED = { count: 200, windowSeconds: 3600 }

export function createSecondFactors({ db: pool, clock, audit, throttle, webAuthn, totpKey }: {
  db: Db
  clock: () => Date
  audit: AuditLog
  throttle: Throttle
  webAuthn: WebAuthn
  totpKey: Buffer
}): SecondFactors {
  const subjectOf = ({ id, name }: { id: string, name: string }) => ({ kind: 'user' as const, id, name })

  async function judgePasskey(tx: Tx, response: AuthenticationResponseJSON, asked: string | null, isAlone: boolean) {
    if (asked === null) {
      const owner = await queries.findPasskeyOwner(tx, response.id)
      if (owner !== undefined) await queries.lockHolder(tx, owner)
    }
    const now = clock()
    const challenge = challengeOf(response)
    const found = await queries.findPasskey(tx, response.id)
    const isOwn = found && (asked === null || found.passkey.userId === asked)
    if (!isOwn || !await queries.takeChallenge(tx, {
      challenge,
      purpose: 'prove',
      userId: asked,
      now,
    })) {
      return undefined
    }
    const result = await webAuthn.proved(response, found.passkey, challenge, isAlone)
    if (!result) return undefined
    const { isVerified, ...changed } = result
    await queries.changePasskey(tx, found.passkey.id, { ...changed, lastUsedAt: now })
    return { user: found.user, isVerified }
  }

  async function noteChallenge(options: { challenge: string }, userId: string | null, db: Executor = pool) {
    await queries.insertChallenge(db, {
      challenge: options.challenge,
      purpose: 'prove',
      userId,
      expiresAt: new Date(clock().getTime() + CEREMONY_MS),
    })
    return options
  }

  const judges: Record<SignInMethod, (tx: Tx, person: { id: string, name: string }, answer: FactorAnswer) => Promise<Pick<ProvedFactor, 'events' | 'isVerified'> | undefined>> = {
    async passkey(tx, { id }, { response, isAlone = false }) {
      const judged = response && await judgePasskey(tx, response, id, isAlone)
      return judged && { events: [], isVerified: judged.isVerified }
    },

    async totp(tx, { id }, { code = '' }) {
      const totp = await queries.findTotp(tx, id)
      const now = clock()
      const step = totp && totpStepOf(unseal(totpKey, totp.secret), code, now)
      return step !== undefined && await queries.takeTotpStep(tx, totp!.id, { step, now })
        ? { events: [] }
        : undefined
    },

    // Only where it was offered, to somebody who has had no other since.
    email: async (tx, { id }, { code = '', isMailed }) => isMailed?.(code) === true && (await queries.listHolders(tx, [id])).length === 0
      ? { events: [] }
      : undefined,

    async recovery(tx, person, { code = '' }) {
      const left = await queries.takeRecoveryCode(tx, person.id, {
        codeHash: hashRecoveryCode(code),
        now: clock(),
      })
      return left === undefined
        ? undefined
        : {
            events: [
              userRecoveryCodeUsed({
                subject: subjectOf(person),
                details: { left },
              }),
            ],
          }
    },
  }

  return {
    holdersAmong: async (userIds, db = pool) => new Set(await queries.listHolders(db, userIds)),

    async methodsOf(userId, db = pool) {
      const held = await queries.findHeld(db, userId)
      return held.passkey || held.totp
        ? factorMethods.filter(method => held[method])
        : []
    },

    async ask(userId, db = pool) {
      const methods = await this.methodsOf(userId, db)
      if (!methods.includes('passkey')) return { methods }
      return { methods, passkey: await noteChallenge(await webAuthn.requestOptions(await queries.listPasskeys(db, userId)), userId, db) }
    },

    async askAnybody(caller) {
      await throttle.limitPlace('passkey-asked', caller.origin.ip, ASKED)
      return noteChallenge(await webAuthn.requestOptions(), null)
    },

    async proveAlone(caller, response, work) {
      const attempt = await throttle.attempt(placeKeys('passkey', caller.origin.ip))
      const done = await pool.transaction(async (tx) => {
        const judged = await judgePasskey(tx, response, null, true)
        return judged && { value: await work(tx, {
          [made]: true,
          userId: judged.user.id,
          isVerified: true,
          events: [],
        }) }
      })
      if (!done) throw passkeyRefused('It is unknown here, was asked too long ago, or did not verify who holds it')
      await attempt.succeeded()
      return done.value
    },

    async prove(caller, person, answer, work) {
      const source = caller.origin.ip
      // Six digits can be guessed, so they are blocked; what cannot be is only slowed, and lets the owner in meanwhile.
      const attempt = await throttle.attempt(answer.method === 'totp' || answer.method === 'email'
        ? throttleKeys(answer.method, { holder: person.id, source })
        : throttleKeys('factor', { subject: person.id, source }))
      const done = await pool.transaction(async (tx) => {
        await queries.lockHolder(tx, person.id)
        const judged = await judges[answer.method](tx, person, answer)
        return judged && { value: await work(tx, {
          [made]: true,
          userId: person.id,
          ...answer.method === 'email' && { isByEmail: true },
          ...judged,
        }) }
      })
      if (!done) {
        await recordRefusal({ audit, throttle }, caller, person, 'wrong_code')
        if (answer.method === 'passkey') throw passkeyRefused('It is not one of yours, or was asked too long ago')
        throw wrongCode({
          detail: 'It may be used already, or another one may be shown by now',
          fields: [
            { pointer: '/code', detail: 'is wrong' },
          ],
        })
      }
      await attempt.succeeded()
      return done.value
    },
  }
}
