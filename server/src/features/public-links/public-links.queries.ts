import type { Executor } from '../../db/database.ts'
import type { AuditOrigin } from '../audit/audit.table.ts'
import { and, asc, desc, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import { auditEvents, auditPersonal } from '../audit/audit.table.ts'
import { fileVersions, items } from '../items/items.table.ts'

const publicColumns = {
  id: items.id,
  kind: items.kind,
  name: items.name,
  nameKey: items.nameKey,
  sizeBytes: items.sizeBytes,
  mediaType: items.mediaType,
  sha256: fileVersions.sha256,
}
export type PublicItemRow = Awaited<ReturnType<typeof listPublicItems>>[number]

export async function listPublicItems(db: Executor, workspaceId: string, itemIds: readonly string[]) {
  return db.select(publicColumns).from(items).leftJoin(fileVersions, eq(fileVersions.id, items.versionId)).where(and(eq(items.workspaceId, workspaceId), inArray(items.id, [...itemIds])))
}

/** Folders first, then by name. */
export async function listPublicChildren(db: Executor, workspaceId: string, parentId: string, after: { kind: string, nameKey: string, id: string } | undefined, limit: number): Promise<PublicItemRow[]> {
  return db
    .select(publicColumns)
    .from(items)
    .leftJoin(fileVersions, eq(fileVersions.id, items.versionId))
    .where(and(
      eq(items.workspaceId, workspaceId),
      eq(items.parentId, parentId),
      isNull(items.trashedAt),
      after && sql`(${items.kind} < ${after.kind} or (${items.kind} = ${after.kind} and (${items.nameKey}, ${items.id}) > (${after.nameKey}, ${after.id}::uuid)))`,
    ))
    .orderBy(desc(items.kind), asc(items.nameKey), asc(items.id))
    .limit(limit)
}

/** Files and bytes below each folder, at any depth, without what is in the trash. */
export async function sumFolders(db: Executor, workspaceId: string, folderIds: readonly string[]): Promise<Map<string, { fileCount: number, bytes: number }>> {
  if (folderIds.length === 0) return new Map()
  const { rows } = await db.execute<{ origin: string, files: string, bytes: string }>(sql`
    with recursive below as (
      select id as origin, id, kind, size_bytes from items where id = any(${sql.param([...folderIds])}::uuid[]) and workspace_id = ${workspaceId}::uuid
      union all
      select below.origin, child.id, child.kind, child.size_bytes
      from below join items child on child.parent_id = below.id and child.trashed_at is null
    )
    select origin, count(*) filter (where kind = 'file') as files, coalesce(sum(size_bytes) filter (where kind = 'file'), 0) as bytes
    from below group by origin`)
  return new Map(rows.map(row => [
    row.origin,
    {
      fileCount: Number(row.files),
      bytes: Number(row.bytes),
    },
  ]))
}

/** How much a busy link's own history is looked through. */
const RECENT_EVENTS = 500

/** Whether the log has a like event since `since`, and how many of its action: so that visitors cannot flood it. */
export async function countRecentEvents(db: Executor, event: { workspaceId: string, linkId: string, action: string, since: Date, origin: AuditOrigin, reason?: string }): Promise<{ alike: number, fromSource: number, all: number }> {
  const recent = db
    .select({
      at: auditEvents.at,
      action: auditEvents.action,
      details: auditEvents.details,
      ip: auditPersonal.ip,
      userAgent: auditPersonal.userAgent,
    })
    .from(auditEvents)
    .leftJoin(auditPersonal, and(eq(auditPersonal.chainId, auditEvents.chainId), eq(auditPersonal.seq, auditEvents.seq)))
    .where(and(eq(auditEvents.chainId, event.workspaceId), eq(auditEvents.subjectId, event.linkId)))
    .orderBy(desc(auditEvents.seq))
    .limit(RECENT_EVENTS)
    .as('recent')
  const sameSource = sql`${recent.ip} is not distinct from ${event.origin.ip}::text`
  const alike = event.reason === undefined
    ? sql`${sameSource} and ${recent.userAgent} is not distinct from ${event.origin.userAgent}::text`
    : sql`${sameSource} and ${recent.details} ->> 'reason' = ${event.reason}`
  const [row] = await db
    .select({
      alike: sql<string>`count(*) filter (where ${alike})`,
      fromSource: sql<string>`count(*) filter (where ${sameSource})`,
      all: sql<string>`count(*)`,
    })
    .from(recent)
    .where(and(eq(recent.action, event.action), gt(recent.at, event.since)))
  return {
    alike: Number(row!.alike),
    fromSource: Number(row!.fromSource),
    all: Number(row!.all),
  }
}
