import type { Executor, Tx } from '../../db/database.ts'
import type { Amount } from './copy-object.ts'
import { and, asc, eq, gt, isNotNull, isNull, lt, or, sql } from 'drizzle-orm'
import { fileVersions, items } from '../items/items.table.ts'
import { objects } from '../objects/objects.table.ts'
import { uploadParts, uploads } from '../uploads/uploads.table.ts'
import { storageCopies, storageMoves } from './storage-move.table.ts'

export type MoveRow = typeof storageMoves.$inferSelect

/** An object of a file, as the move has to bring it over. */
export interface MovableObject {
  key: string
  size: number
  /** As the version says; null while it was not read back, and where it is known to be broken. */
  sha256: string | null
  fileId: string
  version: number
}

/** A page of a list in the order of its keys, from the first one after `after`. */
interface Page { after: string | undefined, limit: number }

export async function findUnfinishedMove(db: Executor): Promise<MoveRow | undefined> {
  const [row] = await db.select().from(storageMoves).where(isNull(storageMoves.finishedAt))
  return row
}

export async function insertMove(db: Executor, move: MoveRow): Promise<void> {
  await db.insert(storageMoves).values(move)
}

export async function deleteMove(db: Executor, moveId: string): Promise<void> {
  await db.delete(storageMoves).where(eq(storageMoves.id, moveId))
}

/** Versions that brought an object which is there to be moved. */
const isMovable = and(eq(objects.key, fileVersions.objectKey), isNull(fileVersions.restoredFrom), eq(objects.state, 'committed'))
const copyOf = (moveId: string) => and(eq(storageCopies.key, fileVersions.objectKey), eq(storageCopies.moveId, moveId))
const amount = {
  objects: sql<number>`count(*)`.mapWith(Number),
  bytes: sql<number>`coalesce(sum(${fileVersions.sizeBytes}), 0)`.mapWith(Number),
}

export async function countMovable(db: Executor): Promise<Amount> {
  const [row] = await db.select(amount).from(fileVersions).innerJoin(objects, isMovable)
  return row!
}

export async function countCopied(db: Executor, moveId: string): Promise<Amount> {
  const [row] = await db.select(amount).from(fileVersions).innerJoin(objects, isMovable).innerJoin(storageCopies, copyOf(moveId)).where(isNotNull(storageCopies.verifiedAt))
  return row!
}

/** What has no verified copy, in the order of the keys. */
export function listUncopied(db: Executor, moveId: string, { after, limit }: Page): Promise<MovableObject[]> {
  return db
    .select({
      key: fileVersions.objectKey,
      size: fileVersions.sizeBytes,
      sha256: sql<string | null>`case when ${fileVersions.integrity} = 'verified' then ${fileVersions.sha256} end`,
      fileId: fileVersions.itemId,
      version: fileVersions.number,
    })
    .from(fileVersions)
    .innerJoin(objects, isMovable)
    .leftJoin(storageCopies, copyOf(moveId))
    .where(and(after === undefined
      ? undefined
      : gt(fileVersions.objectKey, after), isNull(storageCopies.verifiedAt)))
    .orderBy(asc(fileVersions.objectKey))
    .limit(limit)
}

export async function registerCopies(db: Executor, moveId: string, keys: readonly string[]): Promise<void> {
  await db.insert(storageCopies).values(keys.map(key => ({ moveId, key }))).onConflictDoNothing()
}

export async function settleCopy(db: Executor, moveId: string, key: string, result: { verifiedAt: Date } | { problem: string }): Promise<void> {
  await db
    .update(storageCopies)
    .set({ verifiedAt: null, problem: null, ...result })
    .where(and(eq(storageCopies.moveId, moveId), eq(storageCopies.key, key)))
}

export async function isStillMovable(db: Executor, key: string): Promise<boolean> {
  const rows = await db.select({ key: objects.key }).from(objects).innerJoin(fileVersions, isMovable).where(eq(objects.key, key))
  return rows.length > 0
}

/** Copies of what was deleted meanwhile. */
export async function listStaleCopies(db: Executor, moveId: string, { after, limit }: Page): Promise<{ key: string }[]> {
  return db
    .select({ key: storageCopies.key })
    .from(storageCopies)
    .leftJoin(objects, and(eq(objects.key, storageCopies.key), eq(objects.state, 'committed')))
    .where(and(eq(storageCopies.moveId, moveId), isNull(objects.key), after === undefined
      ? undefined
      : gt(storageCopies.key, after)))
    .orderBy(asc(storageCopies.key))
    .limit(limit)
}

export async function deleteCopy(db: Executor, moveId: string, key: string): Promise<void> {
  await db.delete(storageCopies).where(and(eq(storageCopies.moveId, moveId), eq(storageCopies.key, key)))
}

/** Notes what the target lists, where it has the size that the version says. */
export async function markListed(db: Executor, moveId: string, entries: readonly { key: string, size: number }[], now: Date): Promise<void> {
  await db.execute(sql`
    update ${storageCopies} set listed_at = ${now.toISOString()}::timestamptz
    from unnest(${sql.param(entries.map(entry => entry.key))}::text[], ${sql.param(entries.map(entry => entry.size))}::bigint[]) as listed (key, size)
    join ${fileVersions} on ${fileVersions.objectKey} = listed.key and ${fileVersions.sizeBytes} = listed.size
    where ${storageCopies.key} = listed.key and ${storageCopies.moveId} = ${moveId}`)
}

/** Takes back the verification of what the target has not listed since. */
export async function unverifyUnlisted(db: Executor, moveId: string, since: Date): Promise<void> {
  await db
    .update(storageCopies)
    .set({ verifiedAt: null })
    .where(and(
      eq(storageCopies.moveId, moveId),
      isNotNull(storageCopies.verifiedAt),
      or(isNull(storageCopies.listedAt), lt(storageCopies.listedAt, since)),
    ))
}

const damaged = (moveId: string) => and(eq(storageCopies.moveId, moveId), isNotNull(storageCopies.problem), isNull(storageCopies.verifiedAt))

export async function countDamaged(db: Executor, moveId: string): Promise<number> {
  const [row] = await db.select({ count: amount.objects }).from(fileVersions).innerJoin(objects, isMovable).innerJoin(storageCopies, copyOf(moveId)).where(damaged(moveId))
  return row!.count
}

/** Marks the versions whose bytes could not be brought over as broken. @returns those that were not known to be */
export async function failDamagedVersions(tx: Tx, moveId: string): Promise<{ workspaceId: string, itemId: string, parentId: string | null, fileName: string, number: number, problem: string }[]> {
  const { rows } = await tx.execute<{ workspaceId: string, itemId: string, parentId: string | null, fileName: string, number: number, problem: string }>(sql`
    update ${fileVersions} set integrity = 'failed'
    from ${storageCopies}, ${items}
    where ${copyOf(moveId)} and ${damaged(moveId)} and ${items.id} = ${fileVersions.itemId} and ${fileVersions.integrity} <> 'failed'
    returning ${items.workspaceId} as "workspaceId", ${items.id} as "itemId", ${items.parentId} as "parentId", ${items.name} as "fileName", ${fileVersions.number} as number, ${storageCopies.problem} as problem`)
  return rows
}

/** What stands in the way of the switch: objects that are still arriving, and those with neither a copy nor a known problem. */
export async function countUnsettled(tx: Tx, moveId: string): Promise<number> {
  const staged = await tx.$count(objects, eq(objects.state, 'staged'))
  const [uncopied] = await tx
    .select({ count: amount.objects })
    .from(fileVersions)
    .innerJoin(objects, isMovable)
    .leftJoin(storageCopies, copyOf(moveId))
    .where(and(isNull(storageCopies.verifiedAt), isNull(storageCopies.problem)))
  return staged + uncopied!.count
}

export async function finishMove(tx: Tx, moveId: string, now: Date): Promise<void> {
  // The other driver would not know the reference; the job that deletes asks it by key as well.
  await tx.update(objects).set({ multipartRef: null }).where(eq(objects.state, 'doomed'))
  await tx.delete(storageCopies).where(eq(storageCopies.moveId, moveId))
  await tx.update(storageMoves).set({ finishedAt: now }).where(eq(storageMoves.id, moveId))
}

/** Uploads that are open, and what their parts hold. */
export async function countOpenUploads(db: Executor): Promise<{ count: number, receivedBytes: number }> {
  const [row] = await db
    .select({
      count: sql<number>`count(distinct ${uploads.id})`.mapWith(Number),
      receivedBytes: sql<number>`coalesce(sum(${uploadParts.sizeBytes}), 0)`.mapWith(Number),
    })
    .from(uploads)
    .leftJoin(uploadParts, eq(uploadParts.uploadId, uploads.id))
    .where(eq(uploads.state, 'open'))
  return row!
}

export function listOpenUploads(db: Executor, { after, limit }: Page): Promise<{ key: string }[]> {
  return db.select({ key: uploads.id }).from(uploads).where(and(eq(uploads.state, 'open'), after === undefined
    ? undefined
    : gt(uploads.id, after))).orderBy(asc(uploads.id)).limit(limit)
}

export function listObjectsIn(db: Executor, state: 'staged' | 'doomed', { after, limit }: Page): Promise<{ key: string }[]> {
  return db.select({ key: objects.key }).from(objects).where(and(eq(objects.state, state), after === undefined
    ? undefined
    : gt(objects.key, after))).orderBy(asc(objects.key)).limit(limit)
}
