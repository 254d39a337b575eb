import { sql } from 'drizzle-orm'
import { boolean, check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { binary, instant } from '../../db/columns.ts'
import { hasFactor } from '../factors/factors.table.ts'
import { users } from '../users/users.table.ts'

/** The deployment itself: one row. */
export const instance = pgTable('instance', {
  singleton: boolean('singleton').primaryKey().default(true),
  name: text('name').notNull().default('ClientShare'),
  organisation: text('organisation').notNull().default(''),
  contactEmail: text('contact_email').notNull().default(''),
  postalAddress: text('postal_address').notNull().default(''),
  /** Who may come to an account (`auth/registration.policy.ts`); of domains, in their ASCII form. */
  registration: text('registration', {
    enum: [
      'invitation',
      'closed',
      'domain',
      'open',
    ],
  }).notNull().default('invitation'),
  registrationDomains: text('registration_domains').array().notNull().default([]),
  /** Whoever operates has no operator's page without a second factor. */
  operatorsNeedFactor: boolean('operators_need_factor').notNull().default(false),
  /** How long sessions last, in minutes (`sessions/sessions.policy.ts`): without use, and from the sign-in on, null: without end. */
  sessionIdleMinutes: integer('session_idle_minutes').notNull().default(30 * 1440),
  sessionTotalMinutes: integer('session_total_minutes'),
  /** By which the days of policies begin. */
  timeZone: text('time_zone').notNull().default('UTC'),
  /** In which policies are written first, and shown to whom they have no better language for. */
  policyLanguage: text('policy_language').notNull().default('en'),
  /** What is published, another operator than its writer has approved. */
  policyReview: boolean('policy_review').notNull().default(false),
  /** The driver that holds the bytes; null until the first server starts. Only a move changes it. */
  storage: text('storage', {
    enum: ['local', 's3'],
  }),
  /** The deployment's own, which its store has too (`features/identity`); null until the first server starts. */
  identity: uuid('identity'),
  /** When both were last used together: as the store was to be told, and as it was. */
  useAnnouncedAt: instant('use_announced_at'),
  useNotedAt: instant('use_noted_at'),
  setupTokenHash: binary('setup_token_hash'),
  setUpAt: instant('set_up_at'),
  updatedAt: instant('updated_at').notNull().defaultNow(),
}, table => [
  check('instance_singleton_check', sql`${table.singleton}`),
  check('instance_registration_check', sql`${table.registration} in ('invitation', 'closed', 'domain', 'open')`),
  check('instance_session_idle_minutes_check', sql`${table.sessionIdleMinutes} > 0`),
  check('instance_session_total_minutes_check', sql`${table.sessionTotalMinutes} > 0`),
  check('instance_storage_check', sql`${table.storage} in ('local', 's3')`),
])

/** Whether the instance asks a person for a second factor that they do not have, for statements of `users`. */
export const lacksFactor = sql<boolean>`(${users.isOperator} and exists(select from instance where operators_need_factor) and not ${hasFactor(users.id)})`

/**
 * The driver that holds the bytes, unchanged until the end of the transaction: what is registered with it is committed before the bytes
 * move on, so that the move sees it. Reads what was committed last, also where the statement began earlier.
 */
export const storageHome = sql`select storage from instance for share`
