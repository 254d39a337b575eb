import type { CopyProgress } from './one-copy.ts'
import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { fileVersions, items } from '../items/items.table.ts'
import { links } from '../links/links.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** A claimed download: an address that a browser can open without a header, for one person or one visitor of a link. */
export const downloadTickets = pgTable('download_tickets', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  tokenHash: binary('token_hash').notNull(),
  /** `file`: the one item as it is; `archive`: all of them in a ZIP. */
  kind: text('kind', {
    enum: ['file', 'archive'],
  }).notNull(),
  itemIds: uuid('item_ids').array().notNull(),
  /** Of a file: this version of it; null: whichever is the current one. */
  version: integer('version'),
  /** Whose rights are checked again when the bytes are asked for: exactly one of the two. */
  userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
  linkId: uuid('link_id').references(() => links.id, { onDelete: 'cascade' }),
  /** The access token that it was made with: it counts as long as that. Null: a session, or a link. */
  accessTokenId: uuid('access_token_id'),
  /** Of what has to be brought to use it (a grant, a cookie); null: whoever has the address. */
  holderHash: binary('holder_hash'),
  /** Of a limited link: how far its one copy is; null: it may be had as often as wanted. */
  copy: jsonb('copy').$type<CopyProgress>(),
  createdAt: instant('created_at').notNull(),
  /** Moved on by each use, so that a long download can be resumed. */
  expiresAt: instant('expires_at').notNull(),
}, table => [
  uniqueIndex('download_tickets_token_hash_unique').on(table.tokenHash),
  index('download_tickets_expires_at_index').on(table.expiresAt),
  check('download_tickets_holder_check', sql`(${table.userId} is null) <> (${table.linkId} is null)`),
])

/** Who began to download what, for as long as it may be continued without the log telling of it again. */
export const notedDownloads = pgTable('noted_downloads', {
  versionId: uuid('version_id').notNull().references(() => fileVersions.id, { onDelete: 'cascade' }),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  notedAt: instant('noted_at').notNull(),
}, table => [
  primaryKey({
    name: 'noted_downloads_pkey',
    columns: [table.versionId, table.userId],
  }),
  index('noted_downloads_noted_at_index').on(table.notedAt),
])

/**
 * How often each file was downloaded, alone or in an archive: by each link, and by members under the nil id. Counted in the transaction of the
 * download's event; the log itself may be cut.
 */
export const fileDownloads = pgTable('file_downloads', {
  itemId: uuid('item_id').notNull().references(() => items.id, { onDelete: 'cascade' }),
  /** The link, or the nil id. */
  source: uuid('source').notNull(),
  count: integer('count').notNull(),
  lastAt: instant('last_at').notNull(),
}, table => [
  primaryKey({
    name: 'file_downloads_pkey',
    columns: [table.itemId, table.source],
  }),
])
