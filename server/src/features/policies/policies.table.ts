import { sql } from 'drizzle-orm'
import { check, date, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'

/** A policy page of the deployment. Its published text is the newest version that is in effect. */
export const policies = pgTable('policies', {
  id: id(),
  kind: text('kind', {
    enum: [
      'privacy',
      'terms',
      'cookies',
      'acceptable-use',
      'imprint',
      'subprocessors',
      'page',
    ],
  }).notNull(),
  slug: text('slug').notNull(),
  draftTitle: text('draft_title').notNull(),
  draftMarkdown: text('draft_markdown').notNull(),
  revision: integer('revision').notNull().default(1),
  position: integer('position').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  /** No longer linked; its versions stay at their addresses. */
  withdrawnAt: instant('withdrawn_at'),
}, table => [
  uniqueIndex('policies_slug_unique').on(table.slug),
  check('policies_kind_check', sql`${table.kind} in ('privacy', 'terms', 'cookies', 'acceptable-use', 'imprint', 'subprocessors', 'page')`),
])

/** Written once, never changed. */
export const policyVersions = pgTable('policy_versions', {
  id: id(),
  policyId: uuid('policy_id').notNull().references(() => policies.id),
  number: integer('number').notNull(),
  title: text('title').notNull(),
  markdown: text('markdown').notNull(),
  summary: text('summary').notNull(),
  sha256: text('sha256').notNull(),
  effectiveOn: date('effective_on', { mode: 'string' }).notNull(),
  publishedAt: instant('published_at').notNull(),
  publishedBy: uuid('published_by').references(() => users.id),
}, table => [
  uniqueIndex('policy_versions_policy_id_number_unique').on(table.policyId, table.number),
  index('policy_versions_effective_on_index').on(table.policyId, table.effectiveOn),
])
