import type { Caller } from '../../http/caller.ts'
import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** What somebody deletes for ever. What it takes is marked with it (`items.purge_id`) and gone from view; a job deletes the rows, part by part. */
export const purges = pgTable('purges', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  /** Null: it was due. */
  askedBy: uuid('asked_by').references(() => users.id),
  /** For the log, until the end. */
  caller: jsonb('caller').$type<Caller>(),
  state: text('state', {
    enum: ['open', 'done', 'cancelled'],
  }).notNull(),
  /** Files and folders; null until they are counted. */
  total: integer('total'),
  /** So many stand in `purge_items`, or stood there, */
  listed: integer('listed').notNull().default(0),
  /** and of these so many are deleted. */
  deleted: integer('deleted').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  /** A cancelled one ends with what was under way. */
  endedAt: instant('ended_at'),
}, table => [
  index('purges_workspace_id_index').on(table.workspaceId, table.askedBy),
  check('purges_state_check', sql`${table.state} in ('open', 'done', 'cancelled')`),
])

/** What is being deleted, the leaves first: of one thing of a purge after another. */
export const purgeItems = pgTable('purge_items', {
  purgeId: uuid('purge_id').notNull().references(() => purges.id, { onDelete: 'cascade' }),
  n: integer('n').notNull(),
  itemId: uuid('item_id').notNull(),
  /** What was in the trash, and holds it. */
  rootId: uuid('root_id').notNull(),
  kind: text('kind', {
    enum: ['folder', 'file'],
  }).notNull(),
  /** Of all versions. */
  bytes: bytes('bytes').notNull(),
}, table => [
  primaryKey({
    name: 'purge_items_pkey',
    columns: [table.purgeId, table.n],
  }),
])
