import { sql } from 'drizzle-orm'
import { check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'

/** For how long operators want a kind of data to be kept; a kind without a row is kept as its definition says. */
export const retentionSettings = pgTable('retention_settings', {
  kind: text('kind').primaryKey(),
  /** Null: for ever. */
  days: integer('days'),
  changedAt: instant('changed_at').notNull(),
  /** Null: by an upgrade, that kept what had been. */
  changedBy: uuid('changed_by').references(() => users.id, { onDelete: 'set null' }),
}, table => [
  check('retention_settings_days_check', sql`${table.days} > 0`),
])
