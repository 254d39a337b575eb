import type { Db, Executor, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { FactorAnswer, FactorMethod } from './factors.schemas.ts'
import { unseal } from '../../crypto/secrets.ts'
import { sessionRefused, userRecoveryCodeUsed } from '../audit/audit.actions.ts'
import { throttleKeys } from '../auth/throttle.ts'
import { wrongCode } from './factors.errors.ts'
import * as queries from './factors.queries.ts'
import { hashRecoveryCode } from './recovery-codes.ts'
import { totpStepOf } from './totp.ts'

/** Only `prove` makes one, so whoever has it has seen the second factor. */
const made = Symbol('made by prove')
export interface ProvedFactor {
  readonly [made]: true
  userId: string
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
  /**
   * Judges what a person sent for their second factor. What is right is used up in the transaction that `work` runs in.
   * @throws {AppError} `auth.wrong_code`; `rate.limited` with a growing delay, for a place, and for the person from wherever they come
   */
  prove: <T>(caller: Caller, person: { id: string, name: string }, answer: FactorAnswer, work: (tx: Tx, proved: ProvedFactor) => Promise<T>) => Promise<T>
}

export function createSecondFactors({ db: pool, clock, audit, throttle, totpKey }: {
  db: Db
  clock: () => Date
  audit: AuditLog
  throttle: Throttle
  totpKey: Buffer
}): SecondFactors {
  const subjectOf = ({ id, name }: { id: string, name: string }) => ({ kind: 'user' as const, id, name })

  const judges: Record<FactorMethod, (tx: Tx, person: { id: string, name: string }, code: string) => Promise<NewAuditEvent[] | undefined>> = {
    async totp(tx, { id }, code) {
      const totp = await queries.findTotp(tx, id)
      const now = clock()
      const step = totp && totpStepOf(unseal(totpKey, totp.secret), code, now)
      return step !== undefined && await queries.takeTotpStep(tx, totp!.id, { step, now })
        ? []
        : undefined
    },

    async recovery(tx, person, code) {
      const left = await queries.takeRecoveryCode(tx, person.id, {
        codeHash: hashRecoveryCode(code),
        now: clock(),
      })
      return left === undefined
        ? undefined
        : [
            userRecoveryCodeUsed({
              subject: subjectOf(person),
              details: { left },
            }),
          ]
    },
  }

  return {
    holdersAmong: async (userIds, db = pool) => new Set(await queries.listHolders(db, userIds)),

    async methodsOf(userId, db = pool) {
      const { totp, recovery } = await queries.findHeld(db, userId)
      if (!totp) return []
      return recovery
        ? ['totp', 'recovery']
        : ['totp']
    },

    async prove(caller, person, { method, code }, work) {
      const source = caller.origin.ip
      // Six digits can be guessed, so they are blocked; what cannot be is only slowed, and lets the owner in meanwhile.
      const attempt = await throttle.attempt(method === 'totp'
        ? throttleKeys('totp', { holder: person.id, source })
        : throttleKeys('factor', { subject: person.id, source }))
      const done = await pool.transaction(async (tx) => {
        const events = await judges[method](tx, person, code)
        return events && { value: await work(tx, { [made]: true, userId: person.id, events }) }
      })
      if (!done) {
        await audit.recordAlone(caller, sessionRefused({
          subject: subjectOf(person),
          details: { reason: 'wrong_code' },
        }))
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
