import { boolean, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { users } from './users.table.ts'

/** A person's wish for another address, or to prove the one they have; then, for some days, what takes the change back from the address before. */
export const emailChanges = pgTable('email_changes', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  fromEmail: text('from_email').notNull(),
  fromKey: text('from_key').notNull(),
  toEmail: text('to_email').notNull(),
  toKey: text('to_key').notNull(),
  /** Of the link that confirms it; null until there is one to be passed on, and once it was used. */
  tokenHash: binary('token_hash'),
  /** The link went to the new address itself, so that who uses it reads mail there. */
  isMailed: boolean('is_mailed').notNull(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  changedAt: instant('changed_at'),
  /** Of the link that takes it back; until then nobody else gets the address before. */
  undoHash: binary('undo_hash'),
  undoUntil: instant('undo_until'),
}, table => [
  uniqueIndex('email_changes_token_hash_unique').on(table.tokenHash),
  uniqueIndex('email_changes_undo_hash_unique').on(table.undoHash),
  index('email_changes_user_id_index').on(table.userId),
  index('email_changes_from_key_index').on(table.fromKey),
])
