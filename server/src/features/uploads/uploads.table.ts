import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, bytes, checksum, id, instant } from '../../db/columns.ts'
import { items } from '../items/items.table.ts'
import { objects } from '../objects/objects.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** A resumable upload: its own credential, good on any replica, after any crash, until it expires. */
export const uploads = pgTable('uploads', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  /** Null once the folder is gone for ever: nothing more can be sent then. */
  parentId: uuid('parent_id').references(() => items.id, { onDelete: 'set null' }),
  name: text('name').notNull(),
  onConflict: text('on_conflict', {
    enum: ['fail', 'rename', 'replace'],
  }).notNull(),
  sizeBytes: bytes('size_bytes').notNull(),
  partSizeBytes: integer('part_size_bytes').notNull(),
  mediaType: text('media_type'),
  lastModifiedAt: instant('last_modified_at'),
  /** Of the whole file, as the client says when it completes: lower-case hex. */
  sha256: text('sha256'),
  tokenHash: binary('token_hash').notNull(),
  /** Null once completed or aborted: the object then belongs to the version, or is doomed. */
  objectKey: text('object_key').references(() => objects.key, { onDelete: 'set null' }),
  state: text('state', {
    enum: ['open', 'completed', 'aborted'],
  }).notNull(),
  /** Set when all parts were there and the store is to make them one object: from then on no part is taken. */
  sealedAt: instant('sealed_at'),
  itemId: uuid('item_id').references(() => items.id, { onDelete: 'set null' }),
  /** Null: by somebody without an account. */
  createdBy: uuid('created_by').references(() => users.id),
  /** The access token that it was begun with: it counts as long as that. Null: by a session, or without an account. */
  accessTokenId: uuid('access_token_id'),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
}, table => [
  uniqueIndex('uploads_token_hash_unique').on(table.tokenHash),
  index('uploads_workspace_id_created_by_index').on(table.workspaceId, table.createdBy).where(sql`${table.state} = 'open'`),
  index('uploads_object_key_index').on(table.objectKey),
  index('uploads_parent_id_index').on(table.parentId),
  index('uploads_item_id_index').on(table.itemId),
  index('uploads_expires_at_index').on(table.expiresAt),
  check('uploads_state_check', sql`${table.state} in ('open', 'completed', 'aborted')`),
])

/** A part that is durable in the store. The row goes away before its bytes are written over. */
export const uploadParts = pgTable('upload_parts', {
  uploadId: uuid('upload_id').notNull().references(() => uploads.id, { onDelete: 'cascade' }),
  n: integer('n').notNull(),
  sizeBytes: integer('size_bytes').notNull(),
  etag: text('etag').notNull(),
  sha256: binary('sha256').notNull(),
  /** Null for what came before this was noted. */
  crc32: checksum(),
  /** Of each block, as `object_blocks` has them; null as above. */
  blocks: binary('blocks'),
}, table => [
  primaryKey({
    name: 'upload_parts_pkey',
    columns: [table.uploadId, table.n],
  }),
])

/** Who sends a part now: of several at once the last that began. Only it may call the part durable. */
export const uploadPartSends = pgTable('upload_part_sends', {
  uploadId: uuid('upload_id').notNull().references(() => uploads.id, { onDelete: 'cascade' }),
  n: integer('n').notNull(),
  sendId: uuid('send_id').notNull(),
}, table => [
  primaryKey({
    name: 'upload_part_sends_pkey',
    columns: [table.uploadId, table.n],
  }),
])
