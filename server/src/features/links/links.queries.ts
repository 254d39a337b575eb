import type { Executor } from '../../db/database.ts'
import { and, desc, eq, exists, sql } from 'drizzle-orm'
import { builtOnce } from '../../db/database.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { linkItems, links, withinLimits } from './links.table.ts'

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

const linkByToken = builtOnce(db => findLinks(db).where(eq(links.tokenHash, sql.placeholder('tokenHash'))))

export async function findLinkByToken(db: Executor, tokenHash: Buffer): Promise<LinkRow | undefined> {
  return (await linkByToken(db).execute({ tokenHash })).map(flatten)[0]
}

const linkById = builtOnce(db => findLinks(db).where(and(
  eq(links.workspaceId, sql.placeholder('workspaceId')),
  eq(links.id, sql.placeholder('linkId')),
)))

/** For what was claimed from it; a ticket knows its workspace. */
export async function findLink(db: Executor, workspaceId: string, linkId: string): Promise<LinkRow | undefined> {
  return (await linkById(db).execute({ workspaceId, linkId })).map(flatten)[0]
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

const claimQuery = builtOnce(db => db
  .update(links)
  .set({ downloadCount: sql`${links.downloadCount} + 1` })
  .where(and(
    eq(links.workspaceId, sql.placeholder('workspaceId')),
    eq(links.id, sql.placeholder('linkId')),
    eq(links.gateRevision, sql.placeholder('gateRevision')),
    withinLimits(sql.placeholder('now')),
  ))
  .returning({ count: links.downloadCount }))

/** Takes one download, or none when a limit, a revocation or a change of the gate came first. The check and the count are one statement. */
export async function claimDownload(db: Executor, link: { workspaceId: string, id: string, gateRevision: number }, now: Date): Promise<number | undefined> {
  const [row] = await claimQuery(db).execute({
    workspaceId: link.workspaceId,
    linkId: link.id,
    gateRevision: link.gateRevision,
    now,
  })
  return row?.count
}
