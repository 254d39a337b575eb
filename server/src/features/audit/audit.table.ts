import type { AuditSubject } from './define-action.ts'
import { bigint, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { binary, instant } from '../../db/columns.ts'

export interface AuditActor { kind: 'user' | 'visitor' | 'system', id: string | null, name: string }
export interface AuditOrigin { via: 'web' | 'api' | 'link' | 'system', ip: string | null, userAgent: string | null }

/** The head of each chain. Its row lock orders the chain's events without a gap. The instance's own chain has the nil id. */
export const auditChains = pgTable('audit_chains', {
  id: uuid('id').primaryKey(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  hash: binary('hash').notNull(),
})

export const auditEvents = pgTable('audit_events', {
  /** The workspace, or the nil id for what concerns the instance. */
  chainId: uuid('chain_id').notNull().references(() => auditChains.id),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  at: instant('at').notNull(),
  action: text('action').notNull(),
  outcome: text('outcome', {
    enum: ['success', 'refused'],
  }).notNull(),
  actor: jsonb('actor').$type<AuditActor>().notNull(),
  subject: jsonb('subject').$type<AuditSubject>().notNull(),
  origin: jsonb('origin').$type<AuditOrigin>().notNull(),
  details: jsonb('details').$type<Record<string, unknown>>().notNull(),
  previousHash: binary('previous_hash').notNull(),
  hash: binary('hash').notNull(),
  actorId: uuid('actor_id'),
  subjectId: uuid('subject_id'),
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
