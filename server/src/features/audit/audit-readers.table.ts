import { bigint, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '../../db/columns.ts'

/** How far each reader of the log has come in each chain. Its row lock has one worker at a time read. */
export const auditReaders = pgTable('audit_readers', {
  reader: text('reader').notNull(),
  /** Of the instance's own chain there is a row for every reader that ever started, even before that chain has an event. */
  chainId: uuid('chain_id').notNull(),
  /** The last event that it has done with. */
  seq: bigint('seq', { mode: 'number' }).notNull(),
  /** How often it failed on the next one, what with, and when it is tried again. */
  attempts: integer('attempts').notNull().default(0),
  error: text('error'),
  retryAt: instant('retry_at'),
}, table => [
  primaryKey({
    name: 'audit_readers_pkey',
    columns: [table.reader, table.chainId],
  }),
])
