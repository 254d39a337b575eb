import type { Db, Tx } from '../../db/database.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { ExitError } from '../../errors/exit-error.ts'
import { systemCaller } from '../../http/caller.ts'
import { userFactorsReset, userOperatorMade, userPasswordReset } from '../audit/audit.actions.ts'
import { passwordProblem } from '../auth/password-rules.ts'
import { hasWayIn } from '../auth/ways-in.service.ts'
import { resetFactors } from '../factors/second-factors.service.ts'
import { endAccessTokens } from '../tokens/tokens.service.ts'
import * as queries from './accounts.queries.ts'
import { isAddressTaken } from './email-changes.service.ts'
import { emailKey } from './email-key.ts'
import { deleteResetOf } from './password-resets.queries.ts'

export interface Account {
  id: string
  name: string
  email: string
  isOperator: boolean
  disabledAt: Date | null
}

/** What whoever has the server's machine may do to accounts, without one of their own. Everything but `list` stands in the log, as done by the system. */
export interface AccountsService {
  list: () => Promise<(Account & { createdAt: Date, lastUsedAt: Date | null })[]>
  /** @throws {ExitError} when there is no such account */
  find: (email: string) => Promise<Account>
  /** Undefined when nobody has the address. */
  findIfAny: (email: string) => Promise<Account | undefined>
  /** Sets the password, and ends every session and access token of the person and the link to a new one that they may have. @throws {ExitError} for an unknown address and a password that is easily guessed */
  resetPassword: (email: string, password: string) => Promise<{ account: Account, endedSessions: number }>
  /** For somebody who has lost their second factor: takes it away, and ends every session. @throws {ExitError} for an unknown address, and for somebody who has none */
  resetFactors: (email: string) => Promise<{ account: Account, endedSessions: number }>
  /** @throws {ExitError} for an address that somebody has and a password that is easily guessed */
  createOperator: (operator: { email: string, name: string, password: string }) => Promise<void>
  /** An account that is there becomes an operator's; nothing else of it changes. @throws {ExitError} when it is none that can */
  makeOperator: (email: string) => Promise<Account>
}

/** Inside the caller's transaction: the sessions of one person, or of all; but not the one to be kept. @returns how many stood */
export const endSessions = queries.endSessions

/** Inside the caller's transaction: the account with an address (as `emailKey` has it), which stays as it is until its end. */
export const lockAccount = queries.lockAccount

/**
 * Inside the caller's transaction, before a person is more than a client's contact: whoever comes in by mailed codes alone is signed out, for no mailbox is as good as what others sign in
 * by. The person stays held, so that no code signs them in meanwhile.
 */
export async function endMailedSignIns(tx: Tx, now: Date, userId: string): Promise<void> {
  const account = await queries.lockAccountById(tx, userId)
  // To an address that nobody has proved no code is mailed.
  if (account?.emailVerifiedAt && !await hasWayIn(tx, userId)) await queries.endSessions(tx, now, { userId })
}

const refusal = (message: string) => new ExitError(message, 1)

export function createAccountsService({ db, clock, newId, audit }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
}): AccountsService {
  const subjectOf = ({ id, name }: { id: string, name: string }) => ({ kind: 'user' as const, id, name })
  const unknown = (email: string) => refusal(`Nobody has the address ${email} here.`)

  async function lock(tx: Tx, email: string): Promise<Account> {
    const account = await queries.lockAccount(tx, emailKey(email))
    if (!account) throw unknown(email)
    if (account.disabledAt) throw refusal(`The account ${account.email} is disabled.`)
    return account
  }

  async function hashGood(password: string, known: string[]): Promise<string> {
    const problem = passwordProblem(password, known)
    if (problem !== undefined) throw refusal(`This password cannot be used. ${problem}.`)
    return hashPassword(password)
  }

  const findIfAny = (email: string) => queries.findAccount(db, emailKey(email))

  async function find(email: string): Promise<Account> {
    const account = await findIfAny(email)
    if (!account) throw unknown(email)
    return account
  }

  return {
    list: () => queries.listAccounts(db),
    find,
    findIfAny,

    async resetPassword(email, password) {
      const { name } = await find(email)
      const passwordHash = await hashGood(password, [name, email])
      return db.transaction(async (tx) => {
        const account = await lock(tx, email)
        await queries.changeAccount(tx, account.id, { passwordHash })
        await deleteResetOf(tx, account.id)
        const endedSessions = await queries.endSessions(tx, clock(), { userId: account.id })
        await audit.record(tx, systemCaller, userPasswordReset({
          subject: subjectOf(account),
          details: {
            endedSessions,
            endedTokens: await endAccessTokens(tx, account.id),
            by: 'machine',
          },
        }))
        return { account, endedSessions }
      })
    },

    async resetFactors(email) {
      return db.transaction(async (tx) => {
        const account = await lock(tx, email)
        if (!await resetFactors(tx, account.id)) throw refusal(`${account.name} has no second factor.`)
        const endedSessions = await queries.endSessions(tx, clock(), { userId: account.id })
        await audit.record(tx, systemCaller, userFactorsReset({
          subject: subjectOf(account),
          details: { endedSessions, by: 'machine' },
        }))
        return { account, endedSessions }
      })
    },

    async createOperator({ email, name, password }) {
      if (!await queries.isSetUp(db)) throw refusal('This server is not set up yet: its first operator is made by the set-up, or by ADMIN_EMAIL and ADMIN_PASSWORD at a start.')
      const passwordHash = await hashGood(password, [name, email])
      const user = {
        id: newId(),
        name,
        email: email.trim(),
      }
      await db.transaction(async (tx) => {
        const isNew = await queries.insertAccount(tx, {
          ...user,
          emailKey: emailKey(email),
          passwordHash,
          isOperator: true,
          createdAt: clock(),
        })
        if (!isNew || await isAddressTaken(tx, emailKey(email), clock(), user.id)) throw refusal(`Somebody has the address ${user.email} already.`)
        await audit.record(tx, systemCaller, userOperatorMade({
          subject: subjectOf(user),
          details: { isNew: true },
        }))
      })
    },

    async makeOperator(email) {
      return db.transaction(async (tx) => {
        const account = await lock(tx, email)
        if (account.isOperator) return account
        await endMailedSignIns(tx, clock(), account.id)
        await queries.changeAccount(tx, account.id, { isOperator: true })
        await audit.record(tx, systemCaller, userOperatorMade({
          subject: subjectOf(account),
          details: { isNew: false },
        }))
        return account
      })
    },
  }
}
