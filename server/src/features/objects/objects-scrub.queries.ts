import type { SQL } from 'drizzle-orm'
import type { Db, Executor, Tx } from '../../db/database.ts'
import { and, asc, desc, eq, gt, isNotNull, isNull, lt, ne, notExists, or, sql } from 'drizzle-orm'
import { BLOCK_BYTES } from '../../storage/block-sums.ts'
import { fileVersions } from '../items/items.table.ts'
import { objectBlocks, objects } from './objects.table.ts'

const lastLook = sql`coalesce(${objects.checkedAt}, ${objects.createdAt})`

/** An object of a file, with what is known of its bytes. */
export type CheckableRow = NonNullable<Awaited<ReturnType<typeof findCheckable>>>

/** Each object once, by the version that brought it. */
const brought = and(eq(objects.state, 'committed'), isNull(fileVersions.restoredFrom))
/** What is known to be broken is not looked at again, unless somebody asks. */
const checkable = and(brought, ne(fileVersions.integrity, 'failed'))
/** Known to be broken, and what its bytes were when it was not: it can come right again. What never was right cannot. */
const healable = and(brought, eq(fileVersions.integrity, 'failed'), isNotNull(fileVersions.sha256))

export const findCheckable = (db: Executor, key: string) => findRow(db, and(eq(objects.key, key), checkable))
export const findHealable = (db: Executor, key: string) => findRow(db, and(eq(objects.key, key), healable))

async function findRow(db: Executor, where: SQL | undefined) {
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
    .where(where)
  return row
}

export interface DueObject { key: string, size: number, at: Date }

const listObjects = (db: Executor, where: SQL | undefined, order: SQL[], limit: number): Promise<DueObject[]> => db
  .select({
    key: objects.key,
    size: fileVersions.sizeBytes,
    at: lastLook.mapWith(objects.createdAt),
  })
  .from(objects)
  .innerJoin(fileVersions, eq(fileVersions.objectKey, objects.key))
  .where(where)
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

export const listWithoutSums = (db: Executor, after: DueObject | undefined, limit: number) => listObjects(db, and(
  checkable,
  withoutSums(db),
  after && gt(objects.key, after.key),
), [
  asc(objects.key),
], limit)

/** Those not looked at since `before`, the longest first. */
export const listDue = (db: Executor, before: Date, after: DueObject | undefined, limit: number) => listObjects(db, and(
  checkable,
  lt(lastLook, before.toISOString()),
  after && sql`(${lastLook}, ${objects.key}) > (${after.at.toISOString()}::timestamptz, ${after.key})`,
), [
  asc(lastLook),
  asc(objects.key),
], limit)

/** Some of all, by chance. */
export const listSome = (db: Executor, count: number) => listObjects(db, checkable, [sql`random()`], count)

export const listHealable = (db: Executor, after: DueObject | undefined, limit: number) => listObjects(db, and(
  healable,
  after && gt(objects.key, after.key),
), [
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

/** @param key as of `setFailed`. @returns the numbers of the versions that were known to be broken, and are right again */
export async function setHealed(tx: Tx, key: string): Promise<number[]> {
  const healed = await tx.update(fileVersions).set({ integrity: 'verified' }).where(and(eq(fileVersions.objectKey, key), eq(fileVersions.integrity, 'failed'), isNotNull(fileVersions.sha256))).returning({ number: fileVersions.number })
  return healed.map(({ number }) => number)
}

/** What is not known to be broken; `dueBefore`: of that, what was not looked at since then. */
export async function sumUp(db: Db, { dueBefore }: { dueBefore?: Date } = {}): Promise<{ files: number, bytes: number, oldestCheckAt: Date | null }> {
  const [row] = await db
    .select({
      files: sql<number>`count(*)`.mapWith(Number),
      bytes: sql<number>`coalesce(sum(${fileVersions.sizeBytes}), 0)`.mapWith(Number),
      oldestCheckAt: sql<Date | null>`min(${lastLook})`.mapWith(objects.checkedAt),
    })
    .from(objects)
    .innerJoin(fileVersions, eq(fileVersions.objectKey, objects.key))
    .where(and(checkable, dueBefore && lt(lastLook, dueBefore.toISOString())))
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
