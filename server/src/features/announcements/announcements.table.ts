import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** What operators write to many people, by mail and in the app. */
export const announcements = pgTable('announcements', {
  id: id(),
  kind: text('kind', {
    enum: [
      'service',
      'billing',
      'launch',
      'product',
    ],
  }).notNull(),
  audience: text('audience', {
    enum: [
      'everyone',
      'admins',
      'workspace',
      'language',
    ],
  }).notNull(),
  audienceWorkspaceId: uuid('audience_workspace_id').references(() => workspaces.id),
  audienceLanguage: text('audience_language', {
    enum: ['en', 'de'],
  }),
  /** By language, at least one. */
  texts: jsonb('texts').$type<{ en?: { subject: string, markdown: string }, de?: { subject: string, markdown: string } }>().notNull(),
  /** When it is to begin; null: as soon as it is started. */
  at: instant('at'),
  /** So long it is shown in the app. */
  bannerDays: integer('banner_days').notNull(),
  state: text('state', {
    enum: ['draft', 'started', 'stopped'],
  }).notNull().default('draft'),
  revision: integer('revision').notNull().default(1),
  /** Of one that was started: when it begins, which may be to come. */
  startsAt: instant('starts_at'),
  /** The last person, in order of id, whose mail is in the outbox. */
  queuedTo: uuid('queued_to'),
  /** When the last of all was. */
  queuedAt: instant('queued_at'),
  stoppedAt: instant('stopped_at'),
  /** People whose address no mail can be sent to. */
  unmailable: integer('unmailable').notNull().default(0),
  /** What became of its mails, once none waits: the outbox forgets. */
  outcome: jsonb('outcome').$type<{ sent: number, failed: number, skipped: number }>(),
  createdBy: uuid('created_by').references(() => users.id),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
}, table => [
  index('announcements_created_at_index').on(table.createdAt, table.id),
  index('announcements_started_index').on(table.startsAt).where(sql`${table.state} = 'started'`),
  check('announcements_kind_check', sql`${table.kind} in ('service', 'billing', 'launch', 'product')`),
  check('announcements_audience_check', sql`${table.audience} in ('everyone', 'admins', 'workspace', 'language') and (${table.audience} = 'workspace') = (${table.audienceWorkspaceId} is not null) and (${table.audience} = 'language') = (${table.audienceLanguage} is not null)`),
  check('announcements_state_check', sql`${table.state} in ('draft', 'started', 'stopped') and (${table.state} = 'draft') = (${table.startsAt} is null) and (${table.state} = 'stopped') = (${table.stoppedAt} is not null)`),
])

/** Who has put one away. */
export const announcementDismissals = pgTable('announcement_dismissals', {
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  announcementId: uuid('announcement_id').notNull().references(() => announcements.id, { onDelete: 'cascade' }),
  at: instant('at').notNull(),
}, table => [
  primaryKey({
    columns: [table.userId, table.announcementId],
  }),
])

/** To which kinds a person has agreed, since when and where they said so. What was withdrawn has no row; the log knows. */
export const announcementConsents = pgTable('announcement_consents', {
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  kind: text('kind', {
    enum: ['launch', 'product'],
  }).notNull(),
  at: instant('at').notNull(),
  source: text('source', {
    enum: ['preferences', 'mail_link', 'request'],
  }).notNull(),
}, table => [
  primaryKey({
    columns: [table.userId, table.kind],
  }),
  check('announcement_consents_kind_check', sql`${table.kind} in ('launch', 'product')`),
])
