import { index, integer, pgTable, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'

/**
 * Sign-ins by a mailed code, each good once, in the browser that asked. There is one for whatever address somebody asks with, so that what a guess costs tells nothing: whose it
 * is and the code come once it is mailed.
 */
export const emailCodes = pgTable('email_codes', {
  id: id(),
  /** Of what the browser keeps. */
  tokenHash: binary('token_hash').notNull(),
  userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
  /** Of the code together with what the browser keeps, which nobody can try out who has the row alone. */
  codeHash: binary('code_hash'),
  attempts: integer('attempts').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
}, table => [
  uniqueIndex('email_codes_token_hash_unique').on(table.tokenHash),
  index('email_codes_user_id_index').on(table.userId),
])
