import type { Executor, Tx } from '../../db/database.ts'
import type { MailRhythm } from './mail-times.ts'
import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import { lacksFactor } from '../instance/instance.table.ts'
import { members } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { defaultRhythm } from './mail-times.ts'
import { notificationChoices, notificationRhythms, notificationStops } from './notifications.table.ts'

export type Choice = Omit<typeof notificationChoices.$inferInsert, 'userId'>

export async function listChoices(db: Executor, userId: string): Promise<Choice[]> {
  return db
    .select({
      type: notificationChoices.type,
      workspaceId: notificationChoices.workspaceId,
      channel: notificationChoices.channel,
    })
    .from(notificationChoices)
    .where(eq(notificationChoices.userId, userId))
    .orderBy(notificationChoices.type, notificationChoices.workspaceId)
}

/** These and no others. */
export async function replaceChoices(tx: Tx, userId: string, choices: readonly Choice[]): Promise<void> {
  await tx.delete(notificationChoices).where(eq(notificationChoices.userId, userId))
  if (choices.length > 0) await tx.insert(notificationChoices).values(choices.map(choice => ({ ...choice, userId })))
}

/** One key for all that want to be written to at the same times. */
export const rhythmKey = sql`concat_ws(' ', coalesce(users.time_zone, '-'), coalesce(notification_rhythms.digest_hour, ${defaultRhythm.digestHour}), coalesce(notification_rhythms.quiet_from, -1), coalesce(notification_rhythms.quiet_until, -1))`

const rhythmColumns = {
  timeZone: users.timeZone,
  digestHour: sql<number>`coalesce(${notificationRhythms.digestHour}, ${defaultRhythm.digestHour})`.mapWith(Number),
  quietFrom: notificationRhythms.quietFrom,
  quietUntil: notificationRhythms.quietUntil,
}

/**
 * Every rhythm that somebody has of those who may be told something.
 * @param workspaceId null for the instance's chain
 * @param personIds whom it is about
 */
export async function listRhythms(db: Executor, workspaceId: string | null, personIds: readonly string[]): Promise<(MailRhythm & { key: string })[]> {
  return db
    .selectDistinct({ ...rhythmColumns, key: sql<string>`${rhythmKey}` })
    .from(users)
    .leftJoin(notificationRhythms, eq(notificationRhythms.userId, users.id))
    .where(and(isNull(users.disabledAt), or(
      inArray(users.id, [...personIds]),
      inArray(users.id, db.select({ id: members.userId }).from(members).where(workspaceId === null
        ? eq(members.role, 'owner')
        : eq(members.workspaceId, workspaceId))),
      workspaceId === null
        ? users.isOperator
        : undefined,
    )))
}

/** Whom mails go to, and when. */
export async function findReader(db: Executor, userId: string) {
  const [row] = await db
    .select({
      id: users.id,
      name: users.name,
      email: users.email,
      locale: users.locale,
      isOperator: users.isOperator,
      lacksFactor,
      disabledAt: users.disabledAt,
      ...rhythmColumns,
    })
    .from(users)
    .leftJoin(notificationRhythms, eq(notificationRhythms.userId, users.id))
    .where(eq(users.id, userId))
  return row
}

export type Reader = NonNullable<Awaited<ReturnType<typeof findReader>>>

export async function putRhythm(tx: Tx, userId: string, rhythm: Omit<MailRhythm, 'timeZone'>): Promise<void> {
  await tx.insert(notificationRhythms).values({ userId, ...rhythm }).onConflictDoUpdate({ target: notificationRhythms.userId, set: rhythm })
}

export async function listStops(db: Executor, userId: string): Promise<string[]> {
  const rows = await db.select({ kind: notificationStops.kind }).from(notificationStops).where(eq(notificationStops.userId, userId)).orderBy(notificationStops.kind)
  return rows.map(({ kind }) => kind)
}

/** These and no others. */
export async function replaceStops(tx: Tx, userId: string, kinds: readonly string[]): Promise<void> {
  await tx.delete(notificationStops).where(eq(notificationStops.userId, userId))
  if (kinds.length > 0) await tx.insert(notificationStops).values(kinds.map(kind => ({ userId, kind })))
}

export async function setStopped(db: Executor, userId: string, kind: string, isStopped: boolean): Promise<void> {
  await (isStopped
    ? db.insert(notificationStops).values({ userId, kind }).onConflictDoNothing()
    : db.delete(notificationStops).where(and(eq(notificationStops.userId, userId), eq(notificationStops.kind, kind))))
}
