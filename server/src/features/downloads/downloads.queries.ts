import type { SQL } from 'drizzle-orm'
import type { Db, Executor, Tx } from '../../db/database.ts'
import type { CopyProgress } from './one-copy.ts'
import { and, asc, desc, eq, gt, inArray, isNull, lt, lte, sql } from 'drizzle-orm'
import { builtOnce } from '../../db/database.ts'
import { deleteBatch } from '../../db/delete-batch.ts'
import { SUM_BYTES } from '../../storage/block-sums.ts'
import { fileVersions, items } from '../items/items.table.ts'
import { objectBlocks } from '../objects/objects.table.ts'
import { tokenStands } from '../tokens/tokens.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { downloadTickets, fileDownloads, notedDownloads } from './downloads.table.ts'

export type VersionRow = typeof fileVersions.$inferSelect
export type TicketRow = typeof downloadTickets.$inferSelect

const versions = (which: SQL) => builtOnce(db => db
  .select({ version: fileVersions })
  .from(fileVersions)
  .innerJoin(items, eq(items.id, fileVersions.itemId))
  .where(and(
    eq(fileVersions.workspaceId, sql.placeholder('workspaceId')),
    eq(fileVersions.itemId, sql.placeholder('itemId')),
    which,
  )))
const currentVersion = versions(eq(fileVersions.id, items.versionId))
const versionByNumber = versions(eq(fileVersions.number, sql.placeholder('number')))

/** One version of a file: by its number, or the current one. */
export async function findVersion(db: Executor, workspaceId: string, itemId: string, number: number | undefined): Promise<VersionRow | undefined> {
  const [row] = number === undefined
    ? await currentVersion(db).execute({ workspaceId, itemId })
    : await versionByNumber(db).execute({ workspaceId, itemId, number })
  return row?.version
}

const blockSums = builtOnce(db => db
  .select({ sums: sql<Buffer>`substring(${objectBlocks.sums} from ${sql.placeholder('from')}::integer for ${sql.placeholder('length')}::integer)` })
  .from(objectBlocks)
  .where(eq(objectBlocks.objectKey, sql.placeholder('objectKey'))))

/** The sums of some blocks of an object; undefined where none are known yet. */
export async function findBlockSums(db: Executor, objectKey: string, { first, count }: { first: number, count: number }): Promise<Buffer | undefined> {
  const [row] = await blockSums(db).execute({ objectKey, from: first * SUM_BYTES + 1, length: count * SUM_BYTES })
  return row?.sums.length === count * SUM_BYTES
    ? row.sums
    : undefined
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

const ticketQuery = builtOnce(db => db
  .select()
  .from(downloadTickets)
  .where(and(
    eq(downloadTickets.tokenHash, sql.placeholder('tokenHash')),
    gt(downloadTickets.expiresAt, sql.placeholder('now')),
    tokenStands(downloadTickets.accessTokenId, sql.placeholder('now')),
  )))

export async function findTicket(db: Executor, tokenHash: Buffer, now: Date): Promise<TicketRow | undefined> {
  const [row] = await ticketQuery(db).execute({ tokenHash, now })
  return row
}

export async function moveTicketExpiry(db: Executor, ticketId: string, expiresAt: Date): Promise<void> {
  await db.update(downloadTickets).set({ expiresAt }).where(and(eq(downloadTickets.id, ticketId), lt(downloadTickets.expiresAt, expiresAt)))
}

/** Takes one step of a ticket's copy; others wait. @returns false when `step` gives none, or the ticket is gone */
export async function stepCopy(db: Db, ticketId: string, expiresAt: Date, step: (copy: CopyProgress) => CopyProgress | undefined): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [ticket] = await tx.select({ copy: downloadTickets.copy }).from(downloadTickets).where(eq(downloadTickets.id, ticketId)).for('update')
    const copy = ticket?.copy && step(ticket.copy)
    if (!copy) return false
    await tx.update(downloadTickets).set({ copy, expiresAt: sql`greatest(${downloadTickets.expiresAt}, ${expiresAt.toISOString()}::timestamptz)` }).where(eq(downloadTickets.id, ticketId))
    return true
  })
}

export async function deleteLinkTickets(db: Executor, linkId: string): Promise<void> {
  await db.delete(downloadTickets).where(eq(downloadTickets.linkId, linkId))
}

export const deleteExpiredTickets = (tx: Executor, now: Date): Promise<boolean> => deleteBatch(tx, downloadTickets, lt(downloadTickets.expiresAt, now))

/** Notes that the log tells of this download. With `unlessSince` only when none was noted since. @returns whether it was noted */
export async function noteDownload(tx: Tx, { versionId, userId, now, unlessSince }: { versionId: string, userId: string, now: Date, unlessSince?: Date }): Promise<boolean> {
  const noted = await tx.insert(notedDownloads).values({ versionId, userId, notedAt: now }).onConflictDoUpdate({
    target: [notedDownloads.versionId, notedDownloads.userId],
    set: { notedAt: now },
    setWhere: unlessSince && lte(notedDownloads.notedAt, unlessSince),
  }).returning({ versionId: notedDownloads.versionId })
  return noted.length > 0
}

export const deleteNotedBefore = (tx: Executor, before: Date): Promise<boolean> => deleteBatch(tx, notedDownloads, lte(notedDownloads.notedAt, before))

/** Stands for members, where a link's id stands for its visitors. */
const MEMBERS = '00000000-0000-0000-0000-000000000000'

/** One download more of each. What was deleted for ever meanwhile is left out. In one order, so that two archives do not wait for each other. */
export async function countDownloads(tx: Executor, fileIds: readonly string[], linkId: string | null, now: Date): Promise<void> {
  await tx.execute(sql`
    with files as (select id from items where id = any(${sql.param([...fileIds])}::uuid[]) order by id for key share)
    insert into file_downloads (item_id, source, count, last_at)
    select id, ${linkId ?? MEMBERS}::uuid, 1, ${now.toISOString()}::timestamptz from files order by id
    on conflict (item_id, source) do update set count = file_downloads.count + 1, last_at = greatest(file_downloads.last_at, excluded.last_at)`)
}

export async function listDownloads(db: Executor, fileId: string): Promise<{ linkId: string | null, count: number, lastAt: Date }[]> {
  const rows = await db.select().from(fileDownloads).where(eq(fileDownloads.itemId, fileId)).orderBy(desc(fileDownloads.lastAt))
  return rows.map(({ source, count, lastAt }) => ({
    linkId: source === MEMBERS
      ? null
      : source,
    count,
    lastAt,
  }))
}
