import type { AuditSubject, NewAuditEvent } from '../src/features/audit/define-action.ts'
import type { TestApp } from './test-app.ts'
import { and, asc, eq, like } from 'drizzle-orm'
import { auditEvents } from '../src/features/audit/audit.table.ts'

/** The events of a workspace whose action begins so, oldest first. */
export function auditOf({ deps }: TestApp, workspaceId: string, prefix: string) {
  return deps.db.select().from(auditEvents).where(and(eq(auditEvents.chainId, workspaceId), like(auditEvents.action, `${prefix}%`))).orderBy(asc(auditEvents.seq))
}

/** An event that no service would record: for tests of the log itself. */
export const anyEvent = (event: { workspaceId: string | null, action?: string, outcome?: 'success' | 'refused', subject?: AuditSubject, details?: Record<string, unknown>, personal?: readonly string[] }): NewAuditEvent => ({
  action: 'file.uploaded',
  outcome: 'success',
  subject: { kind: 'file', id: null, name: 'Report.pdf' },
  details: {},
  personal: [],
  ...event,
}) as NewAuditEvent
