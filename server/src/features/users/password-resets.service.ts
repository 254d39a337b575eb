import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { MailLanguage } from '../../mail/define-mail.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { TokensService } from '../tokens/tokens.service.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { AppError } from '../../errors/app-error.ts'
import { mailLanguageOf } from '../../mail/define-mail.ts'
import { userPasswordReset, userResetAsked } from '../audit/audit.actions.ts'
import { requireGoodPassword } from '../auth/password-rules.ts'
import * as accounts from './accounts.queries.ts'
import { emailKey } from './email-key.ts'
import * as queries from './password-resets.queries.ts'
import { resetNotFound } from './users.errors.ts'
import { passwordResetMail } from './users.mails.ts'
import { removeWaysIn } from './ways-in.queries.ts'

const MINUTE_MS = 60_000
/** For an operator to pass on: by telephone, or on paper. */
export const PASSED_ON_MS = 24 * 60 * MINUTE_MS
const MAILED_MS = 30 * MINUTE_MS
/** Of an account that was made for somebody: they may be on holiday, and it opens nothing that was there before. */
const WELCOME_MS = 7 * 24 * 60 * MINUTE_MS
/** Whoever asks, whether or not there is such an account. */
const ASKED = { count: 20, windowSeconds: 3600 }
/**
 * A person's mailbox is not filled by others. The window is over before the last link that came in it: whoever asks in somebody's name leaves them one that
 * is good, or they may ask.
 */
const MAILED = { count: 3, windowSeconds: MAILED_MS / 1000 }

export interface PasswordResets {
  /**
   * Mails a link to the account that has the address, if one has and mail can be sent. Answers before it is known whether there is one: neither words nor
   * time tell. @throws {AppError} `rate.limited`, for any address alike
   */
  ask: (caller: Caller, asked: { email: string, language?: MailLanguage }) => Promise<void>
  /** Until everything that was asked for is done. */
  settled: () => Promise<void>
  /** For an operator, inside their transaction, which records the event. Another operator's that was made before counts no longer. @returns what the link is told by, this once */
  make: (tx: Tx, userId: string, operatorId: string) => Promise<{ url: string, expiresAt: Date }>
  /** For the person, who has just shown that they read mail at their address; inside the caller's transaction. As one that is mailed. */
  makeOwn: (tx: Tx, userId: string) => Promise<{ url: string, expiresAt: Date }>
  /** By which somebody whose account was just made sets their first password, inside the caller's transaction. As one that is mailed, which the caller does. @returns the path of its page, which is a secret */
  makeWelcome: (tx: Tx, userId: string) => Promise<{ path: string, expiresAt: Date }>
  /** Whose password the link sets. @throws {AppError} `auth.reset_not_found` for unknown, used, replaced and expired alike */
  show: (token: string) => Promise<{ name: string, email: string }>
  /** Once: sets the password, and ends every session and access token of the person. @throws {AppError} `auth.reset_not_found`, `auth.password_weak` (the link stays good) */
  use: (caller: Caller, token: string, password: string) => Promise<void>
  /**
   * Inside the caller's transaction, for an account whose address nobody had proved, when somebody has: whoever made it may be another, and keeps no password, session, token or
   * other way in. @returns the event, for the caller to record
   */
  takeBack: (tx: Tx, person: { id: string, name: string }, provedAt: Date) => Promise<NewAuditEvent>
  /** Inside the caller's transaction: the links that the person has count no longer. */
  forget: (tx: Tx, userId: string) => Promise<void>
}

export function createPasswordResets({ db, clock, newId, audit, throttle, mail, accessTokens, publicUrl, log }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  throttle: Throttle
  mail: Mailer
  accessTokens: Pick<TokensService, 'endAll'>
  publicUrl: string
  log: { error: (fields: object, message: string) => void }
}): PasswordResets {
  const underWay = new Set<Promise<void>>()

  async function put(tx: Tx, userId: string, { createdBy, lifetimeMs }: { createdBy: string | null, lifetimeMs: number }) {
    const [id, token, now] = [
      newId(),
      newSecret(),
      clock(),
    ]
    const expiresAt = new Date(now.getTime() + lifetimeMs)
    await queries.putReset(tx, {
      id,
      userId,
      tokenHash: hashSecret(token),
      createdBy,
      createdAt: now,
      expiresAt,
    })
    return { id, token, expiresAt }
  }

  /** Behind a #, where no server and no log of one sees it. */
  const pathOf = (token: string) => `/password-reset#token=${token}`

  async function makeLink(...[tx, userId, by]: Parameters<typeof put>) {
    const { token, expiresAt } = await put(tx, userId, by)
    return { url: publicUrl + pathOf(token), expiresAt }
  }

  async function mailLink(caller: Caller, { email, language }: { email: string, language?: MailLanguage }): Promise<void> {
    await throttle.limit(`reset:subject:${emailKey(email)}`, MAILED)
    await db.transaction(async (tx) => {
      const account = await accounts.lockAccount(tx, emailKey(email))
      if (!account || account.disabledAt) return
      const { id, token, expiresAt } = await put(tx, account.id, { createdBy: null, lifetimeMs: MAILED_MS })
      await mail.queue(tx, passwordResetMail, {
        key: `password-reset:${id}`,
        to: { address: account.email, name: account.name },
        language: mailLanguageOf(await queries.findLocale(tx, account.id), language),
        sender: await queries.findInstanceName(tx),
        data: {
          email: account.email,
          expiresAt: expiresAt.toISOString(),
        },
        secrets: { token },
        usefulUntil: expiresAt,
      })
      await audit.record(tx, caller, userResetAsked({
        subject: { kind: 'user', id: account.id, name: account.name },
      }))
    })
  }

  async function find(token: string) {
    const reset = await queries.findReset(db, hashSecret(token), clock())
    if (!reset) throw resetNotFound('Ask for a new one')
    return reset
  }

  return {
    async ask(caller, asked) {
      await throttle.limitPlace('reset', caller.origin.ip, ASKED)
      if (!mail.canSend) return
      const work = mailLink(caller, asked).catch((error: unknown) => {
        if (!(error instanceof AppError)) log.error({ err: error }, 'a link to a new password was not made')
      }).finally(() => underWay.delete(work))
      underWay.add(work)
    },

    settled: async () => void await Promise.all(underWay),

    make: (tx, userId, operatorId) => makeLink(tx, userId, { createdBy: operatorId, lifetimeMs: PASSED_ON_MS }),
    makeOwn: (tx, userId) => makeLink(tx, userId, { createdBy: null, lifetimeMs: MAILED_MS }),

    async makeWelcome(tx, userId) {
      const { token, expiresAt } = await put(tx, userId, { createdBy: null, lifetimeMs: WELCOME_MS })
      return {
        path: pathOf(token),
        expiresAt,
      }
    },

    async takeBack(tx, { id, name }, provedAt) {
      await accounts.changeAccount(tx, id, { passwordHash: null, emailVerifiedAt: provedAt })
      const endedSessions = await accounts.endSessions(tx, clock(), { userId: id })
      const endedTokens = await accessTokens.endAll(tx, id)
      const removed = await removeWaysIn(tx, id)
      return userPasswordReset({
        subject: { kind: 'user', id, name },
        details: {
          endedSessions,
          endedTokens,
          by: 'proof',
          ...removed.length > 0 && { removed },
        },
      })
    },

    async show(token) {
      const { name, email } = await find(token)
      return { name, email }
    },

    async use(caller, token, password) {
      const { id, userId, name, email, createdBy } = await find(token)
      requireGoodPassword(password, [name, email])
      const passwordHash = await hashPassword(password)
      const isMailed = createdBy === null
      await db.transaction(async (tx) => {
        const account = await accounts.lockAccountById(tx, userId)
        // Under the lock: of two at once, one has it.
        if (!account || account.disabledAt || !await queries.findReset(tx, hashSecret(token), clock()) || !await queries.takeReset(tx, id)) throw resetNotFound('Ask for a new one')
        await queries.deleteResetOf(tx, userId)
        await accounts.changeAccount(tx, userId, {
          passwordHash,
          // It came by mail, and the address has not changed since: that ends the link.
          ...isMailed && {
            emailVerifiedAt: clock(),
          },
        })
        const endedSessions = await accounts.endSessions(tx, clock(), { userId })
        const endedTokens = await accessTokens.endAll(tx, userId)
        // Until now nobody had shown that the address is theirs: whoever made the account with it may be another, and keeps no way in.
        const removed = isMailed && account.emailVerifiedAt === null
          ? await removeWaysIn(tx, userId)
          : []
        await audit.record(tx, {
          ...caller,
          actor: { kind: 'user', id: userId, name: account.name },
        }, userPasswordReset({
          subject: { kind: 'user', id: userId, name: account.name },
          details: {
            endedSessions,
            endedTokens,
            by: 'link',
            ...removed.length > 0 && { removed },
          },
        }))
      })
    },

    forget: queries.deleteResetOf,
  }
}
