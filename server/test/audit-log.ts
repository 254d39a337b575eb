import type { SQL } from 'drizzle-orm'
import type { ToldRow } from '../src/features/audit/audit-told.queries.ts'
import type { AuditSubject, NewAuditEvent } from '../src/features/audit/define-action.ts'
import type { TestApp } from './test-app.ts'
import { and, asc, eq, like } from 'drizzle-orm'
import { selectTold, tellRow } from '../src/features/audit/audit-told.queries.ts'
import { auditEvents } from '../src/features/audit/audit.table.ts'

type TestEvent = ToldRow & { actorId: string | null, subjectId: string | null }

/** Events with what they tell about people, oldest first in each chain. */
export async function toldEvents({ deps }: Pick<TestApp, 'deps'>, where?: SQL): Promise<TestEvent[]> {
  const rows = await selectTold(deps.db).where(where).orderBy(asc(auditEvents.seq), asc(auditEvents.chainId))
  return rows.map(row => ({
    ...tellRow(row),
    actorId: row.event.actorId,
    subjectId: row.event.subjectId,
  }))
}

/** The events of a workspace whose action begins so, oldest first. */
export function auditOf(test: Pick<TestApp, 'deps'>, workspaceId: string, prefix: string): Promise<TestEvent[]> {
  return toldEvents(test, and(eq(auditEvents.chainId, workspaceId), like(auditEvents.action, `${prefix}%`)))
}

/** An event that no service would record: for tests of the log itself. */
export const anyEvent = (event: { workspaceId: string | null, action?: string, outcome?: 'success' | 'refused', subject?: AuditSubject, details?: Record<string, unknown>, personal?: readonly string[], mentions?: readonly string[] }): NewAuditEvent => ({
  action: 'file.uploaded',
  outcome: 'success',
  subject: { kind: 'file', id: null, name: 'Report.pdf' },
  details: {},
  personal: [],
  mentions: [],
  ...event,
}) as NewAuditEvent
