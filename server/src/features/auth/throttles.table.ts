import { index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '../../db/columns.ts'

/** Failed attempts by what was attacked and from where, shared by all replicas. */
export const throttles = pgTable('throttles', {
  /** `<kind>:<subject>`, for example `login:ip:203.0.113.7`. */
  key: text('key').primaryKey(),
  failures: integer('failures').notNull(),
  lastFailureAt: instant('last_failure_at').notNull(),
  blockedUntil: instant('blocked_until'),
}, table => [
  index('throttles_last_failure_at_index').on(table.lastFailureAt),
])
