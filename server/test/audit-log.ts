import type { TestApp } from './test-app.ts'
import { and, asc, eq, like } from 'drizzle-orm'
import { auditEvents } from '../src/features/audit/audit.table.ts'

/** The events of a workspace whose action begins so, oldest first. */
export function auditOf({ deps }: TestApp, workspaceId: string, prefix: string) {
  return deps.db.select().from(auditEvents).where(and(eq(auditEvents.chainId, workspaceId), like(auditEvents.action, `${prefix}%`))).orderBy(asc(auditEvents.seq))
}
