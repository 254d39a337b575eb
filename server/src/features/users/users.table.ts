import { boolean, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { id, instant } from '../../db/columns.ts'

export const users = pgTable('users', {
  id: id(),
  name: text('name').notNull(),
  email: text('email').notNull(),
  /** Lower-cased, NFKC: what makes an address unique. */
  emailKey: text('email_key').notNull(),
  /** When whoever has the account last showed that they read mail there; null: never. */
  emailVerifiedAt: instant('email_verified_at'),
  /** PHC string, Argon2id; absent for people who never set one. */
  passwordHash: text('password_hash'),
  /** Since when this person's sign-ins end with a mailed code, as the second factor of a client's contact; null: the last did not. */
  emailFactorAt: instant('email_factor_at'),
  isOperator: boolean('is_operator').notNull().default(false),
  locale: text('locale'),
  /** IANA's name; null until a browser has said it. */
  timeZone: text('time_zone'),
  createdAt: instant('created_at').notNull(),
  disabledAt: instant('disabled_at'),
}, table => [
  uniqueIndex('users_email_key_unique').on(table.emailKey),
])
