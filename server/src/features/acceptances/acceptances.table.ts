import { sql } from 'drizzle-orm'
import { check, foreignKey, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../db/columns.ts'
import { policyTexts } from '../policies/policies.table.ts'
import { requests } from '../requests/requests.table.ts'
import { users } from '../users/users.table.ts'

/** Where somebody was asked. */
export const acceptancePlaces = [
  'sign-in',
  'invitation',
  'registration',
  'account',
  'request',
] as const

/** Who agreed to which text, word for word. Written once, never changed. */
export const policyAcceptances = pgTable('policy_acceptances', {
  id: id(),
  versionId: uuid('version_id').notNull(),
  /** In which the text was shown. */
  language: text('language').notNull(),
  /** Of the text as it was shown. */
  sha256: text('sha256').notNull(),
  /** Null: somebody without an account, who gave an address. */
  userId: uuid('user_id').references(() => users.id),
  email: text('email'),
  place: text('place', { enum: acceptancePlaces }).notNull(),
  /** Goes with the request in which it was given. */
  requestId: uuid('request_id').references(() => requests.id, { onDelete: 'cascade' }),
  acceptedAt: instant('accepted_at').notNull(),
  ip: text('ip'),
}, table => [
  foreignKey({
    name: 'policy_acceptances_text_fk',
    columns: [table.versionId, table.language],
    foreignColumns: [policyTexts.versionId, policyTexts.language],
  }),
  uniqueIndex('policy_acceptances_user_version_unique').on(table.userId, table.versionId).where(sql`${table.userId} is not null`),
  index('policy_acceptances_version_id_index').on(table.versionId, table.acceptedAt, table.id),
  index('policy_acceptances_request_id_index').on(table.requestId).where(sql`${table.requestId} is not null`),
  check('policy_acceptances_who_check', sql`${table.userId} is not null or ${table.email} is not null`),
  check('policy_acceptances_place_check', sql`${table.place} in ('sign-in', 'invitation', 'registration', 'account', 'request')`),
])
