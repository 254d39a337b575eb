import type { SQL } from 'drizzle-orm'
import type { Executor, Tx } from '../../db/database.ts'
import type { Concerned } from '../audit/define-action.ts'
import type { Channel } from './notification-rules.ts'
import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, lte, sql } from 'drizzle-orm'
import { deleteBatch } from '../../db/delete-batch.ts'
import { rowsOf } from '../../db/rows.ts'
import { managingRoles, spaceRolesWith, workspaceRolesWith } from '../access/access.policy.ts'
import { instance } from '../instance/instance.table.ts'
import { shutsAt } from '../members/members.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { notificationLines, notifications } from './notifications.table.ts'
import { rhythmKey } from './preferences.queries.ts'

const lineRows = rowsOf(notificationLines, [
  'id',
  'key',
  'workspaceId',
  'type',
  'actorKind',
  'actorId',
  'actorName',
  'placeId',
  'placeName',
  'lastAt',
])

export type NewLine = Parameters<typeof lineRows.of>[0][number]

/** An event that is to be told, of the line that has this key. */
export interface NewNews {
  key: string
  seq: number
  at: Date
  subjectKind: string
  subjectId: string | null
  subjectName: string
  details: Record<string, unknown>
  concerns: readonly Concerned[]
  /** Of who has not chosen another. */
  channel: Channel
  /** Told whatever was chosen, and of one's own act too. */
  isEssential: boolean
  /** Whom it is about. */
  personId: string | null
}

/** When mails of a channel leave, for all that have a rhythm. */
export interface MailTime { rhythm: string, channel: Channel, at: Date }

/**
 * Tells events of one chain to whom they concern: all rows in one statement, whoever it is and however many. Nobody is told of what they did themselves, nor
 * of what they may not see at this moment, nor of what they have muted. What they had read is news again, and counts from there.
 * @param workspaceId null for the instance's chain
 * @param essentialMailAt when mails leave that nothing holds back; null: none do
 * @param mailTimes when mails of each channel leave, by the keys of rhythms; empty: none do
 * @returns who was told something, and until when the first mail of it waits
 */
export async function tell(tx: Tx, workspaceId: string | null, lines: readonly NewLine[], news: readonly NewNews[], mailTimes: readonly MailTime[], essentialMailAt: Date | null): Promise<{ userIds: string[], mailAt: Date | null }> {
  const concerns = (audience: Concerned) => sql`${audience} = any(event.concerns)`
  const roles = (names: readonly string[]) => sql`any(${sql.param([...names])}::text[])`
  const { rows } = await tx.execute<{ user_id: string, mail_at: string | null }>(sql`
    with recursive line as (
      insert into notification_lines (${lineRows.names}) select ${lineRows.names} from ${lineRows.of(lines)}
      on conflict (key) do update set last_at = greatest(notification_lines.last_at, excluded.last_at)
      returning id, key, type, actor_id
    ),
    event as materialized (
      select line.id as line_id, line.type, line.actor_id, given.*
      from json_to_recordset(${JSON.stringify(news)}::json)
        as given (key text, seq bigint, at timestamptz, "subjectKind" text, "subjectId" uuid, "subjectName" text, details jsonb, concerns text[], channel text, "isEssential" boolean, "personId" uuid)
      join line on line.key = given.key
    ),
    written as (
      insert into notification_events (line_id, seq, at, subject_kind, subject_id, subject_name, details)
      select line_id, seq, at, "subjectKind", "subjectId", "subjectName", details from event
      on conflict do nothing
    ),
    shared as (
      select link_items.link_id, link_items.item_id from link_items
      where link_items.link_id in (select "subjectId" from event where "subjectKind" = 'link')
    ),
    up as (
      select id as item_id, id, parent_id, purge_id from items
      where workspace_id = ${workspaceId}::uuid and id in (select "subjectId" from event where "subjectKind" in ('file', 'folder') union select item_id from shared)
      union all
      select up.item_id, parent.id, parent.parent_id, parent.purge_id from up join items as parent on parent.id = up.parent_id
    ),
    item as (
      select items.id, items.kind, items.created_by from items
      where items.id in (select item_id from up group by item_id having bool_and(purge_id is null))
    ),
    member as (
      select members.user_id, members.role from members where members.workspace_id = ${workspaceId}::uuid
    ),
    seen as (
      select item.id as item_id, member.user_id from item cross join member where member.role = ${roles(managingRoles)}
      union
      select item.id, member.user_id
      from item join up on up.item_id = item.id
      join grants on grants.workspace_id = ${workspaceId}::uuid and grants.folder_id = up.id
      join member on member.user_id = grants.user_id
      where grants.role = ${roles(spaceRolesWith('see', 'all'))}
        or (grants.role = ${roles(spaceRolesWith('see', 'own'))} and (item.kind = 'folder' or item.created_by = grants.user_id))
    ),
    concerned as (
      select event.line_id, event.seq, event.at, seen.user_id
      from event join seen on seen.item_id = event."subjectId"
      where ${concerns('readers')}
      union
      select event.line_id, event.seq, event.at, seen.user_id
      from event join item on item.id = event."subjectId" join seen on seen.item_id = item.id and seen.user_id = item.created_by
      where ${concerns('uploader')}
      union
      select event.line_id, event.seq, event.at, member.user_id
      from event join links on links.id = event."subjectId" and links.workspace_id = ${workspaceId}::uuid
      join member on member.user_id = links.created_by and member.role = ${roles(workspaceRolesWith('links.see'))}
      where ${concerns('sharer')} and not exists (
        select from shared left join seen on seen.item_id = shared.item_id and seen.user_id = links.created_by
        where shared.link_id = links.id and seen.user_id is null
      )
      union
      select event.line_id, event.seq, event.at, member.user_id
      from event cross join member
      where ${concerns('admins')} and member.role = ${roles(workspaceRolesWith('members.manage'))}
      union
      select event.line_id, event.seq, event.at, members.user_id
      from event cross join members
      where ${concerns('seats')} and (${workspaceId}::uuid is null or members.workspace_id = ${workspaceId}::uuid)
      union
      select event.line_id, event.seq, event.at, members.user_id
      from event cross join members join workspaces on workspaces.id = members.workspace_id
      where ${concerns('asked')} and members.workspace_id = ${workspaceId}::uuid and ${shutsAt} is not null
      union
      select event.line_id, event.seq, event.at, users.id
      from event cross join users
      where ${concerns('operators')} and users.is_operator
      union
      select event.line_id, event.seq, event.at, event."personId"
      from event
      where ${concerns('person')}
    ),
    usual as (select distinct line_id, channel, "isEssential" as is_essential from event),
    mail_time as (select * from json_to_recordset(${JSON.stringify(mailTimes)}::json) as given (rhythm text, channel text, at timestamptz)),
    told as (
      select concerned.user_id, concerned.line_id, max(concerned.at) as at, count(*) as count,
        case when usual.is_essential then usual.channel else coalesce(here.channel, everywhere.channel, usual.channel) end as channel, usual.is_essential, ${rhythmKey} as rhythm
      from concerned join line on line.id = concerned.line_id
      join usual on usual.line_id = concerned.line_id
      join users on users.id = concerned.user_id and users.disabled_at is null
      left join notification_rhythms on notification_rhythms.user_id = users.id
      left join notification_choices as here on here.user_id = concerned.user_id and here.type = line.type and here.workspace_id = ${workspaceId}::uuid
      left join notification_choices as everywhere on everywhere.user_id = concerned.user_id and everywhere.type = line.type and everywhere.workspace_id is null
      where usual.is_essential or (concerned.user_id is distinct from line.actor_id and coalesce(here.channel, everywhere.channel, usual.channel) <> 'off')
      group by 1, 2, 5, 6, 7
    ),
    rung as (
      insert into notifications (user_id, line_id, at, count, mail_at)
      select told.user_id, told.line_id, told.at, told.count,
        case when told.is_essential and told.channel = 'at-once' then ${essentialMailAt?.toISOString() ?? null}::timestamptz else mail_time.at end
      from told left join mail_time on mail_time.rhythm = told.rhythm and mail_time.channel = told.channel
      on conflict (line_id, user_id) do update set
        at = greatest(notifications.at, excluded.at),
        count = excluded.count + case when notifications.read_at is null then notifications.count else 0 end,
        read_at = null,
        mailed = case when notifications.read_at is null then notifications.mailed else 0 end,
        mail_at = coalesce(notifications.mail_at, excluded.mail_at)
      returning user_id, mail_at
    )
    select user_id, min(mail_at) as mail_at from rung group by user_id`)
  const times = rows.flatMap(row => row.mail_at ?? []).map(at => new Date(at).getTime())
  return {
    userIds: rows.map(row => row.user_id),
    mailAt: times.length > 0
      ? new Date(Math.min(...times))
      : null,
  }
}

export interface ToldNews { seq: number, subjectKind: string, subjectId: string | null, subjectName: string, details: Record<string, unknown> }

export interface NewsFilter {
  unread?: boolean
  type?: string
  workspaceId?: string
  before?: { at: Date, lineId: string }
  /** Of which a mail is to tell. */
  waiting?: true
}

/** Newest first, or those first whose mail is due first; of each line its newest events, `most` of them. */
export async function listLines(db: Executor, userId: string, { unread, type, workspaceId, before, waiting }: NewsFilter, { limit, most }: { limit: number, most: number }) {
  return db
    .select({
      lineId: notifications.lineId,
      at: notifications.at,
      count: notifications.count,
      readAt: notifications.readAt,
      mailed: notifications.mailed,
      mailAt: notifications.mailAt,
      line: notificationLines,
      workspace: {
        id: workspaces.id,
        slug: workspaces.slug,
        name: workspaces.name,
      },
      events: sql<ToldNews[]>`told.events`,
    })
    .from(notifications)
    .innerJoin(notificationLines, eq(notificationLines.id, notifications.lineId))
    .leftJoin(workspaces, eq(workspaces.id, notificationLines.workspaceId))
    .crossJoinLateral(sql`(
      select coalesce(json_agg(json_build_object('seq', seq, 'subjectKind', subject_kind, 'subjectId', subject_id, 'subjectName', subject_name, 'details', details) order by seq desc), '[]') as events
      from (select * from notification_events where line_id = ${notifications.lineId} order by seq desc limit ${most}) as newest
    ) as told`)
    .where(and(
      eq(notifications.userId, userId),
      unread === undefined
        ? undefined
        : unread
          ? isNull(notifications.readAt)
          : sql`${notifications.readAt} is not null`,
      type === undefined
        ? undefined
        : eq(notificationLines.type, type),
      workspaceId === undefined
        ? undefined
        : eq(notificationLines.workspaceId, workspaceId),
      waiting && isNotNull(notifications.mailAt),
      before && sql`(${notifications.at}, ${notifications.lineId}) < (${before.at.toISOString()}::timestamptz, ${before.lineId}::uuid)`,
    ))
    .orderBy(...waiting
      ? [
          asc(notifications.mailAt),
        ]
      : [], desc(notifications.at), desc(notifications.lineId))
    .limit(limit)
}

export type ListedLine = Awaited<ReturnType<typeof listLines>>[number]

/** At most `most`: how many more there are, nobody reads. */
export async function countUnread(db: Executor, userId: string, most: number): Promise<number> {
  const { rows } = await db.execute<{ count: string }>(sql`
    select count(*) from (select from notifications where user_id = ${userId}::uuid and read_at is null limit ${most}) as unread`)
  return Number(rows[0]!.count)
}

const among = (lineIds: readonly string[]): SQL => sql`${notifications.lineId} = any(${sql.param([...lineIds])}::uuid[])`

/** Of a person, all or those named. @returns whether any was not as it is now */
export async function setRead(tx: Tx, userId: string, lineIds: readonly string[] | 'all', readAt: Date | null): Promise<boolean> {
  const changed = await tx.update(notifications).set({ readAt }).where(and(
    eq(notifications.userId, userId),
    readAt === null
      ? sql`${notifications.readAt} is not null`
      : isNull(notifications.readAt),
    lineIds === 'all'
      ? undefined
      : among(lineIds),
  ))
  return (changed.rowCount ?? 0) > 0
}

/** What a person may see no longer is no news of theirs. */
export async function forget(db: Executor, userId: string, lineIds: readonly string[]): Promise<void> {
  await db.delete(notifications).where(and(eq(notifications.userId, userId), among(lineIds)))
}

/** All that these people were told of a workspace. */
export async function forgetIn(tx: Tx, workspaceId: string, userIds: readonly string[]): Promise<void> {
  await tx.delete(notifications).where(and(
    inArray(notifications.userId, [...userIds]),
    inArray(notifications.lineId, tx.select({ id: notificationLines.id }).from(notificationLines).where(eq(notificationLines.workspaceId, workspaceId))),
  ))
}

/** With whom they were told, in portions. @returns how many lines */
export const deleteOld = (tx: Executor, before: Date): Promise<boolean> => deleteBatch(tx, notificationLines, lt(notificationLines.lastAt, before))

/** All of a person's that a mail is to tell of. */
export async function listWaiting(db: Executor, userId: string): Promise<{ lineId: string, type: string, workspaceId: string | null }[]> {
  return db
    .select({ lineId: notifications.lineId, type: notificationLines.type, workspaceId: notificationLines.workspaceId })
    .from(notifications)
    .innerJoin(notificationLines, eq(notificationLines.id, notifications.lineId))
    .where(and(eq(notifications.userId, userId), isNotNull(notifications.mailAt)))
}

/** Of all that waits for a mail to a person, by what they choose now. */
export async function rescheduleMails(tx: Tx, userId: string, lineIds: readonly string[], mailAt: Date | null): Promise<void> {
  await tx.update(notifications).set({ mailAt }).where(and(eq(notifications.userId, userId), isNotNull(notifications.mailAt), among(lineIds)))
}

/** People to whom a mail is due. */
export async function listDue(db: Executor, now: Date, limit: number): Promise<string[]> {
  const rows = await db.selectDistinct({ userId: notifications.userId }).from(notifications).where(lte(notifications.mailAt, now)).limit(limit)
  return rows.map(({ userId }) => userId)
}

/** What stands as it was when it was read waits no longer: a mail tells of it, or nothing has to. @returns which that are */
export async function takeWaiting(tx: Tx, userId: string, rows: readonly { lineId: string, count: number, mailAt: Date | null }[]): Promise<Set<string>> {
  const { rows: taken } = await tx.execute<{ line_id: string }>(sql`
    update notifications set mail_at = null, mailed = notifications.count
    from json_to_recordset(${JSON.stringify(rows)}::json) as given ("lineId" uuid, count integer, "mailAt" timestamptz)
    where notifications.user_id = ${userId}::uuid and notifications.line_id = given."lineId"
      and notifications.count = given.count and notifications.mail_at = given."mailAt"
    returning notifications.line_id`)
  return new Set(taken.map(row => row.line_id))
}

export async function findInstanceName(db: Executor): Promise<string> {
  const [row] = await db.select({ name: instance.name }).from(instance)
  return row!.name
}
