import { sql } from 'drizzle-orm'
import { check, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { binary, bytes, instant } from '../../db/columns.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** Every object that the store holds or may hold: written before its first byte, removed after its last. The sweep reads only this. */
export const objects = pgTable('objects', {
  /** Made of server ids only, new for every attempt. */
  key: text('key').primaryKey(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  /** `staged`: bytes may be arriving; `committed`: a version has it; `doomed`: to be deleted. */
  state: text('state', {
    enum: ['staged', 'committed', 'doomed'],
  }).notNull(),
  /** The store's own id of a multipart upload, known before part 1. */
  multipartRef: text('multipart_ref'),
  /** Taken from the workspace's quota while staged. */
  reservedBytes: bytes('reserved_bytes').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  /** Moved on while bytes flow; nothing younger than the grace is swept. */
  touchedAt: instant('touched_at').notNull(),
  /** When all of it was read and found right. */
  checkedAt: instant('checked_at'),
}, table => [
  index('objects_checked_at_index').on(sql`coalesce(${table.checkedAt}, ${table.createdAt})`).where(sql`${table.state} = 'committed'`),
  index('objects_state_touched_at_index').on(table.state, table.touchedAt).where(sql`${table.state} <> 'committed'`),
  check('objects_state_check', sql`${table.state} in ('staged', 'committed', 'doomed')`),
])

/**
 * The sums of an object's blocks (`storage/block-sums.ts`), to check a part of it as it is sent. An object of one block has none here: its version's
 * CRC-32 is that block's. Stored uncompressed and apart (the migration says so), so that a few of many are read without the rest.
 */
export const objectBlocks = pgTable('object_blocks', {
  objectKey: text('object_key').primaryKey().references(() => objects.key, { onDelete: 'cascade' }),
  sums: binary('sums').notNull(),
})

/** What the store has and no row knows, and since when. Only the list is kept apart, the bytes stay where they are: nobody is given what has no row. */
export const orphans = pgTable('orphans', {
  key: text('key').notNull(),
  /** Of what is staged; empty for a whole object. */
  ref: text('ref').notNull().default(''),
  bytes: bytes('bytes'),
  foundAt: instant('found_at').notNull(),
  /** `waiting`: deleted when it has been unknown for long enough. `kept`: of another deployment, or of a time that the database has lost (`adopt`); `released`: an operator said that it may go. */
  state: text('state', {
    enum: ['waiting', 'kept', 'released'],
  }).notNull().default('waiting'),
}, table => [
  check('orphans_state_check', sql`${table.state} in ('waiting', 'kept', 'released')`),
  primaryKey({
    name: 'orphans_pkey',
    columns: [table.key, table.ref],
  }),
])
