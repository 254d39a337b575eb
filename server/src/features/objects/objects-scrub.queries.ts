import type { SQL } from 'drizzle-orm'
import type { Db, Executor, Tx } from '../../db/database.ts'
import { and, asc, desc, eq, gt, isNull, lt, ne, notExists, or, sql } from 'drizzle-orm'
import { BLOCK_BYTES } from '../../storage/block-sums.ts'
import { fileVersions } from '../items/items.table.ts'
import { objectBlocks, objects } from './objects.table.ts'

const lastLook = sql`coalesce(${objects.checkedAt}, ${objects.createdAt})`

/** An object of a file, with what is known of its bytes. */
export type CheckableRow = NonNullable<Awaited<ReturnType<typeof findCheckable>>>

/** Each object once, by the version that brought it. What is known to be broken is not looked at again. */
const checkable = and(eq(objects.state, 'committed'), isNull(fileVersions.restoredFrom), ne(fileVersions.integrity, 'failed'))

export async function findCheckable(db: Executor, key: string) {
  const [row] = await db
    .select({
      key: objects.key,
      size: fileVersions.sizeBytes,
      sha256: fileVersions.sha256,
      crc32: fileVersions.crc32,
      sums: objectBlocks.sums,
      itemId: fileVersions.itemId,
    })
    .from(objects)
    .innerJoin(fileVersions, eq(fileVersions.objectKey, objects.key))
    .leftJoin(objectBlocks, eq(objectBlocks.objectKey, objects.key))
    .where(and(eq(objects.key, key), checkable))
  return row
}

export interface DueObject { key: string, size: number, at: Date }

const listCheckable = (db: Executor, where: SQL | undefined, order: SQL[], limit: number): Promise<DueObject[]> => db
  .select({
    key: objects.key,
    size: fileVersions.sizeBytes,
    at: lastLook.mapWith(objects.createdAt),
  })
  .from(objects)
  .innerJoin(fileVersions, eq(fileVersions.objectKey, objects.key))
  .where(and(checkable, where))
  .orderBy(...order)
  .limit(limit)

/** Whose sums are not known, or not all of them: they came before those were noted. */
const withoutSums = (db: Executor) => or(
  and(isNull(fileVersions.crc32), eq(fileVersions.integrity, 'verified')),
  and(
    gt(fileVersions.sizeBytes, BLOCK_BYTES),
    notExists(db.select({ key: objectBlocks.objectKey }).from(objectBlocks).where(eq(objectBlocks.objectKey, objects.key))),
  ),
)

export const listWithoutSums = (db: Executor, after: DueObject | undefined, limit: number) => listCheckable(db, and(
  withoutSums(db),
  after && gt(objects.key, after.key),
), [
  asc(objects.key),
], limit)

/** Those not looked at since `before`, the longest first. */
export const listDue = (db: Executor, before: Date, after: DueObject | undefined, limit: number) => listCheckable(db, and(
  lt(lastLook, before.toISOString()),
  after && sql`(${lastLook}, ${objects.key}) > (${after.at.toISOString()}::timestamptz, ${after.key})`,
), [
  asc(lastLook),
  asc(objects.key),
], limit)

export async function setChecked(tx: Tx, { key, crc32, now }: { key: string, crc32: number, now: Date }): Promise<void> {
  await tx.update(objects).set({ checkedAt: now }).where(eq(objects.key, key))
  await tx.update(fileVersions).set({ crc32 }).where(and(eq(fileVersions.objectKey, key), isNull(fileVersions.crc32)))
}

/** @param key of an object that the transaction holds (`holdObject`). @returns the numbers of the versions that were not known to be broken */
export async function setFailed(tx: Tx, key: string): Promise<number[]> {
  const failed = await tx.update(fileVersions).set({ integrity: 'failed' }).where(and(eq(fileVersions.objectKey, key), ne(fileVersions.integrity, 'failed'))).returning({ number: fileVersions.number })
  return failed.map(({ number }) => number)
}

export async function sumUp(db: Db): Promise<{ files: number, bytes: number, oldestCheckAt: Date | null }> {
  const [row] = await db
    .select({
      files: sql<number>`count(*)`.mapWith(Number),
      bytes: sql<number>`coalesce(sum(${fileVersions.sizeBytes}), 0)`.mapWith(Number),
      oldestCheckAt: sql<Date | null>`min(${lastLook})`.mapWith(objects.checkedAt),
    })
    .from(objects)
    .innerJoin(fileVersions, eq(fileVersions.objectKey, objects.key))
    .where(checkable)
  return row!
}

export const countWithoutSums = async (db: Db): Promise<number> => {
  const [row] = await db
    .select({
      count: sql<number>`count(*)`.mapWith(Number),
    })
    .from(objects)
    .innerJoin(fileVersions, eq(fileVersions.objectKey, objects.key))
    .where(and(checkable, withoutSums(db)))
  return row!.count
}

/** Versions that are known to be broken, newest first. */
export async function listFailed(db: Db, limit: number) {
  const damaged = eq(fileVersions.integrity, 'failed')
  return {
    count: await db.$count(fileVersions, damaged),
    items: await db
      .select({
        workspaceId: fileVersions.workspaceId,
        fileId: fileVersions.itemId,
        version: fileVersions.number,
        size: fileVersions.sizeBytes,
      })
      .from(fileVersions)
      .where(damaged)
      .orderBy(desc(fileVersions.id))
      .limit(limit),
  }
}
