import type { AuditActor } from '../audit/audit.table.ts'
import type { SubjectKind } from '../audit/define-action.ts'
import type { Channel } from './notification-rules.ts'
import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, jsonb, pgTable, primaryKey, smallint, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** What was told as one: events of one type, by one person, at one place and in one hour. */
export const notificationLines = pgTable('notification_lines', {
  id: id(),
  /** Of what is gathered in it, in words of this feature: there is one line with the same. */
  key: text('key').notNull(),
  /** Null: the instance's own log. */
  workspaceId: uuid('workspace_id').references(() => workspaces.id, { onDelete: 'cascade' }),
  type: text('type').notNull(),
  actorKind: text('actor_kind').$type<AuditActor['kind']>().notNull(),
  actorId: uuid('actor_id'),
  actorName: text('actor_name').notNull(),
  /** The folder where it happened. */
  placeId: uuid('place_id'),
  placeName: text('place_name'),
  lastAt: instant('last_at').notNull(),
}, table => [
  uniqueIndex('notification_lines_key_unique').on(table.key),
  index('notification_lines_last_at_index').on(table.lastAt),
  index('notification_lines_workspace_id_index').on(table.workspaceId),
  index('notification_lines_actor_id_index').on(table.actorId),
  index('notification_lines_place_id_index').on(table.placeId),
])

/** The events of a line: where each stands in the log, and what is needed to tell it once the log is cut. */
export const notificationEvents = pgTable('notification_events', {
  lineId: uuid('line_id').notNull().references(() => notificationLines.id, { onDelete: 'cascade' }),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  at: instant('at').notNull(),
  subjectKind: text('subject_kind').$type<SubjectKind>().notNull(),
  subjectId: uuid('subject_id'),
  subjectName: text('subject_name').notNull(),
  details: jsonb('details').$type<Record<string, unknown>>().notNull(),
}, table => [
  primaryKey({
    name: 'notification_events_pkey',
    columns: [table.lineId, table.seq],
  }),
  index('notification_events_subject_id_index').on(table.subjectId),
])

/** Whom a line is told. */
export const notifications = pgTable('notifications', {
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  lineId: uuid('line_id').notNull().references(() => notificationLines.id, { onDelete: 'cascade' }),
  /** Of the newest of its events that the person was told of. */
  at: instant('at').notNull(),
  /** The events since the person has read it. */
  count: integer('count').notNull(),
  readAt: instant('read_at'),
  /** How many of these a mail has told of. */
  mailed: integer('mailed').notNull().default(0),
  /** When a mail is to tell of the others. */
  mailAt: instant('mail_at'),
}, table => [
  primaryKey({
    name: 'notifications_pkey',
    columns: [table.lineId, table.userId],
  }),
  index('notifications_user_id_index').on(table.userId, table.at, table.lineId),
  index('notifications_mail_at_index').on(table.mailAt).where(sql`${table.mailAt} is not null`),
  index('notifications_unread_index').on(table.userId, table.at, table.lineId).where(sql`${table.readAt} is null`),
])

/** What a person has chosen for a type, in one workspace or, without one, everywhere else. */
export const notificationChoices = pgTable('notification_choices', {
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  type: text('type').notNull(),
  workspaceId: uuid('workspace_id').references(() => workspaces.id, { onDelete: 'cascade' }),
  channel: text('channel').$type<Channel>().notNull(),
}, table => [
  unique('notification_choices_unique').on(table.userId, table.type, table.workspaceId).nullsNotDistinct(),
  index('notification_choices_workspace_id_index').on(table.workspaceId),
  check('notification_choices_channel_check', sql`${table.channel} in ('off', 'app', 'at-once', 'daily', 'weekly')`),
])

/** When a person wants to be written to, in hours of their day; who has no row wants `defaultRhythm`. */
export const notificationRhythms = pgTable('notification_rhythms', {
  userId: uuid('user_id').primaryKey().references(() => users.id, { onDelete: 'cascade' }),
  digestHour: smallint('digest_hour').notNull(),
  quietFrom: smallint('quiet_from'),
  quietUntil: smallint('quiet_until'),
}, table => [
  check('notification_rhythms_hours_check', sql`${table.digestHour} between 0 and 23 and ${table.quietFrom} between 0 and 23 and ${table.quietUntil} between 0 and 23`),
  check('notification_rhythms_quiet_check', sql`(${table.quietFrom} is null) = (${table.quietUntil} is null)`),
])

/** Kinds of mails that a person has ended, by a link in one or on their page. */
export const notificationStops = pgTable('notification_stops', {
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  kind: text('kind').notNull(),
}, table => [
  primaryKey({
    name: 'notification_stops_pkey',
    columns: [table.userId, table.kind],
  }),
])
