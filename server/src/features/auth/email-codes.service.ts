import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { MailLanguage } from '../../mail/define-mail.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { EmailCodeInput, SecondStep } from './auth.schemas.ts'
import type { AuthService } from './auth.service.ts'
import type { StartedSession } from './session.ts'
import type { Throttle } from './throttle.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { AppError } from '../../errors/app-error.ts'
import { mailLanguageOf } from '../../mail/define-mail.ts'
import { wrongCode } from '../factors/factors.errors.ts'
import { mailNotSetUp } from '../mail/mail.errors.ts'
import { emailKey } from '../users/email-key.ts'
import { emailCodeMail, signInOtherwiseMail } from './auth.mails.ts'
import { holdPerson } from './auth.queries.ts'
import { callerAs, startedEvent } from './auth.service.ts'
import { CODE_ATTEMPTS, EMAIL_CODE_SECONDS, hashCode, newCode } from './email-code.ts'
import * as queries from './email-codes.queries.ts'
import { knownDeviceOf } from './known-devices.ts'
import { recordRefusal } from './refusals.ts'
import { throttleKeys } from './throttle.ts'

/** Whoever asks, whatever the address. An office shares an address. */
const ASKED = { count: 60, windowSeconds: 3600 }
/** To one address, whoever asks. */
const MAILED = { count: 20, windowSeconds: 86_400 }
/** And then one each half hour: strangers' asks keep nobody out of a new browser for the rest of the day. */
const MAILED_BEYOND = { count: 1, windowSeconds: 1800 }
/** Asked in a browser in which its person has signed in before: those that others ask for are not counted with them. */
const MAILED_KNOWN = { count: 10, windowSeconds: 3600 }

/** How a client's contact comes in without a password: by a code that is mailed to their address. */
export interface EmailCodes {
  /**
   * Mails a code to the account that has the address, if it is a client's contact; another account is told how it signs in. Answers before it is known whether there is one: neither
   * words nor time tell. @returns what the browser keeps, for the code counts in no other
   * @throws {AppError} `mail.not_set_up`; `rate.limited`, for any address alike
   */
  ask: (caller: Caller, asked: { email: string, language?: MailLanguage }) => Promise<string>
  /** Until everything that was asked for is done. */
  settled: () => Promise<void>
  /**
   * Once, with what the browser keeps. For somebody with a second factor what `finishLogin` takes.
   * @throws {AppError} `auth.wrong_code` for wrong, expired, used, another's and given up alike; `rate.limited` with a growing delay
   */
  verify: (caller: Caller, token: string | undefined, input: EmailCodeInput) => Promise<StartedSession | SecondStep>
}

export function createEmailCodes({ db, clock, newId, audit, auth, instance, throttle, mail, log }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  auth: Pick<AuthService, 'startSession' | 'secondStepFor'>
  instance: Pick<InstanceService, 'settings'>
  throttle: Throttle
  mail: Pick<Mailer, 'canSend' | 'queue'>
  log: { error: (fields: object, message: string) => void }
}): EmailCodes {
  const underWay = new Set<Promise<void>>()

  async function mailCode(caller: Caller, { id, token, expiresAt }: { id: string, token: string, expiresAt: Date }, { email, language }: { email: string, language?: MailLanguage }): Promise<void> {
    const key = emailKey(email)
    const person = await queries.findPerson(db, key)
    const deviceKey = person && await knownDeviceOf(db, caller, person.id)
    await (deviceKey === undefined
      ? throttle.limit(`email-code-mailed:subject:${key}`, MAILED).catch(() => throttle.limit(`email-code-mailed-beyond:subject:${key}`, MAILED_BEYOND))
      : throttle.limit(`email-code-mailed:pair:${deviceKey}`, MAILED_KNOWN))
    if (!person) return
    const { name: sender } = await instance.settings()
    await db.transaction(async (tx) => {
      const client = await queries.findClient(tx, person.id)
      const common = {
        key: `email-code:${id}`,
        to: { address: person.email, name: person.name },
        language: mailLanguageOf(person.locale, language),
        sender,
        usefulUntil: expiresAt,
      }
      if (!client) {
        await mail.queue(tx, signInOtherwiseMail, {
          ...common,
          data: { email: person.email },
          secrets: {},
        })
        return
      }
      const code = newCode()
      await queries.setCode(tx, id, {
        userId: client.id,
        codeHash: hashCode(code, token, key),
      })
      await mail.queue(tx, emailCodeMail, {
        ...common,
        data: {
          email: client.email,
          expiresAt: expiresAt.toISOString(),
        },
        secrets: { code },
      })
    })
  }

  /** All in one, with the person held: while a code is judged, all that it opens may be ended, or they may become more than a client's contact. */
  async function enter(tx: Tx, caller: Caller, { id, userId, key }: { id: string, userId: string, key: string }): Promise<StartedSession | SecondStep | undefined> {
    await holdPerson(tx, userId)
    const client = await queries.takeCode(tx, id) && await queries.findClient(tx, userId)
    // They may have another address by now: who reads mail at the old one may be another.
    if (!client || emailKey(client.email) !== key) return undefined
    const secondStep = await auth.secondStepFor(caller, userId, {}, tx)
    if (secondStep) return secondStep
    const session = await auth.startSession(tx, caller, client)
    await audit.record(tx, callerAs(caller, client), startedEvent(session))
    return session
  }

  const wrong = () => wrongCode({
    detail: 'It may be used, too old, or for another browser: ask for a new one there',
    fields: [
      { pointer: '/code', detail: 'is wrong' },
    ],
  })

  return {
    async ask(caller, asked) {
      if (!mail.canSend) throw mailNotSetUp('Sign in with your password')
      await throttle.limitPlace('email-code-asked', caller.origin.ip, ASKED)
      const now = clock()
      const code = {
        id: newId(),
        token: newSecret(),
        expiresAt: new Date(now.getTime() + EMAIL_CODE_SECONDS * 1000),
      }
      await queries.insertCode(db, {
        id: code.id,
        tokenHash: hashSecret(code.token),
        createdAt: now,
        expiresAt: code.expiresAt,
      })
      const work = mailCode(caller, code, asked).catch((error: unknown) => {
        if (!(error instanceof AppError)) log.error({ err: error }, 'a code to sign in was not mailed')
      }).finally(() => underWay.delete(work))
      underWay.add(work)
      return code.token
    },

    settled: async () => void await Promise.all(underWay),

    async verify(caller, token = newSecret(), { email, code }) {
      const key = emailKey(email)
      const tokenHash = hashSecret(token)
      const holder = await queries.findHolder(db, tokenHash)
      const deviceKey = await knownDeviceOf(db, caller, holder?.id ?? newId())
      // In a browser in which somebody was signed in, others' guesses at them do not slow them.
      const attempt = await throttle.attempt(deviceKey === undefined
        ? throttleKeys('email-code', { subject: key, source: caller.origin.ip })
        : [`email-code:pair:${deviceKey}`])
      const taken = await queries.takeAttempt(db, tokenHash, {
        now: clock(),
        most: CODE_ATTEMPTS,
      })
      const isRight = taken?.codeHash?.equals(hashCode(code, token, key)) ?? false
      const entered = isRight && taken?.userId
        ? await db.transaction(tx => enter(tx, caller, { id: taken.id, userId: taken.userId!, key }))
        : undefined
      if (!entered) {
        await recordRefusal({ audit, throttle }, caller, holder, holder
          ? 'wrong_code'
          : 'unknown_account')
        throw wrong()
      }
      await attempt.succeeded()
      return entered
    },
  }
}
