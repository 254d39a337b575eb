import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { MailLanguage } from '../../mail/define-mail.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AcceptanceInput } from '../acceptances/acceptances.schemas.ts'
import type { AcceptancesService } from '../acceptances/acceptances.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { AuthService } from './auth.service.ts'
import type { StartedSession } from './session.ts'
import type { Throttle } from './throttle.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { AppError } from '../../errors/app-error.ts'
import { mailLanguageOf } from '../../mail/define-mail.ts'
import { userRegistered } from '../audit/audit.actions.ts'
import { isAddressTaken } from '../users/email-changes.service.ts'
import { emailKey } from '../users/email-key.ts'
import { emailTakenMail } from '../users/users.mails.ts'
import { registrationClosed, registrationNotFound } from './auth.errors.ts'
import { registrationMail } from './auth.mails.ts'
import { callerAs, startedEvent } from './auth.service.ts'
import { requireGoodPassword } from './password-rules.ts'
import { mayRegister, takesRegistrations } from './registration.policy.ts'
import * as queries from './registrations.queries.ts'

export const GOOD_MS = 24 * 3_600_000
/** Whoever asks, whatever the address. */
const ASKED = { count: 20, windowSeconds: 3600 }
/** A mailbox is not filled by others; and whoever asks in somebody's name shuts them out for half an hour at most, with a link that is good a day. */
const MAILED = { count: 3, windowSeconds: 1800 }

/** Accounts that people make by themselves, where the operator lets them. */
export interface Registrations {
  /**
   * Mails a link to the address, or, to one that has an account, that it has. Answers before anybody looked: neither words nor time tell.
   * @throws {AppError} `auth.registration_closed` where it is not open to this address's domain, or no mail is sent; `rate.limited`
   */
  ask: (caller: Caller, asked: { email: string, language?: MailLanguage }) => Promise<void>
  /** Until everything that was asked for is done. */
  settled: () => Promise<void>
  /** Whose account the link makes. @throws {AppError} `auth.registration_not_found` for unknown, used, replaced and expired alike */
  show: (token: string) => Promise<{ email: string }>
  /** Once: makes the account and signs in to it. @throws {AppError} `auth.registration_not_found`, `auth.registration_closed`, `auth.password_weak`, `policy.not_in_effect`, `request.invalid` (the link stays good) */
  finish: (caller: Caller, token: string, person: { name: string, password: string, locale?: string, acceptances?: AcceptanceInput[] }) => Promise<StartedSession>
}

/** Inside the caller's transaction: an account, where `registration.policy.ts` lets there be one. @returns false when somebody has the address by now */
export const insertPerson = queries.insertPerson

export function createRegistrations({ db, clock, newId, audit, auth, acceptances, instance, throttle, mail, log }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  auth: Pick<AuthService, 'startSession'>
  acceptances: Pick<AcceptancesService, 'readGiven' | 'keep'>
  instance: Pick<InstanceService, 'settings'>
  throttle: Throttle
  mail: Pick<Mailer, 'canSend' | 'queue'>
  log: { error: (fields: object, message: string) => void }
}): Registrations {
  const underWay = new Set<Promise<void>>()
  const over = () => registrationNotFound('Ask for a new one')

  async function requireOpen(email: string): Promise<{ name: string }> {
    const settings = await instance.settings()
    if (!mail.canSend || !takesRegistrations(settings)) throw registrationClosed('Ask whoever runs it for an invitation')
    if (!mayRegister(settings, email)) {
      throw registrationClosed({
        detail: 'It is open to addresses of some domains alone',
        fields: [
          { pointer: '/email', detail: 'is of no domain that may' },
        ],
      })
    }
    return settings
  }

  async function mailLink(sender: string, { email, language }: { email: string, language?: MailLanguage }): Promise<void> {
    const address = email.trim()
    const key = emailKey(address)
    await throttle.limit(`registration:subject:${key}`, MAILED)
    const [id, token, now] = [
      newId(),
      newSecret(),
      clock(),
    ]
    const expiresAt = new Date(now.getTime() + GOOD_MS)
    const common = {
      to: { address },
      language: mailLanguageOf(language),
      sender,
      usefulUntil: expiresAt,
    }
    await db.transaction(async (tx) => {
      if (await isAddressTaken(tx, key, now)) {
        await mail.queue(tx, emailTakenMail, {
          ...common,
          key: `email-taken:${id}`,
          data: { email: address },
          secrets: {},
        })
        return
      }
      await queries.putRegistration(tx, {
        id,
        email: address,
        emailKey: key,
        tokenHash: hashSecret(token),
        createdAt: now,
        expiresAt,
      })
      await mail.queue(tx, registrationMail, {
        ...common,
        key: `registration:${id}`,
        data: {
          email: address,
          expiresAt: expiresAt.toISOString(),
        },
        secrets: { token },
      })
    })
  }

  async function find(token: string) {
    const found = await queries.findRegistration(db, hashSecret(token), clock())
    if (!found) throw over()
    return found
  }

  return {
    async ask(caller, asked) {
      await throttle.limitPlace('registration', caller.origin.ip, ASKED)
      const { name } = await requireOpen(asked.email)
      const work = mailLink(name, asked).catch((error: unknown) => {
        if (!(error instanceof AppError)) log.error({ err: error }, 'a link to a new account was not made')
      }).finally(() => underWay.delete(work))
      underWay.add(work)
    },

    settled: async () => void await Promise.all(underWay),

    async show(token) {
      const { email } = await find(token)
      return { email }
    },

    async finish(caller, token, { name, password, locale = null, acceptances: given }) {
      const { id, email, emailKey: key } = await find(token)
      // It may have been closed since the link was mailed.
      await requireOpen(email)
      requireGoodPassword(password, [name, email])
      const agreed = await acceptances.readGiven(given, true)
      const passwordHash = await hashPassword(password)
      const user = {
        id: newId(),
        name,
        email,
        isOperator: false,
        locale,
      }
      return db.transaction(async (tx) => {
        const now = clock()
        if (!await queries.takeRegistration(tx, id) || await isAddressTaken(tx, key, now)) throw over()
        const isNew = await queries.insertPerson(tx, {
          ...user,
          emailKey: key,
          emailVerifiedAt: now,
          passwordHash,
          createdAt: now,
        })
        if (!isNew) throw over()
        const session = await auth.startSession(tx, caller, user)
        await audit.record(tx, callerAs(caller, user), userRegistered({
          subject: { kind: 'user', id: user.id, name },
          details: {},
        }), ...await acceptances.keep(tx, caller, agreed, { userId: user.id, place: 'registration' }), startedEvent(session))
        return session
      })
    },
  }
}
