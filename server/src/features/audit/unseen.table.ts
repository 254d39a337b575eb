import { bigint, integer, pgTable, uuid } from 'drizzle-orm/pg-core'
import { members } from '../members/members.table.ts'

/** What happened since a member last looked at the log, without what they did themselves, as far as the reader has counted. */
export const unseenActivity = pgTable('unseen_activity', {
  memberId: uuid('member_id').primaryKey().references(() => members.id, { onDelete: 'cascade' }),
  count: integer('count').notNull(),
  /** The newest event that they have seen. */
  seenSeq: bigint('seen_seq', { mode: 'number' }).notNull(),
})
