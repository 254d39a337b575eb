import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytes, checksum, id, instant, naturally } from '../../db/columns.ts'
import { objects } from '../objects/objects.table.ts'
import { spaces } from '../spaces/spaces.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { purges } from './purges.table.ts'

export const items = pgTable('items', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  spaceId: uuid('space_id').notNull().references((): AnyPgColumn => spaces.id),
  /** Null only for a space's root folder. */
  parentId: uuid('parent_id').references((): AnyPgColumn => items.id),
  kind: text('kind', {
    enum: ['folder', 'file'],
  }).notNull(),
  name: text('name').notNull(),
  /** The name as it counts for uniqueness: NFKC, case folded. */
  nameKey: text('name_key').notNull(),
  /** The name as searches read it: what has no case and no accents any more, in plain letters. */
  searchText: text('search_text').notNull(),
  /** Of the current version; null for folders. */
  versionId: uuid('version_id').references((): AnyPgColumn => fileVersions.id),
  sizeBytes: bytes('size_bytes').notNull().default(0),
  mediaType: text('media_type'),
  /** Rises with each change of this row: the ETag. */
  revision: integer('revision').notNull().default(1),
  createdBy: uuid('created_by').references(() => users.id),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  /** Set on the item that was deleted, not on what lies below it. */
  trashedAt: instant('trashed_at'),
  trashedBy: uuid('trashed_by').references(() => users.id),
  /** Being deleted for ever, with all that lies below it: nobody finds it any more. Set where `trashedAt` is. */
  purgeId: uuid('purge_id').references((): AnyPgColumn => purges.id),
}, table => [
  uniqueIndex('items_parent_id_name_key_unique').on(table.parentId, table.nameKey).where(sql`${table.trashedAt} is null`),
  // One index per sort order. The kind is compared by equality (folders, then files), so each serves both directions of its order.
  index('items_listing_name_index').on(table.parentId, table.kind, naturally(table.name), table.id).where(sql`${table.trashedAt} is null`),
  index('items_listing_updated_index').on(table.parentId, table.kind, table.updatedAt, table.id).where(sql`${table.trashedAt} is null`),
  index('items_listing_size_index').on(table.parentId, table.kind, table.sizeBytes, table.id).where(sql`${table.trashedAt} is null`),
  // Everything in a folder, the trash too: the way down for moves and deletions, and for the foreign key.
  index('items_parent_id_index').on(table.parentId),
  index('items_version_id_index').on(table.versionId).where(sql`${table.versionId} is not null`),
  // For searches of what is often found: they go through a workspace in this order until a page is full.
  index('items_search_index').on(table.workspaceId, table.kind, naturally(table.name), table.id).where(sql`${table.trashedAt} is null`),
  // For those of what is seldom found: the names that have all the threes of letters.
  index('items_search_text_index').using('gin', sql`${table.searchText} gin_trgm_ops`).where(sql`${table.trashedAt} is null`),
  index('items_trash_index').on(table.workspaceId, table.trashedAt, table.id).where(sql`${table.trashedAt} is not null`),
  index('items_purge_id_index').on(table.purgeId).where(sql`${table.purgeId} is not null`),
  check('items_purge_id_check', sql`${table.purgeId} is null or ${table.trashedAt} is not null`),
  check('items_kind_check', sql`${table.kind} in ('folder', 'file')`),
  check('items_parent_id_check', sql`${table.parentId} is distinct from ${table.id}`),
])

export const fileVersions = pgTable('file_versions', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  itemId: uuid('item_id').notNull().references((): AnyPgColumn => items.id),
  number: integer('number').notNull(),
  objectKey: text('object_key').notNull().references(() => objects.key),
  /** The number of the version of this file whose bytes these are: one object, which is counted, read and moved for the version that brought it. */
  restoredFrom: integer('restored_from'),
  sizeBytes: bytes('size_bytes').notNull(),
  /** Lower-case hex of the whole file, as `sha256sum` prints it; null until read back. */
  sha256: text('sha256'),
  /** Of the whole file as it came: what is sent is compared with it. Null for what came before this was noted. */
  crc32: checksum(),
  integrity: text('integrity', {
    enum: ['pending', 'verified', 'failed'],
  }).notNull(),
  mediaType: text('media_type').notNull(),
  lastModifiedAt: instant('last_modified_at'),
  createdBy: uuid('created_by').references(() => users.id),
  createdAt: instant('created_at').notNull(),
}, table => [
  uniqueIndex('file_versions_item_id_number_unique').on(table.itemId, table.number),
  // One version brought an object; those restored from it come after it.
  uniqueIndex('file_versions_object_key_unique').on(table.objectKey, sql`(case when ${table.restoredFrom} is null then 0 else ${table.number} end)`),
  check('file_versions_restored_from_check', sql`${table.restoredFrom} < ${table.number}`),
  check('file_versions_integrity_check', sql`${table.integrity} in ('pending', 'verified', 'failed') and (${table.integrity} <> 'verified' or ${table.sha256} is not null)`),
])
