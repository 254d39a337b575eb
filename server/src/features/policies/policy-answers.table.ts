import type { KeptAnswers } from './policy-answers.policy.ts'
import { sql } from 'drizzle-orm'
import { boolean, check, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '../../db/columns.ts'

/** What operators have answered for their policy texts, and no setting says: one row. Null: nobody has answered that yet. */
export const policyAnswers = pgTable('policy_answers', {
  singleton: boolean('singleton').primaryKey().default(true),
  /** That questions go to the form: chosen, not forgotten. The address, once there is one, is the instance's and counts before it. */
  contactByForm: boolean('contact_by_form').notNull().default(false),
  /** An empty list: there are none. */
  vendors: jsonb('vendors').$type<KeptAnswers['vendors']>(),
  backups: jsonb('backups').$type<KeptAnswers['backups']>(),
  plans: jsonb('plans').$type<KeptAnswers['plans']>(),
  jurisdiction: text('jurisdiction'),
  authority: text('authority'),
  updatedAt: instant('updated_at').notNull(),
}, table => [
  check('policy_answers_singleton_check', sql`${table.singleton}`),
])
