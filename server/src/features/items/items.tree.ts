import type { Db, Tx } from '../../db/database.ts'
import type { AccessibleItem } from '../access/access.service.ts'
import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { violatedConstraint } from '../../db/db-errors.ts'
import { accessDenied } from '../../errors/common-errors.ts'
import { publishLive } from '../../live/live-bus.ts'
import { scopeOf } from '../access/access.policy.ts'
import { isRoot, nameTaken, tooDeep } from './items.errors.ts'
import { NAME_CONSTRAINT } from './items.names.ts'
import { items } from './items.table.ts'

/** Folders in folders, the space's root folder counted. */
export const MAX_DEPTH = 100
const ATTEMPTS = 5
/** PostgreSQL takes 8,000 bytes in one NOTIFY. */
const IDS_PER_LIVE_EVENT = 150

/**
 * Runs a change of a workspace's tree alone: one at a time per workspace, so that what was read of the tree (paths, cycles, depths, trash)
 * still holds when it is written. Files that arrive do not wait for it; only a name can then be taken meanwhile, and the change is
 * tried again.
 * @param before a lock to take first
 */
export async function changeTree<T>(db: Db, workspaceId: string, work: (tx: Tx) => Promise<T>, before?: typeof lockTrash): Promise<T> {
  return retryOn([NAME_CONSTRAINT], () => db.transaction(async (tx) => {
    await before?.(tx, workspaceId)
    await lockTree(tx, workspaceId)
    return work(tx)
  })).catch((error: unknown) => {
    throw violatedConstraint(error) === NAME_CONSTRAINT
      ? nameTaken()
      : error
  })
}

async function lockTree(tx: Tx, workspaceId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`tree ${workspaceId}`}, 0))`)
}

/** What leaves the trash, by restoring or for ever. Always taken before the tree's lock; a long deletion holds only this one. */
export async function lockTrash(tx: Tx, workspaceId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`trash ${workspaceId}`}, 0))`)
}

/** Runs a transaction again when another one came first. Gives up with the last error. */
export async function retryOn<T>(constraints: readonly string[], attempt: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await attempt()
    }
    catch (error) {
      if (n === ATTEMPTS || !constraints.includes(violatedConstraint(error) ?? '')) throw error
    }
  }
}

/** Keeps the rows as they are until the end of the transaction, new versions of the files too. */
export async function lockItems(tx: Tx, workspaceId: string, itemIds: readonly string[]): Promise<void> {
  await tx.select({ id: items.id }).from(items).where(and(eq(items.workspaceId, workspaceId), inArray(items.id, [...itemIds]))).orderBy(asc(items.id)).for('no key update')
}

/** @throws {AppError} `item.is_root` */
export function requireNoRoot(list: readonly AccessibleItem[]): void {
  if (list.some(item => item.parentId === null)) throw isRoot()
}

/** Those that lie in none of the others: what happens to a folder happens to all that is in it. */
export function topmost(list: readonly AccessibleItem[]): AccessibleItem[] {
  const ids = new Set(list.map(({ id }) => id))
  return list.filter(item => !item.path.slice(0, -1).some(step => ids.has(step.id)))
}

/**
 * Whoever may change only what is their own may not take away, with a folder of theirs, what others put in it.
 * @returns the ids of folders that hold something of others, the trash counted
 */
export async function listSharedFolders(tx: Tx, userId: string, list: readonly AccessibleItem[]): Promise<Set<string>> {
  const limited = list.filter(item => item.kind === 'folder' && scopeOf(item.roles, 'change') === 'own').map(({ id }) => id)
  if (limited.length === 0) return new Set()
  const { rows } = await tx.execute<{ origin: string }>(sql`
    with recursive below as (
      select id as origin, id, created_by from items where id = any(${sql.param(limited)}::uuid[])
      union all
      select below.origin, child.id, child.created_by from below join items child on child.parent_id = below.id
    )
    select distinct origin from below where created_by is distinct from ${userId}::uuid`)
  return new Set(rows.map(row => row.origin))
}

/** @throws {AppError} `access.denied` */
export async function requireOwnBelow(tx: Tx, userId: string, list: readonly AccessibleItem[]): Promise<void> {
  const shared = await listSharedFolders(tx, userId, list)
  const folder = list.find(({ id }) => shared.has(id))
  if (folder) throw accessDenied(`“${folder.name}” holds what others added, which your role does not let you change`)
}

/** @param path of the folder that is to hold them. @throws {AppError} `item.too_deep` when a folder below would lie too deep */
export async function requireDepth(tx: Tx, path: readonly unknown[], folderIds: readonly string[]): Promise<void> {
  if (folderIds.length === 0) return
  const { rows } = await tx.execute<{ levels: number }>(sql`
    with recursive below as (
      select id, 1 as level from items where id = any(${sql.param([...folderIds])}::uuid[])
      union all
      select child.id, below.level + 1 from below join items child on child.parent_id = below.id and child.kind = 'folder'
    )
    select max(level) as levels from below`)
  if (path.length + (rows[0]?.levels ?? 0) > MAX_DEPTH) throw tooDeepError()
}

export function tooDeepError(): ReturnType<typeof tooDeep> {
  return tooDeep(`At most ${MAX_DEPTH} folders can lie in one another`)
}

/** Everything in the folders is of the space that they are in, what lies in the trash too. */
export async function moveToSpace(tx: Tx, folderIds: readonly string[], spaceId: string): Promise<void> {
  if (folderIds.length === 0) return
  await tx.execute(sql`
    with recursive below as (
      select id from items where parent_id = any(${sql.param([...folderIds])}::uuid[])
      union all
      select child.id from below join items child on child.parent_id = below.id
    )
    update items set space_id = ${spaceId}::uuid from below where items.id = below.id`)
}

/** Tells who shows these folders that something in them changed. */
export async function publishFolders(tx: Tx, workspaceId: string, parentIds: readonly (string | null)[]): Promise<void> {
  const ids = [
    ...new Set(parentIds),
  ].filter(id => id !== null)
  for (let at = 0; at < ids.length; at += IDS_PER_LIVE_EVENT) {
    await publishLive(tx, {
      topic: 'items',
      workspaceId,
      parentIds: ids.slice(at, at + IDS_PER_LIVE_EVENT),
    })
  }
}
