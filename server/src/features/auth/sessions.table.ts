import { isNull, or } from 'drizzle-orm'
import { index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { oidcProviders, vouchesFor } from '../oidc/oidc-providers.table.ts'
import { users } from '../users/users.table.ts'

/** One signed-in browser or program: a family of refresh tokens, of which only the newest counts. */
export const sessions = pgTable('sessions', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  tokenHash: binary('token_hash').notNull(),
  /** The token before the last rotation: accepted for a few seconds (two tabs, a lost answer), afterwards proof of theft. */
  previousTokenHash: binary('previous_token_hash'),
  rotatedAt: instant('rotated_at').notNull(),
  createdAt: instant('created_at').notNull(),
  lastUsedAt: instant('last_used_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  revokedAt: instant('revoked_at'),
  /** When the person last showed in it all that a sign-in asks for; null: since then another session has changed what that is. */
  steppedUpAt: instant('stepped_up_at'),
  /** Whose word it was begun by, and what that calls its own session (`sid`), so that both can end together. */
  oidcProviderId: uuid('oidc_provider_id').references(() => oidcProviders.id, { onDelete: 'set null' }),
  oidcSid: text('oidc_sid'),
  ip: text('ip'),
  userAgent: text('user_agent'),
}, table => [
  uniqueIndex('sessions_token_hash_unique').on(table.tokenHash),
  uniqueIndex('sessions_previous_token_hash_unique').on(table.previousTokenHash),
  index('sessions_user_id_index').on(table.userId),
])

/** Whether the word that a session was begun by still counts for its person: asked at each call, so that nothing has to end a session when somebody joins another workspace. */
export const isVouched = or(isNull(sessions.oidcProviderId), vouchesFor(sessions.oidcProviderId, sessions.userId))!
