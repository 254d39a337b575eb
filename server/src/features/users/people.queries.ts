import type { Executor } from '../../db/database.ts'
import { and, asc, eq, gt, ilike, isNotNull, isNull, or, sql } from 'drizzle-orm'
import { containing } from '../../db/like.ts'
import { sessions } from '../auth/sessions.table.ts'
import { members } from '../members/members.table.ts'
import { pictureOf } from '../pictures/pictures.table.ts'
import { emailChanges } from './email-changes.table.ts'
import { users } from './users.table.ts'

const selectPeople = (db: Executor, now: Date) => {
  const standing = sql`${sessions.userId} = users.id and ${sessions.revokedAt} is null and ${sessions.expiresAt} > ${now.toISOString()}::timestamptz`
  return db
    .select({
      id: users.id,
      name: users.name,
      email: users.email,
      emailKey: users.emailKey,
      isOperator: users.isOperator,
      disabledAt: users.disabledAt,
      emailVerifiedAt: users.emailVerifiedAt,
      pendingEmail: sql<string | null>`(select ${emailChanges.toEmail} from ${emailChanges} where ${emailChanges.userId} = users.id and ${emailChanges.changedAt} is null and ${emailChanges.expiresAt} > ${now.toISOString()}::timestamptz order by ${emailChanges.createdAt} desc limit 1)`,
      createdAt: users.createdAt,
      picture: pictureOf(users.id),
      workspaceCount: sql<number>`(select count(*)::int from ${members} where ${members.userId} = users.id)`,
      sessionCount: sql<number>`(select count(*)::int from ${sessions} where ${standing})`,
      lastUsedAt: sql<Date | null>`(select max(${sessions.lastUsedAt}) from ${sessions} where ${sessions.userId} = users.id)`.mapWith(sessions.lastUsedAt),
    })
    .from(users)
}

export type PersonRow = Awaited<ReturnType<typeof selectPeople>>[number]

/** By address, after the one given. */
export async function listPeople(db: Executor, { q, only, after, limit, now }: { q?: string, only?: 'operators' | 'disabled', after?: string, limit: number, now: Date }): Promise<PersonRow[]> {
  return selectPeople(db, now)
    .where(and(
      q === undefined
        ? undefined
        : or(ilike(users.name, containing(q)), ilike(users.email, containing(q)), sql`${users.id}::text = ${q.toLowerCase()}`),
      only === 'operators'
        ? eq(users.isOperator, true)
        : only === 'disabled'
          ? isNotNull(users.disabledAt)
          : undefined,
      after === undefined
        ? undefined
        : gt(users.emailKey, after),
    ))
    .orderBy(asc(users.emailKey))
    .limit(limit)
}

export async function findPerson(db: Executor, userId: string, now: Date): Promise<PersonRow | undefined> {
  const [row] = await selectPeople(db, now).where(eq(users.id, userId))
  return row
}

/** Locks the person and every operator who can act, in one order: of two who unmake each other at once, the second sees what the first did. @returns how many of them are others */
export async function lockWithOperators(tx: Executor, userId: string): Promise<{ others: number }> {
  const rows = await tx
    .select({ id: users.id })
    .from(users)
    .where(or(eq(users.id, userId), and(eq(users.isOperator, true), isNull(users.disabledAt))))
    .orderBy(asc(users.id))
    .for('update')
  return {
    others: rows.filter(({ id }) => id !== userId.toLowerCase()).length,
  }
}
