import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '../db/columns.ts'

/** How far a mailbox was read. */
export const replyInboxes = pgTable('reply_inboxes', {
  /** As the settings name it: another begins at its own end. */
  mailbox: text('mailbox').primaryKey(),
  /** UIDs count within it (UIDVALIDITY). */
  validity: text('validity').notNull(),
  /** Of the last that was taken. */
  uid: integer('uid').notNull(),
  /** How often the next one could not be taken. */
  failures: integer('failures').notNull().default(0),
  readAt: instant('read_at').notNull(),
})
