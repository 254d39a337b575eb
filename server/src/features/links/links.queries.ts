import type { SQL } from 'drizzle-orm'
import type { Executor, Tx } from '../../db/database.ts'
import type { LinkSortField, LinkState } from './links.policy.ts'
import { and, asc, desc, eq, exists, gt, inArray, isNotNull, isNull, like, lte, or, sql } from 'drizzle-orm'
import { builtOnce } from '../../db/database.ts'
import { containing } from '../../db/like.ts'
import { items } from '../items/items.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { linkItems, links, withinLimits } from './links.table.ts'

export type LinkRow = typeof links.$inferSelect & { creatorName: string, workspaceName: string }

export interface LinkItemRow {
  linkId: string
  id: string
  kind: 'folder' | 'file'
  name: string
  /** Null for the top of a space. */
  parentId: string | null
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

export interface LinkOrder { field: LinkSortField, descending: boolean }
/** `value` is null where the link has none. */
export interface LinkPosition { value: Date | number | null, id: string }

/** A word of a search, and those whose name has it. */
export interface LinkWord { word: string, creatorIds: readonly string[] }

export interface LinkFilter {
  itemId?: string
  words?: readonly LinkWord[]
  state?: LinkState | 'ended'
  now: Date
}

const sortColumns = {
  createdAt: links.createdAt,
  lastOpenedAt: links.lastOpenedAt,
  expiresAt: links.expiresAt,
  openCount: links.openCount,
  downloadCount: links.downloadCount,
}

/**
 * A page of links. By their limits alone: `suspended` is among `active` here, and `ended` says nothing, for who may still share is not known to the database.
 * Only the default order has an index: a workspace has some thousands of links, and each opening would have to move its link in the others.
 */
export async function listLinks(db: Executor, workspaceId: string, filter: LinkFilter, order: LinkOrder, page: { after?: LinkPosition, limit: number }): Promise<LinkRow[]> {
  const column = sortColumns[order.field]
  const [direction, last] = order.descending
    ? [desc, sql`'-infinity'::timestamptz`]
    : [asc, sql`'infinity'::timestamptz`]
  // What has none stands last, whichever way.
  const key = column.notNull
    ? sql`${column}`
    : sql`coalesce(${column}, ${last})`
  const { after } = page
  const position = after && sql`(${after.value === null
    ? last
    : sql.param(after.value, column)}, ${after.id}::uuid)`
  const rows = await findLinks(db)
    .where(and(
      eq(links.workspaceId, workspaceId),
      filter.itemId === undefined
        ? undefined
        : exists(db.select({ one: sql`1` }).from(linkItems).where(and(eq(linkItems.linkId, links.id), eq(linkItems.itemId, filter.itemId)))),
      ...(filter.words ?? []).map(word => saying(db, word)),
      ofState(filter),
      position && (order.descending
        ? sql`(${key}, ${links.id}) < ${position}`
        : sql`(${key}, ${links.id}) > ${position}`),
    ))
    .orderBy(direction(key), direction(links.id))
    .limit(page.limit)
  return rows.map(flatten)
}

/** Where a link stands in an order. */
export const positionOf = (link: LinkRow, { field }: LinkOrder): LinkPosition => ({ value: link[field], id: link.id })

function saying(db: Executor, { word, creatorIds }: LinkWord): SQL | undefined {
  const pattern = containing(word)
  return or(
    like(links.searchText, pattern),
    inArray(links.createdBy, [...creatorIds]),
    exists(db
      .select({ one: sql`1` })
      .from(linkItems)
      .innerJoin(items, eq(items.id, linkItems.itemId))
      .where(and(eq(linkItems.linkId, links.id), like(items.searchText, pattern)))),
  )
}

function ofState({ state, now }: LinkFilter): SQL | undefined {
  switch (state) {
    case 'active':
    case 'suspended': return withinLimits(now)
    case 'revoked': return isNotNull(links.revokedAt)
    case 'expired': return and(isNull(links.revokedAt), lte(links.expiresAt, now))
    case 'used_up': return and(isNull(links.revokedAt), or(isNull(links.expiresAt), gt(links.expiresAt, now)), sql`${links.downloadCount} >= ${links.maxDownloads}`)
    default: return undefined
  }
}

/** Those who made links of a workspace. */
export async function listCreators(db: Executor, workspaceId: string): Promise<{ id: string, name: string }[]> {
  return db
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(inArray(users.id, db.select({ id: links.createdBy }).from(links).where(eq(links.workspaceId, workspaceId))))
}

export async function listLinksById(db: Executor, workspaceId: string, linkIds: readonly string[]): Promise<LinkRow[]> {
  const rows = await findLinks(db).where(and(eq(links.workspaceId, workspaceId), sql`${links.id} = any(${sql.param([...linkIds])}::uuid[])`))
  return rows.map(flatten)
}

/** The items that links name, in the order in which they were chosen. What was purged is no longer among them. */
export async function listLinkItems(db: Executor, workspaceId: string, linkIds: readonly string[]): Promise<LinkItemRow[]> {
  if (linkIds.length === 0) return []
  const { rows } = await db.execute<{ link_id: string, id: string, kind: 'folder' | 'file', name: string, parent_id: string | null, alive: boolean }>(sql`
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
    select named.link_id, item.id, item.kind, item.name, item.parent_id, standing.alive
    from named join items item on item.id = named.item_id join standing on standing.origin = item.id
    order by named.link_id, named.position`)
  return rows.map(({ link_id: linkId, parent_id: parentId, ...row }) => ({ linkId, parentId, ...row }))
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

/** That the log tells of by the time alone: an expiry that is near, and one that is over. */
export type ExpiryNotice = 'expiring' | 'expired'
const toldFor = { expiring: links.expiringToldFor, expired: links.expiredToldFor }

/** Neither revoked nor used up, and of whose expiry the log has not told. */
const untold = (notice: ExpiryNotice) => and(
  isNull(links.revokedAt),
  or(isNull(links.maxDownloads), sql`${links.downloadCount} < ${links.maxDownloads}`),
  sql`${toldFor[notice]} is distinct from ${links.expiresAt}`,
)

/** @param due `until`: whose expiry is not later; what is over is not near any more */
export async function listExpiring(db: Executor, notice: ExpiryNotice, due: { now: Date, until: Date, limit: number }): Promise<LinkRow[]> {
  const rows = await findLinks(db)
    .where(and(
      untold(notice),
      // What the index holds.
      sql`${links.expiredToldFor} is distinct from ${links.expiresAt}`,
      lte(links.expiresAt, due.until),
      notice === 'expiring'
        ? gt(links.expiresAt, due.now)
        : undefined,
    ))
    .orderBy(asc(links.expiresAt), asc(links.id))
    .limit(due.limit)
  return rows.map(flatten)
}

/** Of those that stand as they were read. @returns which do */
export async function noteExpiryTold(tx: Tx, notice: ExpiryNotice, read: readonly { id: string, expiresAt: Date | null }[]): Promise<Set<string>> {
  const rows = await tx
    .update(links)
    .set(notice === 'expiring'
      ? { expiringToldFor: sql`${links.expiresAt}` }
      : { expiredToldFor: sql`${links.expiresAt}` })
    .from(sql`json_to_recordset(${JSON.stringify(read)}::json) as given (id uuid, "expiresAt" timestamptz)`)
    .where(and(sql`${links.id} = given.id and ${links.expiresAt} = given."expiresAt"`, untold(notice)))
    .returning({ id: links.id })
  return new Set(rows.map(({ id }) => id))
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
