import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { AccessibleItem, AccessService, Member } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Item } from './items.schemas.ts'
import { itemPurged, itemRestored, itemTrashed } from '../audit/audit.actions.ts'
import { toParsedName } from './item-name.ts'
import * as tree from './items-tree.queries.ts'
import { notInTrash } from './items.errors.ts'
import { freeName } from './items.names.ts'
import { presentItem } from './items.presenter.ts'
import { LATE_ARRIVALS, purgeTrees } from './items.purge.ts'
import * as queries from './items.queries.ts'
import { changeTree, listSharedFolders, publishFolders, requireNoRoot, requireOwnBelow, retryOn, topmost } from './items.tree.ts'

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
   * For ever, with everything below; the bytes follow by a job. All or none of what is named; `all`: everything in the trash that the
   * person may delete, a part at a time.
   * @throws {AppError} `item.not_in_trash`
   */
  purge: (caller: Caller, member: Member, itemIds: string[] | 'all') => Promise<void>
}

export interface ItemsTrashDeps {
  db: Db
  access: AccessService
  audit: AuditLog
  jobs: JobQueue
  clock: () => Date
}

const PURGED_AT_ONCE = 200

export function createItemsTrash({ db, access, audit, jobs, clock }: ItemsTrashDeps): ItemsTrash {
  /** One transaction: those still in the trash, and nothing else of the list, go for ever. */
  async function purgeSome(caller: Caller, member: Member, itemIds: string[], skips: boolean): Promise<void> {
    const { workspaceId, userId } = member
    await retryOn(LATE_ARRIVALS, () => db.transaction(async (tx) => {
      await tree.lockTrash(tx, workspaceId)
      const present = skips
        ? await queries.listExisting(tx, workspaceId, itemIds)
        : itemIds
      const found = await access.requireItems(userId, present, { action: 'change', workspaceId, trashed: true }, tx)
      if (!skips && found.some(item => item.trashedAt === null)) throw notInTrash()
      const trashed = topmost(found.filter(item => item.trashedAt !== null))
      if (!skips) await requireOwnBelow(tx, userId, trashed)
      const shared = await listSharedFolders(tx, userId, trashed)
      const going = trashed.filter(({ id }) => !shared.has(id))
      if (going.length === 0) return
      const purged = await purgeTrees(tx, jobs, workspaceId, going.map(({ id }) => id), clock())
      await publishFolders(tx, workspaceId, going.map(item => item.parentId))
      await audit.record(tx, caller, ...going.map(item => itemPurged({
        workspaceId,
        subject: subjectOf(item),
        details: {
          from: item.path.at(-2)?.name,
          ...purged.get(item.id)!,
        },
      })))
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
        await tree.lockItems(tx, workspaceId, [itemId])
        const item = await access.requireItem(userId, itemId, { action: 'change', workspaceId, trashed: true }, tx)
        if (item.trashedAt === null) throw notInTrash()
        const way = item.path.slice(0, -1)
        const firstTrashed = way.findIndex(step => step.trashed)
        const living = firstTrashed === -1
          ? way
          : way.slice(0, firstTrashed)
        const target = await access.requireItem(userId, living.at(-1)!.id, { action: 'upload', workspaceId, kind: 'folder' }, tx)
        const name = await freeName(tx, workspaceId, target.id, toParsedName(item.name), item.kind)
        await tree.takeFromTrash(tx, item.id, { parentId: target.id, name })
        const standing = await access.standingOf(userId, workspaceId, tx)
        const permissions = standing.permissionsAt([
          ...living.map(step => step.id),
          item.id,
        ], item)
        const shown = await presentItem(tx, { ...item, permissions }, clock())
        await publishFolders(tx, workspaceId, [target.id, item.parentId])
        await audit.record(tx, caller, itemRestored({
          workspaceId,
          subject: { kind: item.kind, id: item.id, name: name.name },
          mentions: [target.id],
          details: {
            to: target.name,
            toId: target.id,
            ...name.name === item.name
              ? {}
              : { nameBefore: item.name },
          },
        }))
        return shown
      }, tree.lockTrash)
    },

    async purge(caller, member, itemIds) {
      if (itemIds !== 'all') return purgeSome(caller, member, itemIds, false)
      const { workspaceId, userId } = member
      const standing = await access.standingOf(userId, workspaceId)
      let after: { trashedAt: Date, id: string } | undefined
      for (;;) {
        const page = await queries.pageOfTrash(db, {
          workspaceId,
          userId,
          reach: standing.reach('change'),
        }, { after, limit: PURGED_AT_ONCE })
        if (page.length === 0) return
        const last = page.at(-1)!
        after = { trashedAt: last.trashedAt!, id: last.id }
        await purgeSome(caller, member, page.map(({ id }) => id), true)
      }
    },
  }
}

function subjectOf({ kind, id, name }: AccessibleItem) {
  return { kind, id, name }
}
