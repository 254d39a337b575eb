import type { Caller } from '../../http/caller.ts'
import { index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { oidcProviders } from '../oidc/oidc-providers.table.ts'
import { users } from '../users/users.table.ts'

/** A sign-in whose password was right, or for whom a provider vouched, and whose second factor is still to come. It ends with the person's sessions, and by its last attempt. */
export const signInSteps = pgTable('sign_in_steps', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  tokenHash: binary('token_hash').notNull(),
  attempts: integer('attempts').notNull().default(0),
  /** As the session's, which it becomes. */
  oidcProviderId: uuid('oidc_provider_id').references(() => oidcProviders.id, { onDelete: 'cascade' }),
  oidcSid: text('oidc_sid'),
  /** Of the code that was mailed for it, where that is the second factor. */
  emailCodeHash: binary('email_code_hash'),
  /** From where it was begun: of one that comes to nothing its person is told. */
  via: text('via').$type<Caller['origin']['via']>().notNull().default('web'),
  ip: text('ip'),
  userAgent: text('user_agent'),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
}, table => [
  uniqueIndex('sign_in_steps_token_hash_unique').on(table.tokenHash),
  index('sign_in_steps_user_id_index').on(table.userId),
])
