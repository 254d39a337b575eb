import type { FactValue } from '../../facts/live-fact.ts'
import type { PlacedText } from './policy-directives.ts'
import { sql } from 'drizzle-orm'
import { boolean, check, date, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { policyKinds } from './policies.policy.ts'

/** Up to three stand above a text: a title, and a sentence with live facts in it. */
export interface DraftHighlight { title: string, sentence: string }
/** As published: the sentence as it was written, too. */
export interface TextHighlight extends PlacedText { title: string, source: string }

/** A policy page of the deployment, or of a workspace, which stands beside those on its links. Its published text is the newest version that is in effect. */
export const policies = pgTable('policies', {
  id: id(),
  kind: text('kind', { enum: policyKinds }).notNull(),
  slug: text('slug').notNull(),
  /** Null: the deployment's. */
  workspaceId: uuid('workspace_id').references(() => workspaces.id),
  /** Where its text is written: here, or in the files of POLICIES_DIR. */
  source: text('source', {
    enum: ['app', 'file'],
  }).notNull().default('app'),
  revision: integer('revision').notNull().default(1),
  position: integer('position').notNull().default(0),
  /** How people agree: by going on, or by saying so. */
  acceptance: text('acceptance', {
    enum: ['use', 'explicit'],
  }).notNull().default('use'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  /** Who wrote in a draft last: another has to approve it, where that is asked for. */
  editedBy: uuid('edited_by').references(() => users.id),
  approvedBy: uuid('approved_by').references(() => users.id),
  approvedAt: instant('approved_at'),
  /** Of the drafts as they were approved (`contentHash`): any change makes it another. */
  approvedSha256: text('approved_sha256'),
  /** No longer linked; its versions stay at their addresses. */
  withdrawnAt: instant('withdrawn_at'),
}, table => [
  uniqueIndex('policies_slug_unique').on(table.slug).where(sql`${table.workspaceId} is null`),
  uniqueIndex('policies_workspace_slug_unique').on(table.workspaceId, table.slug).where(sql`${table.workspaceId} is not null`),
  check('policies_source_check', sql`${table.source} in ('app', 'file')`),
  check('policies_kind_check', sql`${table.kind} in ('privacy', 'terms', 'cookies', 'acceptable-use', 'imprint', 'subprocessors', 'page')`),
  check('policies_acceptance_check', sql`${table.acceptance} in ('use', 'explicit')`),
])

/** What is being written, a text for each language: Markdown with directives, which are filled in when it is published. */
export const policyDrafts = pgTable('policy_drafts', {
  policyId: uuid('policy_id').notNull().references(() => policies.id, { onDelete: 'cascade' }),
  language: text('language').notNull(),
  title: text('title').notNull(),
  markdown: text('markdown').notNull(),
  highlights: jsonb('highlights').$type<DraftHighlight[]>().notNull().default([]),
}, table => [
  primaryKey({
    columns: [table.policyId, table.language],
  }),
])

/** Written once, never changed, with its texts. */
export const policyVersions = pgTable('policy_versions', {
  id: id(),
  policyId: uuid('policy_id').notNull().references(() => policies.id),
  number: integer('number').notNull(),
  effectiveOn: date('effective_on', { mode: 'string' }).notNull(),
  publishedAt: instant('published_at').notNull(),
  publishedBy: uuid('published_by').references(() => users.id),
  /** Whoever accepted an earlier version is asked again. */
  acceptAgain: boolean('accept_again').notNull().default(false),
}, table => [
  uniqueIndex('policy_versions_policy_id_number_unique').on(table.policyId, table.number),
  index('policy_versions_effective_on_index').on(table.policyId, table.effectiveOn),
])

/** A version in one language. A language that it was not published in keeps the text of an earlier version. */
export const policyTexts = pgTable('policy_texts', {
  versionId: uuid('version_id').notNull().references(() => policyVersions.id),
  language: text('language').notNull(),
  title: text('title').notNull(),
  /** What changed, for readers. */
  summary: text('summary').notNull(),
  highlights: jsonb('highlights').$type<TextHighlight[]>().notNull().default([]),
  /** With its directives. */
  source: text('source').notNull(),
  /** As readers have it: what the facts were that day stands in it. */
  markdown: text('markdown').notNull(),
  /** Where in `markdown` each fact stands. Beside it, so that the text and its hash are those that readers have. */
  places: jsonb('places').$type<PlacedText['places']>().notNull().default([]),
  /** What each fact was, by its name, in text and highlights. */
  facts: jsonb('facts').$type<Record<string, FactValue>>().notNull().default({}),
  /** Of `markdown`. */
  sha256: text('sha256').notNull(),
}, table => [
  primaryKey({
    columns: [table.versionId, table.language],
  }),
])

/** Which facts of the texts in effect have another value by now, which, and since when that is known. */
export const policyDrifts = pgTable('policy_drifts', {
  versionId: uuid('version_id').notNull().references(() => policyVersions.id, { onDelete: 'cascade' }),
  fact: text('fact').notNull(),
  /** The one value, in a list: a string by itself would be read as JSON. */
  value: jsonb('value').$type<[FactValue | null]>().notNull(),
  since: instant('since').notNull(),
}, table => [
  primaryKey({
    columns: [table.versionId, table.fact],
  }),
])
