import type { AuditActor, AuditOrigin } from './audit.table.ts'
import type { AuditSubject } from './define-action.ts'
import { createHash } from 'node:crypto'

export interface ChainedEvent {
  chainId: string
  seq: number
  at: Date
  action: string
  outcome: 'success' | 'refused'
  actor: AuditActor
  subject: AuditSubject
  origin: AuditOrigin
  details: Record<string, unknown>
}

export const GENESIS_HASH = Buffer.alloc(32)

/** JSON with sorted keys and no spaces (RFC 8785; numbers here are integers). Undefined members are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value !== null && typeof value === 'object' && !(value instanceof Date)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b
      ? -1
      : 1))
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

/**
 * What PostgreSQL's jsonb gives back for a value: dates as text, no undefined members, and text without what jsonb refuses (NUL, lone
 * surrogates), so that a name out of a hostile request can neither fail the record nor change its hash.
 */
export function storable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, member: unknown) => (typeof member === 'string'
    ? member.toWellFormed().replaceAll(/\0/g, '\uFFFD')
    : member)) as T
}

/** SHA-256 over the previous event's hash and this event: changing, dropping or inserting one breaks every later hash. */
export function chainHash(previous: Buffer, event: ChainedEvent): Buffer {
  const { chainId, seq, at, action, outcome, actor, subject, origin, details } = event
  return createHash('sha256').update(previous).update(canonicalJson({
    chainId,
    seq,
    at: at.toISOString(),
    action,
    outcome,
    actor,
    subject,
    origin,
    details,
  })).digest()
}
