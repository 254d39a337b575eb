import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** A top-level folder with its own access. Its root folder is an item whose `parent_id` is null. */
export const spaces = pgTable('spaces', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  kind: text('kind', {
    enum: ['team', 'client'],
  }).notNull(),
  name: text('name').notNull(),
  rootFolderId: uuid('root_folder_id').notNull(),
  createdAt: instant('created_at').notNull(),
}, table => [
  uniqueIndex('spaces_root_folder_id_unique').on(table.rootFolderId),
  index('spaces_workspace_id_index').on(table.workspaceId),
  check('spaces_kind_check', sql`${table.kind} in ('team', 'client')`),
])

/** A space role given to somebody on a folder (a space: its root folder) and everything below. Grants add up. */
export const grants = pgTable('grants', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  folderId: uuid('folder_id').notNull(),
  userId: uuid('user_id').notNull().references(() => users.id),
  role: text('role', {
    enum: [
      'previewer',
      'viewer',
      'uploader',
      'contributor',
      'editor',
      'manager',
    ],
  }).notNull(),
  createdAt: instant('created_at').notNull(),
}, table => [
  uniqueIndex('grants_folder_id_user_id_unique').on(table.folderId, table.userId),
  index('grants_workspace_id_user_id_index').on(table.workspaceId, table.userId),
])
