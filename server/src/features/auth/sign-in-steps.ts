import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { FactorQuestion, SignInMethod } from '../factors/factors.schemas.ts'
import type { SecondFactors } from '../factors/second-factors.service.ts'
import type { SecondStep } from './auth.schemas.ts'
import type { VouchedBy } from './session.ts'
import type { Throttle } from './throttle.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { mailLanguageOf } from '../../mail/define-mail.ts'
import { sessionRefused } from '../audit/audit.actions.ts'
import { signInExpired, wrongCredentials } from './auth.errors.ts'
import { emailCodeMail } from './auth.mails.ts'
import * as queries from './auth.queries.ts'
import { hashCode, newCode } from './email-code.ts'

/** What stands between the first that a person shows and their session. */
export interface SignInSteps {
  /** What somebody shows next, whose password was right or for whom a provider vouched; null: nothing, they have no second factor. @param within what holds the person already */
  secondStepFor: (caller: Caller, userId: string, how: Came, within?: Tx) => Promise<SecondStep | null>
  /** Tells the log of sign-ins whose second factor did not come in time: whoever began them got past the first. */
  endUnfinished: () => Promise<void>
  /** The person, held until the commit: while a password is compared, all that a sign-in leads to may be ended. */
  requireStanding: (tx: Tx, userId: string, passwordHash: string | undefined) => Promise<{ emailFactorAt: Date | null }>
  /** Somebody whose password has to be followed by a mailed code. Without mail, nobody. */
  findAskedClient: (executor: Db | Tx, userId: string) => ReturnType<typeof queries.findAskedClient>
}

/** By what somebody came so far. */
interface Came { vouched?: VouchedBy, passwordHash?: string }

const SECOND_STEP_MS = 10 * 60_000
/** Codes to one person, by whoever knows the password. */
const MAILED = { count: 10, windowSeconds: 3600 }

export function createSignInSteps({ db, clock, newId, audit, throttle, secondFactors, mail }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  throttle: Throttle
  secondFactors: SecondFactors
  mail: Pick<Mailer, 'canSend' | 'queue'>
}): SignInSteps {
  async function requireStanding(tx: Tx, userId: string, passwordHash: string | undefined) {
    const person = await queries.holdPerson(tx, userId)
    if (passwordHash !== undefined && person?.passwordHash !== passwordHash) throw wrongCredentials()
    if (!person) throw signInExpired('Begin again')
    return person
  }

  const findAskedClient = async (executor: Db | Tx, userId: string) => mail.canSend
    ? queries.findAskedClient(executor, userId)
    : undefined

  async function secondStepFor({ origin }: Caller, userId: string, { vouched, passwordHash }: Came, within?: Tx): Promise<SecondStep | null> {
    const question: FactorQuestion<SignInMethod> = await secondFactors.ask(userId, within)
    const mailed = question.methods.length === 0 && passwordHash !== undefined && await findAskedClient(db, userId)
    if (question.methods.length === 0 && !mailed) return null
    if (mailed) {
      await throttle.limit(`email-factor:subject:${userId}`, MAILED)
      question.methods.push('email')
    }
    const [id, mfaToken, code] = [
      newId(),
      newSecret(),
      newCode(),
    ]
    const now = clock()
    const expiresAt = new Date(now.getTime() + SECOND_STEP_MS)
    const begin = async (tx: Tx) => {
      await requireStanding(tx, userId, passwordHash)
      if (mailed) {
        await mail.queue(tx, emailCodeMail, {
          key: `email-factor:${id}`,
          to: { address: mailed.email, name: mailed.name },
          language: mailLanguageOf(mailed.locale),
          sender: await queries.findInstanceName(tx),
          data: {
            email: mailed.email,
            expiresAt: expiresAt.toISOString(),
          },
          secrets: { code },
          usefulUntil: expiresAt,
        })
      }
      await queries.insertSignInStep(tx, {
        id,
        userId,
        tokenHash: hashSecret(mfaToken),
        emailCodeHash: mailed
          ? hashCode(code, mfaToken)
          : null,
        oidcProviderId: vouched?.providerId,
        oidcSid: vouched?.sid,
        ...origin,
        createdAt: now,
        expiresAt,
      })
    }
    await (within
      ? begin(within)
      : db.transaction(begin))
    return { mfaRequired: true, mfaToken, ...question }
  }

  return {
    requireStanding,
    findAskedClient,
    secondStepFor,

    async endUnfinished() {
      await db.transaction(async (tx) => {
        const steps = await queries.takeUnfinished(tx, clock())
        await audit.recordAll(tx, steps.map(({ user, ...origin }) => ({
          caller: {
            actor: { kind: 'visitor', id: null, name: '' },
            origin,
          },
          event: sessionRefused({
            subject: { kind: 'user', id: user.id, name: user.name },
            details: { reason: 'second_factor_missing' },
          }),
        })))
      })
    },
  }
}
