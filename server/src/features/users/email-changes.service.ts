import type { Db, Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { TokensService } from '../tokens/tokens.service.ts'
import type { EmailLink, EmailLinkFor } from './email-changes.schemas.ts'
import type { PasswordResets } from './password-resets.service.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { violatedConstraint } from '../../db/db-errors.ts'
import { notFound } from '../../errors/common-errors.ts'
import { mailLanguageOf } from '../../mail/define-mail.ts'
import { userEmailChangeAsked, userEmailChanged, userEmailChangeUndone, userEmailLinkMade } from '../audit/audit.actions.ts'
import { requireOwnPassword } from '../auth/own-password.ts'
import { requireSteppedUp } from '../auth/standing-session.ts'
import * as accounts from './accounts.queries.ts'
import * as queries from './email-changes.queries.ts'
import { emailKey } from './email-key.ts'
import { findInstanceName, findLocale } from './password-resets.queries.ts'
import { accountDisabled, emailLinkNotFound, emailTaken } from './users.errors.ts'
import { emailChangeAskedMail, emailChangedMail, emailConfirmMail, emailTakenMail } from './users.mails.ts'
import { removeWaysIn } from './ways-in.queries.ts'

const HOUR_MS = 3_600_000
const CONFIRMED_WITHIN_MS = 24 * HOUR_MS
export const UNDONE_WITHIN_MS = 72 * HOUR_MS
/** Of one person: each may write to a mailbox that is somebody else's. */
const ASKED = { count: 5, windowSeconds: 3600 }

/** How people come to another address, and how one takes back what somebody else did with their account. */
export interface EmailChanges {
  /**
   * Mails a link to the new address and word of it to the old one; without mail an operator passes the link on. With the address that the person has, it proves it. The
   * answer is the same whether somebody has the new address. @throws {AppError} `auth.wrong_password`, `rate.limited`
   */
  ask: (caller: Caller, signedIn: SignedIn, asked: { email: string, /** Of whoever has one. */ password?: string }) => Promise<void>
  /** For an operator to pass on. @throws {AppError} `not_found` without a wish for another address, `user.email_taken`, `user.disabled` */
  makeLink: (caller: Caller, userId: string) => Promise<EmailLink>
  /** What a link is for, whichever it is. @throws {AppError} `auth.email_link_not_found` for unknown, used, replaced and expired alike */
  show: (token: string) => Promise<EmailLinkFor>
  /** Once. From the old address it can be taken back for 72 hours. @throws {AppError} `auth.email_link_not_found` */
  confirm: (caller: Caller, token: string) => Promise<void>
  /**
   * The address is as it was before, and nobody is signed in any more, by a browser or a program, until a new password is set by the link that is returned. What was added to sign
   * in with since the change was asked for goes too. @throws {AppError} `auth.email_link_not_found`; `user.email_taken` when somebody else has the address after all
   */
  undo: (caller: Caller, token: string) => Promise<EmailLink>
}

/** Whether somebody has an address, or may still get it back; but for the account that was just made with it: nobody makes another. */
export const isAddressTaken = (tx: Tx, key: string, now: Date, butUserId: string | null = null): Promise<boolean> => queries.isOthers(tx, key, butUserId, now)

export function createEmailChanges({ db, clock, newId, audit, throttle, mail, accessTokens, passwordResets, publicUrl }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  throttle: Throttle
  mail: Pick<Mailer, 'canSend' | 'queue' | 'withdraw'>
  accessTokens: Pick<TokensService, 'endAll'>
  passwordResets: Pick<PasswordResets, 'forget' | 'makeOwn'>
  publicUrl: string
}): EmailChanges {
  const subjectOf = ({ id, name }: { id: string, name: string }) => ({ kind: 'user' as const, id, name })
  const as = (caller: Caller, { id, name }: { id: string, name: string }): Caller => ({
    ...caller,
    actor: { kind: 'user', id, name },
  })
  const later = (ms: number) => new Date(clock().getTime() + ms)
  const over = () => emailLinkNotFound('It was used, replaced by a newer one, or is too old')
  const mailKeyOf = (changeId: string) => `email-confirm:${changeId}`

  async function inTheirWords(tx: Tx, userId: string) {
    return {
      language: mailLanguageOf(await findLocale(tx, userId)),
      sender: await findInstanceName(tx),
    }
  }

  /** The person, locked, and that they may still do it. */
  async function lockPerson(tx: Tx, userId: string) {
    const account = await accounts.lockAccountById(tx, userId)
    if (!account || account.disabledAt) throw over()
    return account
  }

  async function forgetWaiting(tx: Tx, userId: string): Promise<void> {
    for (const id of await queries.deleteWaiting(tx, userId)) await mail.withdraw(tx, mailKeyOf(id))
  }

  return {
    async ask(caller, signedIn, { email, password }) {
      const { userId, name } = signedIn
      await throttle.limit(`email-change:subject:${userId}`, ASKED)
      // Whoever has none showed otherwise, just now, who they are (`requireSteppedUp` below).
      await requireOwnPassword({ db, throttle, audit }, caller, signedIn, password, '/password')
      const to = email.trim()
      const [toKey, token, id] = [
        emailKey(to),
        newSecret(),
        newId(),
      ]
      await db.transaction(async (tx) => {
        const account = await accounts.lockAccountById(tx, userId)
        await requireSteppedUp(tx, signedIn.sessionId, clock())
        const from = account!.email
        await forgetWaiting(tx, userId)
        const isOthers = await queries.isOthers(tx, toKey, userId, clock())
        const expiresAt = later(CONFIRMED_WITHIN_MS)
        const words = await inTheirWords(tx, userId)
        // Whose it is, only who reads mail there is told; without mail, the operator, who knows.
        if (!isOthers || !mail.canSend) {
          await queries.insertChange(tx, {
            id,
            userId,
            fromEmail: from,
            fromKey: emailKey(from),
            toEmail: to,
            toKey,
            tokenHash: mail.canSend
              ? hashSecret(token)
              : null,
            isMailed: mail.canSend,
            createdAt: clock(),
            expiresAt,
          })
        }
        await (isOthers
          ? mail.queue(tx, emailTakenMail, {
              ...words,
              key: `email-taken:${id}`,
              to: { address: to },
              data: { email: to },
              secrets: {},
              usefulUntil: expiresAt,
            })
          : mail.queue(tx, emailConfirmMail, {
              ...words,
              key: mailKeyOf(id),
              to: { address: to, name },
              data: {
                email: to,
                expiresAt: expiresAt.toISOString(),
              },
              secrets: { token },
              usefulUntil: expiresAt,
            }))
        if (toKey !== emailKey(from)) {
          await mail.queue(tx, emailChangeAskedMail, {
            ...words,
            key: `email-asked:${id}`,
            to: { address: from, name },
            data: { from, to },
            secrets: {},
            usefulUntil: expiresAt,
          })
        }
        await audit.record(tx, caller, userEmailChangeAsked({
          subject: subjectOf(account!),
          details: { to },
        }))
      })
    },

    async makeLink(caller, userId) {
      const token = newSecret()
      return db.transaction(async (tx) => {
        const account = await accounts.lockAccountById(tx, userId)
        if (!account) throw notFound('There is no such person')
        if (account.disabledAt) throw accountDisabled('Enable it first')
        const change = await queries.findWaiting(tx, userId, clock())
        if (!change) throw notFound('This person does not ask for another address')
        if (await queries.isOthers(tx, change.toKey, userId, clock())) throw emailTaken('Another account has it')
        const expiresAt = later(CONFIRMED_WITHIN_MS)
        await mail.withdraw(tx, mailKeyOf(change.id))
        await queries.updateChange(tx, change.id, {
          tokenHash: hashSecret(token),
          isMailed: false,
          expiresAt,
        })
        await audit.record(tx, caller, userEmailLinkMade({
          subject: subjectOf(account),
          details: {
            to: change.toEmail,
            expiresAt: expiresAt.toISOString(),
          },
        }))
        return {
          url: `${publicUrl}/confirm-email#token=${token}`,
          expiresAt: expiresAt.toISOString(),
        }
      })
    },

    async show(token) {
      const hash = hashSecret(token)
      const asked = await queries.findByToken(db, hash, clock())
      const found = asked ?? await queries.findByUndo(db, hash, clock())
      if (!found) throw over()
      const { person, change } = found
      return {
        kind: asked
          ? 'confirm'
          : 'undo',
        name: person.name,
        from: change.fromEmail,
        to: change.toEmail,
      }
    },

    async confirm(caller, token) {
      const hash = hashSecret(token)
      const found = await queries.findByToken(db, hash, clock())
      if (!found) throw over()
      const { userId } = found.change
      try {
        await db.transaction(async (tx) => {
          const account = await lockPerson(tx, userId)
          // Under the lock: of two at once, one has it.
          const { change } = await queries.findByToken(tx, hash, clock()) ?? {}
          if (!change || await queries.isOthers(tx, change.toKey, userId, clock())) throw over()
          const now = clock()
          const isOther = change.toKey !== emailKey(account.email)
          const canUndo = isOther && mail.canSend
          const undoToken = newSecret()
          const undoUntil = new Date(now.getTime() + UNDONE_WITHIN_MS)
          await queries.setEmail(tx, userId, {
            email: change.toEmail,
            emailKey: change.toKey,
            emailVerifiedAt: change.isMailed
              ? now
              : null,
          })
          await queries.updateChange(tx, change.id, {
            // Of several at once each is taken back to where it began.
            fromEmail: account.email,
            fromKey: emailKey(account.email),
            changedAt: now,
            tokenHash: null,
            ...canUndo && {
              undoHash: hashSecret(undoToken),
              undoUntil,
            },
          })
          // What was mailed to the one before counts no longer: who reads it may be another.
          if (isOther) {
            await passwordResets.forget(tx, userId)
            await accounts.endSignInsUnderWay(tx, userId)
          }
          if (canUndo) {
            await mail.queue(tx, emailChangedMail, {
              ...await inTheirWords(tx, userId),
              key: `email-changed:${change.id}`,
              to: { address: account.email, name: account.name },
              data: {
                from: account.email,
                to: change.toEmail,
                undoUntil: undoUntil.toISOString(),
              },
              secrets: { token: undoToken },
              usefulUntil: undoUntil,
            })
          }
          await audit.record(tx, as(caller, account), userEmailChanged({
            subject: subjectOf(account),
            details: {
              from: account.email,
              to: change.toEmail,
              isVerified: change.isMailed,
            },
          }))
        })
      }
      catch (error) {
        throw violatedConstraint(error) === 'users_email_key_unique'
          ? over()
          : error
      }
    },

    async undo(caller, token) {
      const hash = hashSecret(token)
      const found = await queries.findByUndo(db, hash, clock())
      if (!found) throw over()
      const { userId } = found.change
      try {
        return await db.transaction(async (tx) => {
          const account = await lockPerson(tx, userId)
          const { change } = await queries.findByUndo(tx, hash, clock()) ?? {}
          if (!change) throw over()
          const now = clock()
          // Whoever changed it knew the password: it is none any more.
          await queries.setEmail(tx, userId, {
            email: change.fromEmail,
            emailKey: change.fromKey,
            emailVerifiedAt: now,
            passwordHash: null,
          })
          await queries.deleteSince(tx, change)
          await forgetWaiting(tx, userId)
          const endedSessions = await accounts.endSessions(tx, now, { userId })
          const endedTokens = await accessTokens.endAll(tx, userId)
          const removed = await removeWaysIn(tx, userId, change.createdAt)
          const link = await passwordResets.makeOwn(tx, userId)
          await audit.record(tx, as(caller, account), userEmailChangeUndone({
            subject: subjectOf(account),
            details: {
              from: account.email,
              to: change.fromEmail,
              endedSessions,
              endedTokens,
              ...removed.length > 0 && { removed },
            },
          }))
          return {
            url: link.url,
            expiresAt: link.expiresAt.toISOString(),
          }
        })
      }
      catch (error) {
        throw violatedConstraint(error) === 'users_email_key_unique'
          ? emailTaken('Ask whoever runs this server')
          : error
      }
    },
  }
}
