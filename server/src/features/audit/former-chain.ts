import type { ToldEvent } from './audit.chain.ts'
import type { AuditOutcome } from './audit.table.ts'
import { createHash } from 'node:crypto'
import { canonicalJson } from './audit.chain.ts'

/** An event as the chain's first version hashed it: everything in it, names too. */
export interface FormerEvent extends ToldEvent {
  chainId: string
  seq: number
  at: Date
  action: string
  outcome: AuditOutcome
}

/** The first version's hash, which nothing writes any more: to prove what chains were before they were rewritten. */
export function formerHash(previous: string, event: FormerEvent): string {
  const { chainId, seq, at, action, outcome, actor, subject, origin, details } = event
  return createHash('sha256').update(previous, 'hex').update(canonicalJson({
    chainId,
    seq,
    at: at.toISOString(),
    action,
    outcome,
    actor,
    subject,
    origin,
    details,
  })).digest('hex')
}
