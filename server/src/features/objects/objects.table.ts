import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, instant } from '../../db/columns.ts'
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
}, table => [
  index('objects_state_touched_at_index').on(table.state, table.touchedAt).where(sql`${table.state} <> 'committed'`),
  check('objects_state_check', sql`${table.state} in ('staged', 'committed', 'doomed')`),
])
