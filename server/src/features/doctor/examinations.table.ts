import type { Finding } from './finding.ts'
import { sql } from 'drizzle-orm'
import { boolean, check, jsonb, pgTable } from 'drizzle-orm/pg-core'
import { instant } from '../../db/columns.ts'

/** The last check of this deployment, for all servers to show: at most one row. Not a part of backups. */
export const examinations = pgTable('examinations', {
  singleton: boolean('singleton').primaryKey().default(true),
  begunAt: instant('begun_at').notNull(),
  /** Null while it is under way, and of one whose server is gone. */
  endedAt: instant('ended_at'),
  /** So far, while it is under way. */
  findings: jsonb('findings').$type<Finding[]>().notNull(),
}, table => [
  check('examinations_singleton_check', sql`${table.singleton}`),
])
