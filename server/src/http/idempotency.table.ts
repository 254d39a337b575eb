import { index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { binary, instant } from '../db/columns.ts'

/** The answer to a request that carried an Idempotency-Key, kept for a day and given again to a repeat. */
export const idempotencyKeys = pgTable('idempotency_keys', {
  /** Who asked: `user:<id>`. */
  owner: text('owner').notNull(),
  key: text('key').notNull(),
  /** HMAC-SHA-256 of method, path and body: another request under the same key is refused. */
  fingerprint: binary('fingerprint').notNull(),
  /** Null while the first request is still running. */
  status: integer('status'),
  answer: jsonb('answer'),
  createdAt: instant('created_at').notNull(),
}, table => [
  primaryKey({
    name: 'idempotency_keys_pkey',
    columns: [table.owner, table.key],
  }),
  index('idempotency_keys_created_at_index').on(table.createdAt),
])
