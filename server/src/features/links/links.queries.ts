import type { Executor } from '../../db/database.ts'
import type { AuditOrigin } from '../audit/audit.table.ts'
import { and, asc, desc, eq, exists, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { auditEvents, auditPersonal } from '../audit/audit.table.ts'
import { fileVersions, items } from '../items/items.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { linkItems, links } from './links.table.ts'

export type LinkRow = typeof links.$inferSelect & { creatorName: string, workspaceName: string }

export interface LinkItemRow {
  linkId: string
  id: string
  kind: 'folder' | 'file'
  name: string
  /** Not in the trash, nor anything above it. */
  alive: boolean
}

const findLinks = (db: Executor) => db
  .select({ link: links, creatorName: users.name, workspaceName: workspaces.name })
  .from(links)
  .innerJoin(users, eq(users.id, links.createdBy))
  .innerJoin(workspaces, eq(workspaces.id, links.workspaceId))

const flatten = ({ link, ...names }: { link: typeof links.$inferSelect, creatorName: string, workspaceName: string }): LinkRow => ({
  ...link,
  ...names,
})

export async function findLinkByToken(db: Executor, tokenHash: Buffer): Promise<LinkRow | undefined> {
  return (await findLinks(db).where(eq(links.tokenHash, tokenHash))).map(flatten)[0]
}

/** For what was claimed from it; a ticket knows its workspace. */
export async function findLink(db: Executor, workspaceId: string, linkId: string): Promise<LinkRow | undefined> {
  return (await findLinks(db).where(and(eq(links.workspaceId, workspaceId), eq(links.id, linkId)))).map(flatten)[0]
}

export async function lockLink(db: Executor, workspaceId: string, linkId: string): Promise<typeof links.$inferSelect | undefined> {
  const [row] = await db.select().from(links).where(and(eq(links.workspaceId, workspaceId), eq(links.id, linkId))).for('update')
  return row
}

export interface LinkPosition { createdAt: Date, id: string }

/** Newest first. `ended` and `active` here mean by limits alone: who may still share is not known to the database. */
export async function listLinks(db: Executor, workspaceId: string, filter: { itemId?: string, state?: 'active' | 'ended', now: Date, after?: LinkPosition, limit: number }): Promise<LinkRow[]> {
  const rows = await findLinks(db)
    .where(and(
      eq(links.workspaceId, workspaceId),
      filter.itemId === undefined
        ? undefined
        : exists(db.select({ one: sql`1` }).from(linkItems).where(and(eq(linkItems.linkId, links.id), eq(linkItems.itemId, filter.itemId)))),
      filter.state === 'active'
        ? withinLimits(filter.now)
        : undefined,
      filter.after && sql`(${links.createdAt}, ${links.id}) < (${filter.after.createdAt.toISOString()}::timestamptz, ${filter.after.id}::uuid)`,
    ))
    .orderBy(desc(links.createdAt), desc(links.id))
    .limit(filter.limit)
  return rows.map(flatten)
}

const withinLimits = (now: Date) => and(
  isNull(links.revokedAt),
  or(isNull(links.expiresAt), gt(links.expiresAt, now)),
  or(isNull(links.maxDownloads), sql`${links.downloadCount} < ${links.maxDownloads}`),
)

/** The items that links name, in the order in which they were chosen. What was purged is no longer among them. */
export async function listLinkItems(db: Executor, workspaceId: string, linkIds: readonly string[]): Promise<LinkItemRow[]> {
  if (linkIds.length === 0) return []
  const { rows } = await db.execute<{ link_id: string, id: string, kind: 'folder' | 'file', name: string, alive: boolean }>(sql`
    with recursive named as (
      select link_id, item_id, position from link_items where link_id = any(${sql.param([...linkIds])}::uuid[])
    ), path as (
      select distinct named.item_id as origin, item.parent_id, item.trashed_at
      from named join items item on item.id = named.item_id and item.workspace_id = ${workspaceId}::uuid
      union all
      select path.origin, above.parent_id, above.trashed_at from path join items above on above.id = path.parent_id
    ), standing as (
      select origin, bool_and(trashed_at is null) as alive from path group by origin
    )
    select named.link_id, item.id, item.kind, item.name, standing.alive
    from named join items item on item.id = named.item_id join standing on standing.origin = item.id
    order by named.link_id, named.position`)
  return rows.map(({ link_id: linkId, ...row }) => ({ linkId, ...row }))
}

export async function insertLink(db: Executor, row: typeof links.$inferInsert, itemIds: readonly string[]): Promise<void> {
  await db.insert(links).values(row)
  await insertLinkItems(db, row.id, itemIds)
}

export async function replaceLinkItems(db: Executor, linkId: string, itemIds: readonly string[]): Promise<void> {
  await db.delete(linkItems).where(eq(linkItems.linkId, linkId))
  await insertLinkItems(db, linkId, itemIds)
}

async function insertLinkItems(db: Executor, linkId: string, itemIds: readonly string[]): Promise<void> {
  await db.insert(linkItems).values(itemIds.map((itemId, position) => ({ linkId, itemId, position })))
}

export async function updateLink(db: Executor, workspaceId: string, linkId: string, change: Partial<typeof links.$inferInsert>): Promise<void> {
  await db.update(links).set(change).where(and(eq(links.workspaceId, workspaceId), eq(links.id, linkId)))
}

export async function countOpening(db: Executor, workspaceId: string, linkId: string, now: Date): Promise<void> {
  await updateLink(db, workspaceId, linkId, { openCount: sql`${links.openCount} + 1` as unknown as number, lastOpenedAt: now })
}

/** Takes one download, or none when a limit, a revocation or a change of the gate came first. The check and the count are one statement. */
export async function claimDownload(db: Executor, link: { workspaceId: string, id: string, gateRevision: number }, now: Date): Promise<number | undefined> {
  const [row] = await db
    .update(links)
    .set({ downloadCount: sql`${links.downloadCount} + 1` })
    .where(and(eq(links.workspaceId, link.workspaceId), eq(links.id, link.id), eq(links.gateRevision, link.gateRevision), withinLimits(now)))
    .returning({ count: links.downloadCount })
  return row?.count
}

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
    .select({ at: auditEvents.at, action: auditEvents.action, details: auditEvents.details, ip: auditPersonal.ip, userAgent: auditPersonal.userAgent })
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
