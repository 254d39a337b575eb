import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { sessions } from '../auth/sessions.table.ts'
import { users } from '../users/users.table.ts'
import { oidcProviders } from './oidc-providers.table.ts'

/** Who a provider's person is here. It is the subject that counts, which a provider gives to nobody else; an address may get another owner. */
export const oidcIdentities = pgTable('oidc_identities', {
  id: id(),
  providerId: uuid('provider_id').notNull().references(() => oidcProviders.id, { onDelete: 'cascade' }),
  subject: text('subject').notNull(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  /** As the provider called them last, so that people know which account of theirs it is. */
  label: text('label').notNull(),
  createdAt: instant('created_at').notNull(),
  lastUsedAt: instant('last_used_at').notNull(),
}, table => [
  uniqueIndex('oidc_identities_provider_id_subject_unique').on(table.providerId, table.subject),
  uniqueIndex('oidc_identities_user_id_provider_id_unique').on(table.userId, table.providerId),
])

/** Somebody who was sent to a provider and is to come back, once, in the browser that has the state. */
export const oidcStates = pgTable('oidc_states', {
  id: id(),
  stateHash: binary('state_hash').notNull(),
  providerId: uuid('provider_id').notNull().references(() => oidcProviders.id, { onDelete: 'cascade' }),
  codeVerifier: text('code_verifier').notNull(),
  nonce: text('nonce').notNull(),
  /** `try`: an operator looks at what the provider says. */
  purpose: text('purpose', {
    enum: ['sign-in', 'connect', 'try'],
  }).notNull(),
  /** A path of ours to go on to. */
  next: text('next').notNull(),
  /** Whose it is, of what only somebody signed in begins. */
  sessionId: uuid('session_id').references(() => sessions.id, { onDelete: 'cascade' }),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
}, table => [
  uniqueIndex('oidc_states_state_hash_unique').on(table.stateHash),
  index('oidc_states_session_id_index').on(table.sessionId),
  index('oidc_states_expires_at_index').on(table.expiresAt),
  check('oidc_states_session_check', sql`(${table.purpose} = 'sign-in') = (${table.sessionId} is null)`),
])
