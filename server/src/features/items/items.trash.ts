import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { AccessibleItem, AccessService, Member } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { ParsedName } from './item-name.ts'
import type { Item, Purge } from './items.schemas.ts'
import { notFound } from '../../errors/common-errors.ts'
import { publishLive } from '../../live/live-bus.ts'
import { itemRestored, itemTrashed } from '../audit/audit.actions.ts'
import * as purging from './items-purge.queries.ts'
import * as tree from './items-tree.queries.ts'
import { notInTrash } from './items.errors.ts'
import { placeNames } from './items.names.ts'
import { presentItem } from './items.presenter.ts'
import { LATE_ARRIVALS, purgeJob, purgeStep, ROWS_AT_ONCE } from './items.purge.ts'
import { changeTree, publishFolders, requireNoRoot, requireOwnBelow, retryOn, topmost } from './items.tree.ts'

/** Deleting, in two steps, and the way back after the first. */
export interface ItemsTrash {
  /**
   * All or none. What lies in a folder goes with it.
   * @param workspaceId where all of them must be
   * @throws {AppError} `item.is_root`
   */
  trash: (caller: Caller, userId: string, itemIds: string[], workspaceId?: string) => Promise<void>
  /**
   * To where it was; when that is in the trash, to the nearest folder above it that is not; when the name is taken, under a free one.
   * @throws {AppError} `item.not_in_trash` also for what is there only with its folder
   */
  restore: (caller: Caller, userId: string, itemId: string) => Promise<Item>
  /**
   * The same for many, all or none; what is in the trash with a folder of theirs alone comes back with it.
   * @throws {AppError} like `restore`
   */
  restoreAll: (caller: Caller, member: Member, itemIds: string[]) => Promise<void>
  /**
   * For ever, with everything below; the bytes follow by a job. All or none of what is named; `all`: everything in the trash that the
   * person may delete. It is gone from view at once.
   * @returns null when it is done; what is more than a request does (`ROWS_AT_ONCE`) is a job's, and can be followed
   * @throws {AppError} `item.not_in_trash`
   */
  purge: (caller: Caller, member: Member, itemIds: string[] | 'all') => Promise<Purge | null>
  /** Those of this person that are under way or ended lately, the newest first. */
  listPurges: (member: Member) => Promise<Purge[]>
  /** What was not begun is in the trash again; what is under way comes to its end. */
  cancelPurge: (member: Member, purgeId: string) => Promise<void>
}

export interface ItemsTrashDeps {
  db: Db
  access: AccessService
  audit: AuditLog
  jobs: JobQueue
  clock: () => Date
  newId: () => string
}

/** `way`: the living folders from the top down to the one that it is in again. */
interface Restored { item: AccessibleItem, name: ParsedName, way: AccessibleItem['path'] }

/** Of so many that ended lately one is told. */
const MOST_LISTED = 50

export function createItemsTrash({ db, access, audit, jobs, clock, newId }: ItemsTrashDeps): ItemsTrash {
  /** What is named: all or none. */
  async function markNamed(tx: Tx, { workspaceId, userId }: Member, purgeId: string, itemIds: readonly string[]): Promise<void> {
    const found = await access.requireItems(userId, itemIds, { action: 'change', workspaceId, trashed: true }, tx)
    if (found.some(item => item.trashedAt === null)) throw notInTrash()
    const roots = topmost(found)
    await requireOwnBelow(tx, userId, roots)
    await purging.mark(tx, purgeId, roots.map(({ id }) => id))
  }

  /** All that the person may delete. */
  async function markAll(tx: Tx, { workspaceId, userId }: Member, purgeId: string): Promise<void> {
    const reach = (await access.standingOf(userId, workspaceId, tx)).reach('change')
    await purging.markReached(tx, purgeId, { workspaceId, userId, reach })
    if (reach.everywhere || reach.own.length === 0) return
    const own = await purging.listOwnFolders(tx, purgeId, reach)
    await purging.unmark(tx, purgeId, await tree.listShared(tx, userId, own))
  }

  /** Each out of the trash. What lies there in another of them comes after it, so that it can go back into it. */
  async function takeBack(tx: Tx, workspaceId: string, userId: string, itemIds: readonly string[]): Promise<Restored[]> {
    await tree.lockItems(tx, workspaceId, itemIds)
    const back: Restored[] = []
    for (let ids = itemIds; ids.length > 0;) {
      const found = await access.requireItems(userId, ids, { action: 'change', workspaceId, trashed: true }, tx)
      const going = topmost(found).map((item) => {
        if (item.trashedAt === null) throw notInTrash()
        const way = item.path.slice(0, item.path.findIndex(step => step.trashed))
        return { item, way, parentId: way.at(-1)!.id }
      })
      await access.requireItems(userId, [
        ...new Set(going.map(({ parentId }) => parentId)),
      ], { action: 'upload', workspaceId, kind: 'folder' }, tx)
      const placed = await placeNames(tx, workspaceId, going, 'rename')
      await tree.takeFromTrash(tx, placed.map(({ item, parentId, name }) => ({ id: item.id, parentId, name })))
      back.push(...placed)
      // What was deleted only with its folder is back with it.
      const gone = new Set(placed.map(({ item }) => item.id))
      ids = found.filter(item => item.trashedAt !== null && !gone.has(item.id)).map(({ id }) => id)
    }
    return back
  }

  async function tellRestored(tx: Tx, caller: Caller, workspaceId: string, back: readonly Restored[]): Promise<void> {
    await publishFolders(tx, workspaceId, back.flatMap(({ item, way }) => [way.at(-1)!.id, item.parentId]))
    await audit.record(tx, caller, ...back.map(({ item, name, way }) => {
      const { id: toId, name: to } = way.at(-1)!
      return itemRestored({
        workspaceId,
        subject: { kind: item.kind, id: item.id, name: name.name },
        mentions: [toId],
        details: {
          to,
          toId,
          ...name.name === item.name
            ? {}
            : { nameBefore: item.name },
        },
      })
    }))
  }

  return {
    async trash(caller, userId, itemIds, expectedWorkspaceId) {
      const requirement = { action: 'change', workspaceId: expectedWorkspaceId } as const
      const [first] = await access.requireItems(userId, itemIds, requirement)
      const { workspaceId } = first!
      await changeTree(db, workspaceId, async (tx) => {
        await tree.lockItems(tx, workspaceId, itemIds)
        const named = await access.requireItems(userId, itemIds, { ...requirement, workspaceId }, tx)
        requireNoRoot(named)
        await requireOwnBelow(tx, userId, named)
        const going = topmost(named)
        await tree.putInTrash(tx, going.map(({ id }) => id), {
          userId,
          now: clock(),
        })
        await publishFolders(tx, workspaceId, going.map(item => item.parentId))
        await audit.record(tx, caller, ...going.map(item => itemTrashed({
          workspaceId,
          subject: subjectOf(item),
          details: { from: item.path.at(-2)!.name, fromId: item.parentId },
        })))
      })
    },

    async restore(caller, userId, itemId) {
      const { workspaceId } = await access.requireItem(userId, itemId, { action: 'change', trashed: true })
      return changeTree(db, workspaceId, async (tx) => {
        const [restored] = await takeBack(tx, workspaceId, userId, [itemId])
        const { item, way } = restored!
        const standing = await access.standingOf(userId, workspaceId, tx)
        const permissions = standing.permissionsAt([
          ...way.map(step => step.id),
          item.id,
        ], item)
        const shown = await presentItem(tx, { ...item, permissions }, clock())
        await tellRestored(tx, caller, workspaceId, [restored!])
        return shown
      }, tree.lockTrash)
    },

    restoreAll: (caller, { workspaceId, userId }, itemIds) => changeTree(db, workspaceId, async (tx) => {
      await tellRestored(tx, caller, workspaceId, await takeBack(tx, workspaceId, userId, itemIds))
    }, tree.lockTrash),

    purge: (caller, member, itemIds) => retryOn(LATE_ARRIVALS, () => db.transaction(async (tx) => {
      const { workspaceId, userId } = member
      await tree.lockTrash(tx, workspaceId)
      const now = clock()
      const purge = await purging.insertPurge(tx, {
        id: newId(),
        workspaceId,
        askedBy: userId,
        caller,
        createdAt: now,
      })
      await (itemIds === 'all'
        ? markAll(tx, member, purge.id)
        : markNamed(tx, member, purge.id, itemIds))
      await publishFolders(tx, workspaceId, await purging.listMarkedParents(tx, purge.id))
      const total = await purging.countMarked(tx, purge.id, ROWS_AT_ONCE + 1)
      if (total > ROWS_AT_ONCE) {
        await jobs.send(tx, purgeJob, { purgeId: purge.id })
        return toPurge(purge)
      }
      await purging.changePurge(tx, purge.id, { total })
      for (const within of await purging.listPurgesWithin(tx, purge.id)) {
        while (await purgeStep({ db, jobs, audit, clock }, tx, within));
      }
      while (await purgeStep({ db, jobs, audit, clock }, tx, purge.id));
      await purging.deletePurge(tx, purge.id)
      return null
    })),

    listPurges: async ({ workspaceId, userId }) => (await purging.listPurges(db, workspaceId, userId, MOST_LISTED)).map(toPurge),

    cancelPurge: ({ workspaceId, userId }, purgeId) => db.transaction(async (tx) => {
      const purge = await purging.lockPurge(tx, purgeId)
      if (purge?.workspaceId !== workspaceId || purge.askedBy !== userId) throw notFound('There is no such deletion')
      if (purge.state !== 'open') return
      await purging.giveBack(tx, purgeId)
      await purging.changePurge(tx, purgeId, { state: 'cancelled' })
      await publishLive(tx, { topic: 'purges', workspaceId, userId })
      await publishFolders(tx, workspaceId, await purging.listMarkedParents(tx, purgeId))
    }),
  }
}

function toPurge({ id, state, total, deleted, createdAt, endedAt }: purging.PurgeRow): Purge {
  return {
    id,
    state,
    total,
    done: deleted,
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  }
}

function subjectOf({ kind, id, name }: AccessibleItem) {
  return { kind, id, name }
}
