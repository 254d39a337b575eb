import type { Db, Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { FactorAdded, Factors, NewTotp, PasskeyChange, PasskeyInput, RecoveryCodes } from './factors.schemas.ts'
import type { SecondFactors } from './second-factors.service.ts'
import type { WebAuthn } from './web-authn.ts'
import { seal, unseal } from '../../crypto/secrets.ts'
import { conflict, notFound } from '../../errors/common-errors.ts'
import { publishAccountEnded } from '../../live/live-bus.ts'
import { userFactorAdded, userFactorRemoved, userPasskeyRenamed } from '../audit/audit.actions.ts'
import { requireSteppedUp } from '../auth/standing-session.ts'
import { hasWayIn } from '../auth/ways-in.service.ts'
import { lastWayIn } from '../oidc/oidc.errors.ts'
import { factorExists, passkeyRefused, wrongCode } from './factors.errors.ts'
import * as queries from './factors.queries.ts'
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts'
import { newTotpSecret, totpStepOf, totpUri } from './totp.ts'
import { CEREMONY_MS, challengeOf } from './web-authn.ts'

/** What people do with their own second factors. Every change ends what their other sessions have shown for dangerous acts. */
export interface OwnFactors {
  list: (signedIn: SignedIn) => Promise<Factors>
  /** Another secret each time, until one is confirmed. @throws {AppError} `auth.factor_exists` */
  beginTotp: (signedIn: SignedIn) => Promise<NewTotp>
  /** From here on it counts. @throws {AppError} `auth.wrong_code`, `not_found` without a beginning, `auth.factor_exists` */
  confirmTotp: (caller: Caller, signedIn: SignedIn, code: string) => Promise<FactorAdded>
  /** The recovery codes go with the last factor. @throws {AppError} `not_found` */
  removeTotp: (caller: Caller, signedIn: SignedIn) => Promise<void>
  /** For `navigator.credentials.create`. */
  beginPasskey: (signedIn: SignedIn) => Promise<object>
  /** @throws {AppError} `auth.passkey_refused`, `auth.factor_exists` when it is an account's already, `conflict` when one has as many as one may */
  addPasskey: (caller: Caller, signedIn: SignedIn, input: PasskeyInput) => Promise<FactorAdded>
  /** @throws {AppError} `not_found` */
  renamePasskey: (caller: Caller, signedIn: SignedIn, passkeyId: string, change: PasskeyChange) => Promise<void>
  /** The recovery codes go with the last factor. @throws {AppError} `not_found`, `provider.last_way_in` */
  removePasskey: (caller: Caller, signedIn: SignedIn, passkeyId: string) => Promise<void>
  /** Instead of those before. @throws {AppError} `conflict` for somebody without a second factor */
  renewRecoveryCodes: (caller: Caller, signedIn: SignedIn) => Promise<RecoveryCodes>
}

/** Of one person: what they are asked by names all of them. */
const MOST_PASSKEYS = 20

export function createOwnFactors({ db, clock, newId, audit, secondFactors, webAuthn, totpKey }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  secondFactors: Pick<SecondFactors, 'methodsOf'>
  webAuthn: WebAuthn
  totpKey: Buffer
}): OwnFactors {
  const subjectOf = ({ userId, name }: SignedIn) => ({ kind: 'user' as const, id: userId, name })

  async function makeRecoveryCodes(tx: Tx, userId: string): Promise<string[]> {
    const codes = newRecoveryCodes()
    const now = clock()
    await queries.deleteRecoveryCodes(tx, userId)
    await queries.insertRecoveryCodes(tx, codes.map(code => ({
      id: newId(),
      userId,
      codeHash: hashRecoveryCode(code),
      createdAt: now,
    })))
    return codes
  }

  /** Before a factor is added: the recovery codes that come with the first. */
  const codesOfFirst = async (tx: Tx, userId: string) => (await secondFactors.methodsOf(userId, tx)).length === 0
    ? makeRecoveryCodes(tx, userId)
    : null

  /** After one was removed: they go with the last. */
  async function dropCodesOfLast(tx: Tx, userId: string): Promise<void> {
    if ((await secondFactors.methodsOf(userId, tx)).length > 0) return
    await queries.deleteRecoveryCodes(tx, userId)
    // Where one is asked for, they are shut out from now on.
    await publishAccountEnded(tx, userId)
  }

  /** A change of the person's factors by one of their sessions. */
  function change<T>(caller: Caller, { userId, sessionId }: SignedIn, work: (tx: Tx) => Promise<{ value: T, events: NewAuditEvent[] }>): Promise<T> {
    return db.transaction(async (tx) => {
      await queries.lockHolder(tx, userId)
      await requireSteppedUp(tx, sessionId, clock())
      const { value, events } = await work(tx)
      await queries.forgetStepUps(tx, userId, sessionId)
      await audit.record(tx, caller, ...events)
      return value
    })
  }

  return {
    async list({ userId }) {
      const [totp, passkeys, codes] = await Promise.all([
        queries.findTotp(db, userId),
        queries.listPasskeys(db, userId),
        queries.listRecoveryCodes(db, userId),
      ])
      const used = codes.flatMap(({ usedAt }) => usedAt ?? [])
      return {
        totp: totp?.confirmedAt
          ? {
              createdAt: totp.confirmedAt.toISOString(),
              lastUsedAt: totp.lastUsedAt?.toISOString() ?? null,
            }
          : null,
        passkeys: passkeys.map(({ id, name, isBackedUp, createdAt, lastUsedAt }) => ({
          id,
          name,
          isBackedUp,
          createdAt: createdAt.toISOString(),
          lastUsedAt: lastUsedAt?.toISOString() ?? null,
        })),
        recoveryCodes: codes[0]
          ? {
              createdAt: codes[0].createdAt.toISOString(),
              left: codes.length - used.length,
              usedAt: used.map(at => at.toISOString()),
            }
          : null,
      }
    },

    async beginTotp({ userId, email }) {
      const secret = newTotpSecret()
      const isNew = await queries.putTotp(db, {
        id: newId(),
        userId,
        secret: seal(totpKey, secret),
        createdAt: clock(),
      })
      if (!isNew) throw factorExists('Remove it first')
      return {
        secret,
        uri: totpUri({ issuer: await queries.findInstanceName(db), email, secret }),
      }
    },

    async confirmTotp(caller, signedIn, code) {
      const { userId } = signedIn
      return change(caller, signedIn, async (tx) => {
        const totp = await queries.findTotp(tx, userId)
        if (!totp) throw notFound('Begin with a new secret')
        if (totp.confirmedAt) throw factorExists('Remove it first')
        const now = clock()
        const step = totpStepOf(unseal(totpKey, totp.secret), code, now)
        if (step === undefined) {
          throw wrongCode({
            detail: 'Look at the app again, and at its clock',
            fields: [
              { pointer: '/code', detail: 'is not the one that the app shows' },
            ],
          })
        }
        const firstCodes = await codesOfFirst(tx, userId)
        // Another secret was asked for meanwhile, without this lock.
        if (!await queries.confirmTotp(tx, totp.id, { step, now })) throw notFound('Begin with a new secret')
        return {
          value: {
            recoveryCodes: firstCodes,
          },
          events: [
            userFactorAdded({
              subject: subjectOf(signedIn),
              details: { factor: 'totp' },
            }),
          ],
        }
      })
    },

    async removeTotp(caller, signedIn) {
      await change(caller, signedIn, async (tx) => {
        if (!await queries.deleteTotp(tx, signedIn.userId)) throw notFound('You have no authenticator app here')
        await dropCodesOfLast(tx, signedIn.userId)
        return {
          value: undefined,
          events: [
            userFactorRemoved({
              subject: subjectOf(signedIn),
              details: { factor: 'totp' },
            }),
          ],
        }
      })
    },

    async beginPasskey({ userId, name, email }) {
      const options = await webAuthn.creationOptions({
        issuer: await queries.findInstanceName(db),
        person: { id: userId, name, email },
        has: await queries.listPasskeys(db, userId),
      })
      await queries.insertChallenge(db, {
        challenge: options.challenge,
        purpose: 'add',
        userId,
        expiresAt: new Date(clock().getTime() + CEREMONY_MS),
      })
      return options
    },

    async addPasskey(caller, signedIn, { name, response }) {
      const { userId } = signedIn
      const now = clock()
      const challenge = challengeOf(response)
      const passkey = await queries.takeChallenge(db, {
        challenge,
        purpose: 'add',
        userId,
        now,
      })
        ? await webAuthn.registered(response, challenge)
        : undefined
      if (!passkey) throw passkeyRefused('It was asked too long ago, or is of another address')
      return change(caller, signedIn, async (tx) => {
        if ((await queries.listPasskeys(tx, userId)).length >= MOST_PASSKEYS) throw conflict(`You have ${MOST_PASSKEYS} passkeys: remove one first`)
        const recoveryCodes = await codesOfFirst(tx, userId)
        const isNew = await queries.insertPasskey(tx, {
          ...passkey,
          id: newId(),
          userId,
          name,
          createdAt: now,
        })
        if (!isNew) throw factorExists('This passkey is added already')
        return {
          value: { recoveryCodes },
          events: [
            userFactorAdded({
              subject: subjectOf(signedIn),
              details: { factor: 'passkey', name },
            }),
          ],
        }
      })
    },

    async renamePasskey(caller, signedIn, passkeyId, { name }) {
      await db.transaction(async (tx) => {
        const from = await queries.lockPasskeyName(tx, signedIn.userId, passkeyId)
        if (from === undefined) throw noPasskey()
        if (from === name) return
        await queries.changePasskey(tx, passkeyId, { name })
        await audit.record(tx, caller, userPasskeyRenamed({
          subject: subjectOf(signedIn),
          details: { from, to: name },
        }))
      })
    },

    async removePasskey(caller, signedIn, passkeyId) {
      await change(caller, signedIn, async (tx) => {
        const name = await queries.deletePasskey(tx, signedIn.userId, passkeyId)
        if (name === undefined) throw noPasskey()
        if (!await hasWayIn(tx, signedIn.userId)) throw lastWayIn('Set a password first')
        await dropCodesOfLast(tx, signedIn.userId)
        return {
          value: undefined,
          events: [
            userFactorRemoved({
              subject: subjectOf(signedIn),
              details: { factor: 'passkey', name },
            }),
          ],
        }
      })
    },

    async renewRecoveryCodes(caller, signedIn) {
      return change(caller, signedIn, async (tx) => {
        if ((await secondFactors.methodsOf(signedIn.userId, tx)).length === 0) throw conflict('They are for whoever has a second factor: set one up first')
        return {
          value: {
            recoveryCodes: await makeRecoveryCodes(tx, signedIn.userId),
          },
          events: [
            userFactorAdded({
              subject: subjectOf(signedIn),
              details: { factor: 'recovery_codes' },
            }),
          ],
        }
      })
    },
  }
}

const noPasskey = () => notFound('You have no such passkey')
