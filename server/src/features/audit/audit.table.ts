import type { SubjectKind } from './define-action.ts'
import { bigint, index, jsonb, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core'
import { hex, instant } from '../../db/columns.ts'

export type AuditOutcome = 'success' | 'refused'
export interface AuditActor { kind: 'user' | 'visitor' | 'system', id: string | null, name: string }
export interface AuditOrigin { via: 'web' | 'api' | 'link' | 'system', ip: string | null, userAgent: string | null }

/** The head of each chain. Its row lock orders the chain's events without a gap. The instance's own chain has the nil id. */
export const auditChains = pgTable('audit_chains', {
  id: uuid('id').primaryKey(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  hash: hex('hash').notNull(),
})

/** What happened, without a word about people: those stand in `audit_personal`. */
export const auditEvents = pgTable('audit_events', {
  /** The workspace, or the nil id for what concerns the instance. */
  chainId: uuid('chain_id').notNull().references(() => auditChains.id),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  at: instant('at').notNull(),
  action: text('action').notNull(),
  outcome: text('outcome', {
    enum: ['success', 'refused'],
  }).notNull(),
  actorKind: text('actor_kind').$type<AuditActor['kind']>().notNull(),
  actorId: uuid('actor_id'),
  subjectKind: text('subject_kind').$type<SubjectKind>().notNull(),
  subjectId: uuid('subject_id'),
  via: text('via').$type<AuditOrigin['via']>().notNull(),
  details: jsonb('details').$type<Record<string, unknown>>().notNull(),
  /** To the actor's name, the origin, the subject's name and the personal details: 32 bytes each, zeros where there was nothing. */
  commitments: hex('commitments').notNull(),
  previousHash: hex('previous_hash').notNull(),
  hash: hex('hash').notNull(),
}, table => [
  primaryKey({
    name: 'audit_events_pkey',
    columns: [table.chainId, table.seq],
  }),
  index('audit_events_at_index').on(table.chainId, table.at),
  index('audit_events_action_index').on(table.chainId, table.action, table.seq),
  index('audit_events_actor_id_index').on(table.chainId, table.actorId, table.seq),
  index('audit_events_subject_id_index').on(table.chainId, table.subjectId, table.seq),
])

/**
 * What an event tells about people, part by part with its salt. An erased part is NULL in both; the chain holds without it. Without a foreign key:
 * its check costs every action more than the row itself.
 */
export const auditPersonal = pgTable('audit_personal', {
  chainId: uuid('chain_id').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  actorName: text('actor_name'),
  actorSalt: hex('actor_salt'),
  ip: text('ip'),
  userAgent: text('user_agent'),
  originSalt: hex('origin_salt'),
  subjectName: text('subject_name'),
  subjectSalt: hex('subject_salt'),
  /** The members of the details that tell about people. */
  details: jsonb('details').$type<Record<string, unknown>>(),
  detailsSalt: hex('details_salt'),
}, table => [
  primaryKey({
    name: 'audit_personal_pkey',
    columns: [table.chainId, table.seq],
  }),
])

/**
 * The files and folders that events tell of besides their subject, so that each one's own activity is found: what a link leads to, what was downloaded, the folder
 * that something came into. Neither chained nor told: the events are. Without a foreign key, as above.
 */
export const auditMentions = pgTable('audit_mentions', {
  chainId: uuid('chain_id').notNull(),
  itemId: uuid('item_id').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
}, table => [
  primaryKey({
    name: 'audit_mentions_pkey',
    columns: [table.chainId, table.itemId, table.seq],
  }),
])

/** Where a chain stood when it was rewritten into another version; the rewritten one begins with this hash. */
export const auditFormerHeads = pgTable('audit_former_heads', {
  chainId: uuid('chain_id').primaryKey().references(() => auditChains.id),
  /** What the hash is of. */
  version: smallint('version').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  hash: hex('hash').notNull(),
  rewrittenAt: instant('rewritten_at').notNull(),
})
