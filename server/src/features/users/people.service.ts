import type { Db, Executor } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { SecondFactors } from '../factors/second-factors.service.ts'
import type { TokensService } from '../tokens/tokens.service.ts'
import type { PasswordResets } from './password-resets.service.ts'
import type { PersonRow } from './people.queries.ts'
import type { ResetLink, UserAccount, UserChange, UserListQuery, UserPage } from './people.schemas.ts'
import { notFound } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { userDisabled, userEnabled, userFactorsReset, userOperatorMade, userOperatorUnmade, userResetLinkMade, userSessionsEnded } from '../audit/audit.actions.ts'
import { resetFactors } from '../factors/second-factors.service.ts'
import * as accounts from './accounts.queries.ts'
import { endMailedSignIns } from './accounts.service.ts'
import * as queries from './people.queries.ts'
import { accountDisabled, lastOperator } from './users.errors.ts'

/** What operators do for and with accounts. */
export interface PeopleService {
  /** By address. */
  list: (query: UserListQuery) => Promise<UserPage>
  /** Disabled: nobody signs in with it, and every session and access token ends. @throws {AppError} `not_found`, `user.last_operator` */
  change: (caller: Caller, userId: string, change: UserChange) => Promise<UserAccount>
  /** @throws {AppError} `not_found` */
  endSessions: (caller: Caller, userId: string) => Promise<{ endedSessions: number }>
  /** Ends every session too; again: nothing. @throws {AppError} `not_found` */
  resetFactors: (caller: Caller, userId: string) => Promise<{ endedSessions: number }>
  /** @throws {AppError} `not_found`, `user.disabled` */
  makeResetLink: (caller: Caller, userId: string) => Promise<ResetLink>
}

export function createPeopleService({ db, clock, audit, accessTokens, passwordResets, secondFactors }: {
  db: Db
  clock: () => Date
  audit: AuditLog
  accessTokens: Pick<TokensService, 'endAll'>
  passwordResets: PasswordResets
  secondFactors: Pick<SecondFactors, 'holdersAmong'>
}): PeopleService {
  const unknown = () => notFound('There is no such person')
  const subjectOf = ({ id, name }: { id: string, name: string }) => ({ kind: 'user' as const, id, name })

  async function toAccounts(rows: readonly PersonRow[], executor: Executor = db): Promise<UserAccount[]> {
    const holders = await secondFactors.holdersAmong(rows.map(({ id }) => id), executor)
    return rows.map(({ disabledAt, emailVerifiedAt, createdAt, lastUsedAt, emailKey: _, ...person }) => ({
      ...person,
      isDisabled: disabledAt !== null,
      isEmailVerified: emailVerifiedAt !== null,
      hasSecondFactor: holders.has(person.id),
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
    }))
  }

  return {
    async list({ limit = 50, cursor, q, only }) {
      const position = decodeCursor(cursor, ['string']) as [string] | undefined
      const rows = await queries.listPeople(db, {
        q,
        only,
        after: position?.[0],
        limit: limit + 1,
        now: clock(),
      })
      const shown = rows.slice(0, limit)
      return {
        items: await toAccounts(shown),
        nextCursor: rows.length > limit
          ? encodeCursor([shown.at(-1)!.emailKey])
          : null,
      }
    },

    async change(caller, userId, { disabled, isOperator }) {
      return db.transaction(async (tx) => {
        const { others } = await queries.lockWithOperators(tx, userId)
        const account = await accounts.lockAccountById(tx, userId)
        if (!account) throw unknown()
        const was = { isOperator: account.isOperator, disabled: account.disabledAt !== null }
        const becomes = { isOperator: isOperator ?? was.isOperator, disabled: disabled ?? was.disabled }
        const acts = (each: typeof was) => each.isOperator && !each.disabled
        if (acts(was) && !acts(becomes) && others === 0) throw lastOperator('Make somebody else an operator first')
        await accounts.changeAccount(tx, userId, {
          isOperator: becomes.isOperator,
          disabledAt: becomes.disabled
            ? account.disabledAt ?? clock()
            : null,
        })
        const subject = subjectOf(account)
        const events: NewAuditEvent[] = []
        if (becomes.disabled && !was.disabled) {
          await passwordResets.forget(tx, userId)
          events.push(userDisabled({
            subject,
            details: {
              endedSessions: await accounts.endSessions(tx, clock(), { userId }),
              // Enabled again, the person makes new ones: nobody knows who has the old ones by then.
              endedTokens: await accessTokens.endAll(tx, userId),
            },
          }))
        }
        if (!becomes.disabled && was.disabled) events.push(userEnabled({ subject }))
        if (becomes.isOperator && !was.isOperator) {
          await endMailedSignIns(tx, clock(), userId)
          events.push(userOperatorMade({
            subject,
            details: { isNew: false },
          }))
        }
        if (!becomes.isOperator && was.isOperator) events.push(userOperatorUnmade({ subject }))
        const [changed] = await toAccounts([(await queries.findPerson(tx, userId, clock()))!], tx)
        if (events.length > 0) await audit.record(tx, caller, ...events)
        return changed!
      })
    },

    async endSessions(caller, userId) {
      return db.transaction(async (tx) => {
        const account = await accounts.lockAccountById(tx, userId)
        if (!account) throw unknown()
        const endedSessions = await accounts.endSessions(tx, clock(), { userId })
        if (endedSessions > 0) {
          await audit.record(tx, caller, userSessionsEnded({
            subject: subjectOf(account),
            details: { endedSessions },
          }))
        }
        return { endedSessions }
      })
    },

    async resetFactors(caller, userId) {
      return db.transaction(async (tx) => {
        const account = await accounts.lockAccountById(tx, userId)
        if (!account) throw unknown()
        if (!await resetFactors(tx, userId)) return { endedSessions: 0 }
        const endedSessions = await accounts.endSessions(tx, clock(), { userId })
        await audit.record(tx, caller, userFactorsReset({
          subject: subjectOf(account),
          details: { endedSessions, by: 'operator' },
        }))
        return { endedSessions }
      })
    },

    async makeResetLink(caller, userId) {
      return db.transaction(async (tx) => {
        const account = await accounts.lockAccountById(tx, userId)
        if (!account) throw unknown()
        if (account.disabledAt) throw accountDisabled('Enable it first')
        const { url, expiresAt } = await passwordResets.make(tx, userId, caller.actor.id!)
        await audit.record(tx, caller, userResetLinkMade({
          subject: subjectOf(account),
          details: {
            expiresAt: expiresAt.toISOString(),
          },
        }))
        return {
          url,
          expiresAt: expiresAt.toISOString(),
        }
      })
    },
  }
}
