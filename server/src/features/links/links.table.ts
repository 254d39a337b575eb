import type { Placeholder } from 'drizzle-orm'
import { and, gt, isNull, or, sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { items } from '../items/items.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

export const links = pgTable('links', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  /** What the staff call it; null: the page names the items. */
  title: text('title'),
  /** The title as searches read it, like `items.search_text`; empty without one. */
  searchText: text('search_text').notNull().default(''),
  message: text('message'),
  tokenHash: binary('token_hash').notNull(),
  /** AES-256-GCM under the instance key, so that staff can copy the address again. */
  tokenCiphertext: binary('token_ciphertext').notNull(),
  passwordHash: text('password_hash'),
  /** Rises when a gate changes: grants given before no longer open. */
  gateRevision: integer('gate_revision').notNull().default(1),
  expiresAt: instant('expires_at'),
  maxDownloads: integer('max_downloads'),
  downloadCount: integer('download_count').notNull().default(0),
  openCount: integer('open_count').notNull().default(0),
  lastOpenedAt: instant('last_opened_at'),
  revision: integer('revision').notNull().default(1),
  createdBy: uuid('created_by').notNull().references(() => users.id),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  revokedAt: instant('revoked_at'),
  /** The expiry of which the log has told that it is near, and that it is over: another one is told of anew. */
  expiringToldFor: instant('expiring_told_for'),
  expiredToldFor: instant('expired_told_for'),
}, table => [
  uniqueIndex('links_token_hash_unique').on(table.tokenHash),
  index('links_workspace_id_created_at_index').on(table.workspaceId, table.createdAt, table.id),
  index('links_expiry_index').on(table.expiresAt).where(sql`${table.revokedAt} is null and ${table.expiredToldFor} is distinct from ${table.expiresAt}`),
  check('links_download_count_check', sql`${table.maxDownloads} is null or ${table.downloadCount} <= ${table.maxDownloads}`),
])

export const linkItems = pgTable('link_items', {
  linkId: uuid('link_id').notNull().references(() => links.id, { onDelete: 'cascade' }),
  itemId: uuid('item_id').notNull().references(() => items.id, { onDelete: 'cascade' }),
  position: integer('position').notNull(),
}, table => [
  primaryKey({
    name: 'link_items_pkey',
    columns: [table.linkId, table.itemId],
  }),
  index('link_items_item_id_index').on(table.itemId),
])

/** Open as far as the database knows: not revoked, expired or used up at that time. Who may still share, the access rules know. */
export const withinLimits = (now: Date | Placeholder) => and(
  isNull(links.revokedAt),
  or(isNull(links.expiresAt), gt(links.expiresAt, now)),
  or(isNull(links.maxDownloads), sql`${links.downloadCount} < ${links.maxDownloads}`),
)
