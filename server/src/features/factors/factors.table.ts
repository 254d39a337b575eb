import { bigint, index, pgTable, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'

/** The authenticator app of a person, of which they have one at most: a second factor from when a code of it was shown (`confirmed_at`). */
export const totpFactors = pgTable('totp_factors', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  /** Encrypted with a key made of the instance's. */
  secret: binary('secret').notNull(),
  createdAt: instant('created_at').notNull(),
  confirmedAt: instant('confirmed_at'),
  /** Of the last code that was taken (RFC 6238): none of it or before it is taken again. */
  lastStep: bigint('last_step', { mode: 'number' }),
  lastUsedAt: instant('last_used_at'),
}, table => [
  uniqueIndex('totp_factors_user_id_unique').on(table.userId),
])

/** Codes for whoever has lost their second factor, each good once. */
export const recoveryCodes = pgTable('recovery_codes', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  codeHash: binary('code_hash').notNull(),
  createdAt: instant('created_at').notNull(),
  usedAt: instant('used_at'),
}, table => [
  index('recovery_codes_user_id_index').on(table.userId),
])
