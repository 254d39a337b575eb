import { sql } from 'drizzle-orm'
import { check, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { bytes, id, instant } from '../../db/columns.ts'

export const workspaces = pgTable('workspaces', {
  id: id(),
  name: text('name').notNull(),
  slug: text('slug').notNull(),
  /** Committed bytes of every version, the trash included. */
  usedBytes: bytes('used_bytes').notNull().default(0),
  /** Bytes promised to uploads under way; zero when idle. */
  reservedBytes: bytes('reserved_bytes').notNull().default(0),
  /** Null: no limit. */
  quotaBytes: bytes('quota_bytes'),
  createdAt: instant('created_at').notNull(),
}, table => [
  uniqueIndex('workspaces_slug_unique').on(table.slug),
  check('workspaces_used_bytes_check', sql`${table.usedBytes} >= 0`),
  check('workspaces_reserved_bytes_check', sql`${table.reservedBytes} >= 0`),
])
