import { index, pgTable, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { users } from './users.table.ts'

/** A link by which a person chooses a new password, once. A person has at most one that was mailed and one that an operator made. */
export const passwordResets = pgTable('password_resets', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  tokenHash: binary('token_hash').notNull(),
  /** The operator who made it, to pass it on. */
  createdBy: uuid('created_by').references(() => users.id, { onDelete: 'set null' }),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
}, table => [
  index('password_resets_user_id_index').on(table.userId),
  uniqueIndex('password_resets_token_hash_unique').on(table.tokenHash),
  index('password_resets_created_by_index').on(table.createdBy),
])
