import type { Executor } from '../../db/database.ts'
import { and, asc, eq, gt, inArray, isNull, lt, sql } from 'drizzle-orm'
import { fileDownloaded } from '../audit/audit.actions.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { fileVersions, items } from '../items/items.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { downloadTickets } from './downloads.table.ts'

export type VersionRow = typeof fileVersions.$inferSelect
export type TicketRow = typeof downloadTickets.$inferSelect

/** One version of a file: by its number, or the current one. */
export async function findVersion(db: Executor, workspaceId: string, itemId: string, number: number | undefined): Promise<VersionRow | undefined> {
  const [row] = await db
    .select({ version: fileVersions })
    .from(fileVersions)
    .innerJoin(items, eq(items.id, fileVersions.itemId))
    .where(and(
      eq(fileVersions.workspaceId, workspaceId),
      eq(fileVersions.itemId, itemId),
      number === undefined
        ? eq(fileVersions.id, items.versionId)
        : eq(fileVersions.number, number),
    ))
  return row?.version
}

const treeColumns = {
  id: items.id,
  parentId: items.parentId,
  kind: items.kind,
  name: items.name,
  updatedAt: items.updatedAt,
  objectKey: fileVersions.objectKey,
  sizeBytes: fileVersions.sizeBytes,
  crc32: fileVersions.crc32,
  integrity: fileVersions.integrity,
  modifiedAt: sql`coalesce(${fileVersions.lastModifiedAt}, ${fileVersions.createdAt})`.mapWith(fileVersions.createdAt),
}

export type TreeRow = Awaited<ReturnType<typeof listTreeItems>>[number]

/** Items with what an archive needs of their current version. */
export async function listTreeItems(db: Executor, workspaceId: string, itemIds: readonly string[]) {
  return db
    .select(treeColumns)
    .from(items)
    .leftJoin(fileVersions, eq(fileVersions.id, items.versionId))
    .where(and(eq(items.workspaceId, workspaceId), inArray(items.id, [...itemIds]), isNull(items.trashedAt)))
}

/** A page of what lies directly in the folders, by folder. */
export async function listTreeChildren(db: Executor, workspaceId: string, folderIds: readonly string[], after: { parentId: string, id: string } | undefined, limit: number): Promise<TreeRow[]> {
  return db
    .select(treeColumns)
    .from(items)
    .leftJoin(fileVersions, eq(fileVersions.id, items.versionId))
    .where(and(
      eq(items.workspaceId, workspaceId),
      sql`${items.parentId} = any(${sql.param([...folderIds])}::uuid[])`,
      isNull(items.trashedAt),
      after && sql`(${items.parentId}, ${items.id}) > (${after.parentId}::uuid, ${after.id}::uuid)`,
    ))
    .orderBy(asc(items.parentId), asc(items.id))
    .limit(limit)
}

export async function getWorkspaceName(db: Executor, workspaceId: string): Promise<string> {
  const [row] = await db.select({ name: workspaces.name }).from(workspaces).where(eq(workspaces.id, workspaceId))
  return row!.name
}

export async function insertTicket(db: Executor, row: typeof downloadTickets.$inferInsert): Promise<void> {
  await db.insert(downloadTickets).values(row)
}

export async function findTicket(db: Executor, tokenHash: Buffer, now: Date): Promise<TicketRow | undefined> {
  const [row] = await db.select().from(downloadTickets).where(and(eq(downloadTickets.tokenHash, tokenHash), gt(downloadTickets.expiresAt, now)))
  return row
}

export async function moveTicketExpiry(db: Executor, ticketId: string, expiresAt: Date): Promise<void> {
  await db.update(downloadTickets).set({ expiresAt }).where(and(eq(downloadTickets.id, ticketId), lt(downloadTickets.expiresAt, expiresAt)))
}

export async function deleteLinkTickets(db: Executor, linkId: string): Promise<void> {
  await db.delete(downloadTickets).where(eq(downloadTickets.linkId, linkId))
}

export async function deleteExpiredTickets(db: Executor, now: Date, limit: number): Promise<number> {
  const expired = db.select({ id: downloadTickets.id }).from(downloadTickets).where(lt(downloadTickets.expiresAt, now)).limit(limit)
  const deleted = await db.delete(downloadTickets).where(inArray(downloadTickets.id, expired))
  return deleted.rowCount ?? 0
}

/** Whether this person's download of this version is in the log since `since`. */
export async function hasDownloadEvent(db: Executor, event: { workspaceId: string, userId: string, fileId: string, version: number, since: Date }): Promise<boolean> {
  const rows = await db
    .select({ seq: auditEvents.seq })
    .from(auditEvents)
    .where(and(
      eq(auditEvents.chainId, event.workspaceId),
      eq(auditEvents.subjectId, event.fileId),
      eq(auditEvents.action, fileDownloaded.action),
      eq(auditEvents.actorId, event.userId),
      gt(auditEvents.at, event.since),
      sql`${auditEvents.details} ->> 'version' = ${String(event.version)}`,
    ))
    .limit(1)
  return rows.length > 0
}
