import type { Db, Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { FactorQuestion } from '../factors/factors.schemas.ts'
import type { SecondFactors } from '../factors/second-factors.service.ts'
import type { StepUpInput } from './auth.schemas.ts'
import type { Throttle } from './throttle.ts'
import { requestInvalid } from '../../errors/common-errors.ts'
import * as queries from './auth.queries.ts'
import { requireOwnPassword } from './own-password.ts'

/** Before a dangerous act a session shows again all that a sign-in asks for. */
export interface StepUpService {
  /** What the person is asked for, with what a passkey is to sign. */
  ask: (signedIn: SignedIn) => Promise<FactorQuestion & { hasPassword: boolean }>
  /**
   * The session may do dangerous things for some minutes.
   * @throws {AppError} `auth.wrong_password`, `auth.wrong_code`, `auth.passkey_refused`, `rate.limited`; `request.invalid` without the password, or without the second factor of
   * somebody who has one; a passkey that verifies who holds it needs no password
   */
  stepUp: (caller: Caller, signedIn: SignedIn, input: StepUpInput) => Promise<void>
}

export function createStepUpService({ db, clock, audit, throttle, secondFactors }: {
  db: Db
  clock: () => Date
  audit: AuditLog
  throttle: Throttle
  secondFactors: SecondFactors
}): StepUpService {
  const note = (tx: Tx, { sessionId }: SignedIn) => queries.changeSession(tx, sessionId, {
    steppedUpAt: clock(),
  })

  return {
    ask: async ({ userId }) => ({
      ...await secondFactors.ask(userId),
      hasPassword: (await queries.findPassword(db, userId)).passwordHash !== null,
    }),

    async stepUp(caller, signedIn, { password, method, ...answer }) {
      const { userId: id, name } = signedIn
      if (password === undefined && method !== 'passkey') {
        throw requestInvalid({
          fields: [
            { pointer: '/password', detail: 'is required' },
          ],
        })
      }
      if (password !== undefined) await requireOwnPassword({ db, throttle, audit }, caller, signedIn, password, '/password')
      if (method !== undefined) return secondFactors.prove(caller, { id, name }, { method, ...answer, isAlone: password === undefined }, tx => note(tx, signedIn))
      await db.transaction(async (tx) => {
        // Whoever adds a factor locks the person too, and ends what was shown without it.
        await queries.lockUser(tx, id)
        if ((await secondFactors.methodsOf(id, tx)).length > 0) {
          throw requestInvalid({
            detail: 'You have a second factor: show it too',
            fields: [
              { pointer: '/code', detail: 'is required' },
            ],
          })
        }
        await note(tx, signedIn)
      })
    },
  }
}
