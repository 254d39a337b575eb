import { pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'

/** Links by which somebody makes an account of their own, where the operator lets people: mailed to the address that it is for. One for each address. */
export const registrations = pgTable('registrations', {
  id: id(),
  email: text('email').notNull(),
  emailKey: text('email_key').notNull(),
  tokenHash: binary('token_hash').notNull(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
}, table => [
  uniqueIndex('registrations_email_key_unique').on(table.emailKey),
  uniqueIndex('registrations_token_hash_unique').on(table.tokenHash),
])
