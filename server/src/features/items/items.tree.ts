import type { Db, Tx } from '../../db/database.ts'
import type { AccessibleItem } from '../access/access.service.ts'
import { violatedConstraint } from '../../db/db-errors.ts'
import { accessDenied } from '../../errors/common-errors.ts'
import { publishLive } from '../../live/live-bus.ts'
import { scopeOf } from '../access/access.policy.ts'
import * as queries from './items-tree.queries.ts'
import { isRoot, nameTaken, tooDeep } from './items.errors.ts'
import { NAME_CONSTRAINT } from './items.names.ts'

/** Folders in folders, the space's root folder counted. */
export const MAX_DEPTH = 100
const ATTEMPTS = 5

/**
 * Runs a change of a workspace's tree alone: one at a time per workspace, so that what was read of the tree (paths, cycles, depths, trash)
 * still holds when it is written. Files that arrive do not wait for it; only a name can then be taken meanwhile, and the change is
 * tried again.
 * @param before a lock to take first
 */
export async function changeTree<T>(db: Db, workspaceId: string, work: (tx: Tx) => Promise<T>, before?: typeof queries.lockTrash): Promise<T> {
  return retryOn([NAME_CONSTRAINT], () => db.transaction(async (tx) => {
    await before?.(tx, workspaceId)
    await queries.lockTree(tx, workspaceId)
    return work(tx)
  })).catch((error: unknown) => {
    throw violatedConstraint(error) === NAME_CONSTRAINT
      ? nameTaken()
      : error
  })
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
  return new Set(await queries.listShared(tx, userId, limited))
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
  if (path.length + await queries.countLevels(tx, folderIds) > MAX_DEPTH) throw tooDeepError()
}

export function tooDeepError(): ReturnType<typeof tooDeep> {
  return tooDeep(`At most ${MAX_DEPTH} folders can lie in one another`)
}

/** Everything in the folders is of the space that they are in, what lies in the trash too. */
export async function moveToSpace(tx: Tx, folderIds: readonly string[], spaceId: string): Promise<void> {
  if (folderIds.length === 0) return
  await queries.moveToSpace(tx, folderIds, spaceId)
}

/** Tells who shows these folders that something in them changed. */
export async function publishFolders(tx: Tx, workspaceId: string, parentIds: readonly (string | null)[]): Promise<void> {
  const ids = [
    ...new Set(parentIds),
  ].filter(id => id !== null)
  if (ids.length > 0) await publishLive(tx, { topic: 'items', workspaceId, parentIds: ids })
}
