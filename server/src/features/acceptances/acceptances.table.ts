import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { check, foreignKey, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../db/columns.ts'
import { policyTexts } from '../policies/policies.table.ts'
import { requests } from '../requests/requests.table.ts'
import { users } from '../users/users.table.ts'
import { acceptancePlaces } from './acceptances.policy.ts'

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

/** The day by which policies begin, at a moment. */
export const dayOf = (now: SQL) => sql`(${now} at time zone coalesce((select time_zone from instance), 'UTC'))::date`

/**
 * The deployment's policies that ask people to say that they agree: `current` is the number of the version in effect, `since` that of the first one whose
 * acceptance still counts, which is the last version that asks everybody again.
 */
export const askingPolicies = (now: SQL) => sql`(
  select asking.id as policy_id, asking.slug, begun.current, coalesce((
    select max(again.number) from policy_versions again where again.policy_id = asking.id and again.accept_again and again.number <= begun.current
  ), 1) as since
  from policies asking
  cross join lateral (select max(number) as current from policy_versions where policy_id = asking.id and effective_on <= ${dayOf(now)}) begun
  where asking.acceptance = 'explicit' and asking.withdrawn_at is null and asking.workspace_id is null and begun.current is not null
)`

/** Whether a person, in a statement that names an id, has agreed to what one of them asks, named `asked`. */
export const hasAgreed = (userId: SQL) => sql`exists(
  select from policy_acceptances given join policy_versions of_version on of_version.id = given.version_id
  where given.user_id = ${userId} and of_version.policy_id = asked.policy_id and of_version.number >= asked.since
)`

/** Whether a person has not agreed yet to something that is in effect, for statements of `users` with a placeholder `now`. */
export const owesAcceptance = sql<boolean>`exists(
  select from ${askingPolicies(sql`${sql.param(sql.placeholder('now'), users.createdAt)}::timestamptz`)} asked where not ${hasAgreed(sql`users.id`)}
)`
