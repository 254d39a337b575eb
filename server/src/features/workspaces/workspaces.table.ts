import { sql } from 'drizzle-orm'
import { check, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
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
  /** The highest of `storageSteps` that the log has told of and that is reached still. */
  storageToldPercent: integer('storage_told_percent').notNull().default(0),
  /** From how many in an hour on the administrators are told (`features/watch`); null: never. */
  watchRefusals: integer('watch_refusals').default(10),
  watchDownloads: integer('watch_downloads').default(200),
  watchDeletions: integer('watch_deletions').default(100),
  /** Of whom a second factor is asked, since when, and for how many days they get on without (`members.table.ts`). */
  secondFactorRoles: text('second_factor_roles').array().notNull().default([]),
  secondFactorSince: instant('second_factor_since'),
  secondFactorGraceDays: integer('second_factor_grace_days').notNull().default(7),
  createdAt: instant('created_at').notNull(),
}, table => [
  uniqueIndex('workspaces_slug_unique').on(table.slug),
  check('workspaces_used_bytes_check', sql`${table.usedBytes} >= 0`),
  check('workspaces_reserved_bytes_check', sql`${table.reservedBytes} >= 0`),
])
