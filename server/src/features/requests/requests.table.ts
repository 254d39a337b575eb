import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant, name } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** What people ask of those who run the instance: without an account by the form, members from inside. */
export const requests = pgTable('requests', {
  id: id(),
  /** What people call it by: `R-7F3K-92QD`. */
  reference: text('reference').notNull(),
  kind: text('kind', {
    enum: [
      'access',
      'onboarding',
      'question',
      'support',
      'privacy',
    ],
  }).notNull(),
  /** Of a privacy request: which right somebody wants to use. */
  right: text('right', {
    enum: [
      'access',
      'correction',
      'export',
      'deletion',
      'objection',
    ],
  }),
  name: name().notNull(),
  email: text('email').notNull(),
  company: text('company'),
  message: text('message').notNull(),
  /** In which they are answered. */
  language: text('language', {
    enum: ['en', 'de'],
  }).notNull(),
  state: text('state', {
    enum: [
      'new',
      'in_progress',
      'answered',
      'approved',
      'declined',
      'spam',
    ],
  }).notNull().default('new'),
  createdAt: instant('created_at').notNull(),
  /** When it came to the inbox: with the confirmation of its address, where mail can be sent. Null: it waits for that, and nobody sees it. */
  receivedAt: instant('received_at'),
  /** When its sender showed that they read mail at its address; of a member, by their account. */
  confirmedAt: instant('confirmed_at'),
  handledAt: instant('handled_at'),
  handledBy: uuid('handled_by').references(() => users.id, { onDelete: 'set null' }),
  assigneeId: uuid('assignee_id').references(() => users.id, { onDelete: 'set null' }),
  /** Of a privacy request: when it is to be done, and why that was put off. */
  dueAt: instant('due_at'),
  extendedReason: text('extended_reason'),
  overdueToldAt: instant('overdue_told_at'),
  /** Of a privacy request: what was done, for the register. */
  outcome: text('outcome'),
  /** What its approval made. */
  workspaceId: uuid('workspace_id').references(() => workspaces.id, { onDelete: 'set null' }),
  /** The version of the policy that its sender agreed to. */
  policySlug: text('policy_slug'),
  policyNumber: integer('policy_number'),
  policySha256: text('policy_sha256'),
  /** Kinds of news that they want, when they have an account. */
  news: text('news').array().notNull().default([]),
  /** Of a member who asked from inside, and from where. */
  userId: uuid('user_id').references(() => users.id, { onDelete: 'set null' }),
  context: jsonb('context').$type<{ workspaceId?: string, workspace?: string, page?: string, version: string, requestId?: string }>(),
  ip: text('ip'),
  userAgent: text('user_agent'),
}, table => [
  uniqueIndex('requests_reference_unique').on(table.reference),
  index('requests_state_received_at_index').on(table.state, table.receivedAt, table.id),
  index('requests_due_at_index').on(table.dueAt).where(sql`${table.handledAt} is null`),
  check('requests_kind_check', sql`${table.kind} in ('access', 'onboarding', 'question', 'support', 'privacy')`),
  check('requests_right_check', sql`(${table.kind} = 'privacy') = (${table.right} is not null) and ${table.right} in ('access', 'correction', 'export', 'deletion', 'objection')`),
  check('requests_state_check', sql`${table.state} in ('new', 'in_progress', 'answered', 'approved', 'declined', 'spam')`),
  check('requests_handled_at_check', sql`(${table.state} in ('new', 'in_progress')) = (${table.handledAt} is null)`),
  check('requests_received_at_check', sql`${table.receivedAt} is not null or ${table.state} = 'new'`),
])

/** What was written after the request itself, to its sender, by them, or about it. */
export const requestMessages = pgTable('request_messages', {
  id: id(),
  requestId: uuid('request_id').notNull().references(() => requests.id, { onDelete: 'cascade' }),
  /** `operator`: its sender reads it; `note`: operators alone. */
  from: text('from', {
    enum: ['sender', 'operator', 'note'],
  }).notNull(),
  text: text('text').notNull(),
  at: instant('at').notNull(),
  by: uuid('by').references(() => users.id, { onDelete: 'set null' }),
  /** Of one that went or came by mail: what answers refer to (RFC 5322 §3.6.4). */
  messageId: text('message_id'),
}, table => [
  index('request_messages_request_id_index').on(table.requestId, table.at, table.id),
  uniqueIndex('request_messages_message_id_unique').on(table.messageId),
  check('request_messages_from_check', sql`${table.from} in ('sender', 'operator', 'note')`),
])

/** By which its sender comes to a request: one in each mail to them. */
export const requestTokens = pgTable('request_tokens', {
  tokenHash: binary('token_hash').primaryKey(),
  requestId: uuid('request_id').notNull().references(() => requests.id, { onDelete: 'cascade' }),
  createdAt: instant('created_at').notNull(),
}, table => [
  index('request_tokens_request_id_index').on(table.requestId),
])

/** Proofs of work that were used, for as long as they would be good: none counts twice. */
export const requestProofs = pgTable('request_proofs', {
  challenge: text('challenge').primaryKey(),
  expiresAt: instant('expires_at').notNull(),
})

/** Answers that operators give often. */
export const requestTemplates = pgTable('request_templates', {
  language: text('language', {
    enum: ['en', 'de'],
  }).notNull(),
  title: text('title').notNull(),
  text: text('text').notNull(),
}, table => [
  primaryKey({
    columns: [table.language, table.title],
  }),
  check('request_templates_language_check', sql`${table.language} in ('en', 'de')`),
])
