import type { SQL } from 'drizzle-orm'
import type { Executor, Tx } from '../../db/database.ts'
import type { MailLanguage } from '../../mail/define-mail.ts'
import { and, asc, desc, eq, exists, gt, inArray, isNotNull, isNull, lte, notExists, or, sql } from 'drizzle-orm'
import { members } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { announcementConsents, announcementDismissals, announcements } from './announcements.table.ts'

/** Announcements are the deployment's, not a workspace's: there is no tenant here. */
export type AnnouncementRow = typeof announcements.$inferSelect
type NewAnnouncement = typeof announcements.$inferInsert
export type Audience = Pick<AnnouncementRow, 'kind' | 'audience' | 'audienceWorkspaceId' | 'audienceLanguage'>

export async function insertAnnouncement(tx: Tx, row: NewAnnouncement): Promise<void> {
  await tx.insert(announcements).values(row)
}

export async function changeAnnouncement(db: Executor, id: string, change: Partial<NewAnnouncement>): Promise<void> {
  await db.update(announcements).set(change).where(eq(announcements.id, id))
}

export async function deleteAnnouncement(tx: Tx, id: string): Promise<void> {
  await tx.delete(announcements).where(eq(announcements.id, id))
}

export async function lockAnnouncement(tx: Tx, id: string): Promise<AnnouncementRow | undefined> {
  const [row] = await tx.select().from(announcements).where(eq(announcements.id, id)).for('update')
  return row
}

export async function findAnnouncement(db: Executor, id: string): Promise<AnnouncementRow | undefined> {
  const [row] = await db.select().from(announcements).where(eq(announcements.id, id))
  return row
}

/** Newest first. */
export async function listAnnouncements(db: Executor, { after, limit }: { after?: { createdAt: Date, id: string }, limit: number }): Promise<AnnouncementRow[]> {
  return db
    .select()
    .from(announcements)
    .where(after && sql`(${announcements.createdAt}, ${announcements.id}) < (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`)
    .orderBy(desc(announcements.createdAt), desc(announcements.id))
    .limit(limit)
}

export async function listWorkspaceNames(db: Executor, ids: readonly string[]): Promise<{ id: string, name: string }[]> {
  return ids.length === 0
    ? []
    : db.select({ id: workspaces.id, name: workspaces.name }).from(workspaces).where(inArray(workspaces.id, [...ids]))
}

/** As mails choose it (`mailLanguageOf`): English for whoever has chosen none. */
const languageOfUser = sql<MailLanguage>`case when left(${users.locale}, 2) = 'de' then 'de' else 'en' end`

/** Whom it concerns, of `users`. Columns or values: one announcement, or each of those in the query. */
function concerned({ kind, audience, audienceWorkspaceId, audienceLanguage }: Audience | typeof announcements): SQL {
  const among = (which: SQL) => sql`exists (select from ${members} where ${members.userId} = ${users.id} and ${which})`
  return sql`${users.disabledAt} is null
    and (${kind} in ('service', 'billing') or exists (select from ${announcementConsents} where ${announcementConsents.userId} = ${users.id} and ${announcementConsents.kind} = ${kind}))
    and case ${audience}
    when 'everyone' then true
    when 'admins' then ${among(sql`${members.role} in ('owner', 'admin')`)}
    when 'workspace' then ${among(sql`${members.workspaceId} = ${audienceWorkspaceId}::uuid`)}
    else ${languageOfUser} = ${audienceLanguage} end`
}

const beyond = (place: string | null) => place === null
  ? undefined
  : gt(users.id, place)

/** How many it concerns, beyond a place in the order of ids. */
export async function countConcerned(db: Executor, row: Audience & { queuedTo?: string | null }): Promise<number> {
  return db.$count(users, and(concerned(row), beyond(row.queuedTo ?? null)))
}

/** The next whom it concerns, in the order of ids. */
export async function nextConcerned(tx: Tx, row: Audience & { queuedTo: string | null }, limit: number) {
  return tx
    .select({
      id: users.id,
      name: users.name,
      email: users.email,
      language: languageOfUser,
    })
    .from(users)
    .where(and(concerned(row), beyond(row.queuedTo)))
    .orderBy(asc(users.id))
    .limit(limit)
}

export async function findUser(db: Executor, id: string) {
  const [row] = await db.select({ name: users.name, email: users.email }).from(users).where(eq(users.id, id))
  return row
}

/** That have begun and are not in the outbox as a whole. */
export async function listToQueue(db: Executor, now: Date): Promise<string[]> {
  const rows = await db
    .select({ id: announcements.id })
    .from(announcements)
    .where(and(eq(announcements.state, 'started'), lte(announcements.startsAt, now), isNull(announcements.queuedAt)))
    .orderBy(asc(announcements.startsAt), asc(announcements.id))
  return rows.map(({ id }) => id)
}

/** Of which no mail comes into the outbox any more, and whose outcome is not written down. */
export async function listToSettle(db: Executor): Promise<AnnouncementRow[]> {
  return db
    .select()
    .from(announcements)
    .where(and(isNull(announcements.outcome), or(isNotNull(announcements.queuedAt), eq(announcements.state, 'stopped'))))
}

/** What has not begun is a draft again, and what has is stopped. */
export async function endPending(db: Executor, now: Date): Promise<void> {
  const pending = and(eq(announcements.state, 'started'), isNull(announcements.queuedAt))
  await db.update(announcements).set({ state: 'draft', startsAt: null }).where(and(pending, isNull(announcements.queuedTo)))
  await db.update(announcements).set({ state: 'stopped', stoppedAt: now }).where(pending)
}

/** That are shown in the app now to this person. */
const shownTo = (userId: string, now: Date) => and(
  eq(announcements.state, 'started'),
  lte(announcements.startsAt, now),
  sql`${announcements.startsAt} + ${announcements.bannerDays} * interval '1 day' > ${now.toISOString()}::timestamptz`,
  exists(sql`(select from ${users} where ${users.id} = ${userId}::uuid and ${concerned(announcements)})`),
)

/** Not put away, newest first. */
export async function listShown(db: Executor, { userId, now }: { userId: string, now: Date }): Promise<(AnnouncementRow & { language: MailLanguage })[]> {
  const rows = await db
    .select({ row: announcements, language: sql<MailLanguage>`(select ${languageOfUser} from ${users} where ${users.id} = ${userId}::uuid)` })
    .from(announcements)
    .where(and(
      shownTo(userId, now),
      notExists(sql`(select from ${announcementDismissals} where ${announcementDismissals.userId} = ${userId}::uuid and ${announcementDismissals.announcementId} = ${announcements.id})`),
    ))
    .orderBy(desc(announcements.startsAt), desc(announcements.id))
  return rows.map(({ row, language }) => ({ ...row, language }))
}

export async function isShown(db: Executor, { id, userId, now }: { id: string, userId: string, now: Date }): Promise<boolean> {
  return await db.$count(announcements, and(eq(announcements.id, id), shownTo(userId, now))) > 0
}

/** Once more changes nothing. */
export async function insertDismissal(db: Executor, row: typeof announcementDismissals.$inferInsert): Promise<void> {
  await db.insert(announcementDismissals).values(row).onConflictDoNothing()
}
