import type { Db, Executor } from '../../db/database.ts'
import { asc, count, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { instance } from '../instance/instance.table.ts'
import { fileVersions } from '../items/items.table.ts'
import { objects } from '../objects/objects.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

export interface KnownUse {
  identity: string | null
  /** Whether people or files are in it. */
  isUsed: boolean
  announcedAt: Date | null
  notedAt: Date | null
}

/** One at a time compares or writes what database and store say of each other. Ends with the connection. */
export async function lockIdentity(own: Executor): Promise<void> {
  await own.execute(sql`select pg_advisory_lock(${advisoryLocks.identity})`)
}

export async function findUse(db: Executor): Promise<KnownUse> {
  const [row] = await db
    .select({
      identity: instance.identity,
      setUpAt: instance.setUpAt,
      announcedAt: instance.useAnnouncedAt,
      notedAt: instance.useNotedAt,
    })
    .from(instance)
  return {
    identity: row?.identity ?? null,
    isUsed: row?.setUpAt != null || await hasObjects(db),
    announcedAt: row?.announcedAt ?? null,
    notedAt: row?.notedAt ?? null,
  }
}

/** Something that the store has to have. */
async function hasObjects(db: Executor): Promise<boolean> {
  const [row] = await db.select({ key: objects.key }).from(objects).where(eq(objects.state, 'committed')).limit(1)
  return row !== undefined
}

/** What the store has to have, the oldest first. */
export async function listOldest(db: Executor, limit: number): Promise<string[]> {
  const rows = await db
    .select({ key: objects.key })
    .from(objects)
    .where(eq(objects.state, 'committed'))
    .orderBy(asc(objects.createdAt), asc(objects.key))
    .limit(limit)
  return rows.map(({ key }) => key)
}

/** @returns the identity that counts: this one, unless another was given before */
export async function giveIdentity(db: Executor, identity: string): Promise<string> {
  await db.insert(instance).values({ identity }).onConflictDoNothing()
  await db.update(instance).set({ identity }).where(isNull(instance.identity))
  const [row] = await db.select({ identity: instance.identity }).from(instance).where(isNotNull(instance.identity))
  return row!.identity!
}

export async function announceUse(db: Executor, at: Date): Promise<void> {
  await db.update(instance).set({ useAnnouncedAt: at })
}

export async function noteUse(db: Executor, at: Date): Promise<void> {
  await db.update(instance).set({ useNotedAt: at })
}

export async function countHoldings(db: Db): Promise<{ workspaces: number, files: number }> {
  const [[spaces], [files]] = await Promise.all([
    db.select({
      count: count(),
    }).from(workspaces),
    db.select({ count: sql<number>`count(distinct ${fileVersions.itemId})::integer` }).from(fileVersions),
  ])
  return {
    workspaces: spaces!.count,
    files: files!.count,
  }
}

export async function serverVersion(db: Db): Promise<string> {
  const { rows } = await db.execute<{ server_version: string }>(sql`show server_version`)
  return rows[0]!.server_version.split(' ')[0]!
}
