import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AccessibleItem, AccessService, Member } from '../access/access.service.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { ParsedName } from './item-name.ts'
import type { BulkMove, FolderInput, Item, ItemChange } from './items.schemas.ts'
import { requireMatch } from '../../http/etag.ts'
import { folderCreated, itemMoved, itemRenamed } from '../audit/audit.actions.ts'
import { nameKey, parseItemName, toParsedName } from './item-name.ts'
import * as queries from './items-tree.queries.ts'
import { intoItself } from './items.errors.ts'
import { folderName, listTakenKeys, nameTakenError, placeNames } from './items.names.ts'
import { presentItem, presentItems } from './items.presenter.ts'
import { changeTree, MAX_DEPTH, moveToSpace, publishFolders, requireDepth, requireNoRoot, requireOwnBelow, tooDeepError } from './items.tree.ts'

/** Making, naming and placing. */
export interface ItemsChanges {
  /**
   * @returns `made`: whether there was none to merge it with
   * @throws {AppError} `item.name_taken`, `item.name_invalid`, `item.too_deep`
   */
  createFolder: (caller: Caller, member: Member, input: FolderInput) => Promise<{ folder: Item, made: boolean }>
  /**
   * Renames, moves, or both; what is already so changes nothing. Moving needs `change` on the item and `upload` on the new folder, which is
   * of the same workspace.
   * @throws {AppError} `item.name_taken`, `item.name_invalid`, `item.into_itself`, `item.is_root`, `item.too_deep`, `precondition.failed`
   */
  change: (caller: Caller, userId: string, itemId: string, change: ItemChange, ifMatch: string | undefined) => Promise<Item>
  /** All or none; with `rename` a taken name gets a number. @throws {AppError} like `change` */
  move: (caller: Caller, member: Member, move: BulkMove) => Promise<Item[]>
}

export interface ItemsChangesDeps {
  db: Db
  access: AccessService
  audit: AuditLog
  clock: () => Date
  newId: () => string
}

export function createItemsChanges({ db, access, audit, clock, newId }: ItemsChangesDeps): ItemsChanges {
  /** Puts items of one workspace under names in a folder, as one change. The names are free, or the unique index refuses. */
  async function place(tx: Tx, caller: Caller, userId: string, target: { id: string, name: string, spaceId: string, path: { id: string }[] }, placed: readonly { item: AccessibleItem, name: ParsedName }[]): Promise<Item[]> {
    const { workspaceId } = placed[0]!.item
    await queries.place(tx, target, placed.map(({ item, name }) => ({ id: item.id, name })), clock())
    await moveToSpace(tx, placed.filter(({ item }) => item.kind === 'folder' && item.spaceId !== target.spaceId).map(({ item }) => item.id), target.spaceId)

    const standing = await access.standingOf(userId, workspaceId, tx)
    const shown = await presentItems(tx, placed.map(({ item }) => ({
      id: item.id,
      workspaceId,
      permissions: standing.permissionsAt([
        ...target.path.map(step => step.id),
        item.id,
      ], item),
      memberRole: standing.memberRole,
    })), clock())
    await publishFolders(tx, workspaceId, [
      target.id,
      ...placed.map(({ item }) => item.parentId),
    ])
    await audit.record(tx, caller, ...placed.flatMap(({ item, name }) => eventsOf(item, name.name, target)))
    return shown
  }

  /** Where moved items go. @throws {AppError} `not_found`, `access.denied`, `item.into_itself`, `item.too_deep` */
  async function requireTarget(tx: Tx, userId: string, workspaceId: string, parentId: string, moving: readonly AccessibleItem[]): Promise<AccessibleItem> {
    const target = await access.requireItem(userId, parentId, { action: 'upload', workspaceId, kind: 'folder' }, tx)
    if (moving.some(item => target.path.some(step => step.id === item.id))) throw intoItself()
    await requireDepth(tx, target.path, moving.filter(item => item.kind === 'folder').map(({ id }) => id))
    await requireOwnBelow(tx, userId, moving)
    return target
  }

  return {
    async createFolder(caller, { workspaceId, userId }, { parentId, name: input, onConflict = 'fail' }) {
      await access.requireItem(userId, parentId, { action: 'upload', workspaceId, kind: 'folder' })
      const wanted = parseItemName(input)
      return changeTree(db, workspaceId, async (tx) => {
        const parent = await access.requireItem(userId, parentId, { action: 'upload', workspaceId, kind: 'folder' }, tx)
        if (parent.path.length >= MAX_DEPTH) throw tooDeepError()
        const now = clock()
        const { name, id: existing } = onConflict === 'merge'
          ? await folderName(tx, workspaceId, parent.id, wanted)
          : { name: wanted }
        if (existing !== undefined) {
          const there = await access.requireItem(userId, existing, { action: 'see', workspaceId, kind: 'folder' }, tx)
          return {
            folder: await presentItem(tx, there, now),
            made: false,
          }
        }
        if (onConflict === 'fail' && (await listTakenKeys(tx, workspaceId, parent.id, [name.key])).size > 0) throw nameTakenError(name.name)
        const id = newId()
        await queries.insertFolder(tx, {
          id,
          workspaceId,
          spaceId: parent.spaceId,
          parentId: parent.id,
          name: name.name,
          nameKey: name.key,
          searchText: name.search,
          createdBy: userId,
          createdAt: now,
          updatedAt: now,
        })
        const standing = await access.standingOf(userId, workspaceId, tx)
        const permissions = standing.permissionsAt([
          ...parent.path.map(step => step.id),
          id,
        ], { kind: 'folder', createdBy: userId })
        const shown = await presentItem(tx, {
          id,
          workspaceId,
          permissions,
          memberRole: standing.memberRole,
        }, now)
        await publishFolders(tx, workspaceId, [parent.id])
        await audit.record(tx, caller, folderCreated({
          workspaceId,
          subject: { kind: 'folder', id, name: name.name },
          mentions: [parent.id],
          details: { parentId: parent.id, parentName: parent.name },
        }))
        return { folder: shown, made: true }
      })
    },

    async change(caller, userId, itemId, change, ifMatch) {
      const { workspaceId } = await access.requireItem(userId, itemId, { action: 'change' })
      const wanted = change.name === undefined
        ? undefined
        : parseItemName(change.name)
      return changeTree(db, workspaceId, async (tx) => {
        await queries.lockItems(tx, workspaceId, [itemId])
        const item = await access.requireItem(userId, itemId, { action: 'change', workspaceId }, tx)
        requireNoRoot([item])
        requireMatch(ifMatch, item.revision)
        const name = wanted ?? toParsedName(item.name)
        const moves = change.parentId !== undefined && change.parentId !== item.parentId
        if (!moves && name.name === item.name) return presentItem(tx, item, clock())

        const folder = item.path.at(-2)!
        const target = moves
          ? await requireTarget(tx, userId, workspaceId, change.parentId!, [item])
          : {
              ...folder,
              spaceId: item.spaceId,
              path: item.path.slice(0, -1),
            }
        const renamesInPlace = !moves && name.key === nameKey(item.name)
        if (!renamesInPlace && (await listTakenKeys(tx, workspaceId, target.id, [name.key])).size > 0) throw nameTakenError(name.name)
        const [shown] = await place(tx, caller, userId, target, [
          { item, name },
        ])
        return shown!
      })
    },

    async move(caller, { workspaceId, userId }, { itemIds, parentId, onConflict = 'fail' }) {
      return changeTree(db, workspaceId, async (tx) => {
        await queries.lockItems(tx, workspaceId, itemIds)
        const named = await access.requireItems(userId, itemIds, { action: 'change', workspaceId }, tx)
        requireNoRoot(named)
        const target = await requireTarget(tx, userId, workspaceId, parentId, named)
        const moving = named.filter(item => item.parentId !== target.id)
        const placed = await placeNames(tx, workspaceId, moving.map(item => ({ item, parentId: target.id })), onConflict)
        const shown = placed.length === 0
          ? []
          : await place(tx, caller, userId, target, placed)
        const moved = new Map(shown.map(item => [item.id, item]))
        const stayed = new Map((await presentItems(tx, named.filter(item => item.parentId === target.id), clock())).map(item => [item.id, item]))
        return itemIds.map(id => (moved.get(id) ?? stayed.get(id))!)
      })
    },
  }
}

/** One event for each thing that was done: a new name, a new place. */
function eventsOf(item: AccessibleItem, name: string, target: { id: string, name: string }): NewAuditEvent[] {
  const folder = item.path.at(-2)!
  const about = {
    workspaceId: item.workspaceId,
    subject: { kind: item.kind, id: item.id, name },
  }
  return [
    ...name === item.name
      ? []
      : [
          itemRenamed({
            ...about,
            details: {
              from: item.name,
              to: name,
              parentId: target.id,
              parentName: target.name,
            },
          }),
        ],
    ...folder.id === target.id
      ? []
      : [
          itemMoved({
            ...about,
            mentions: [target.id],
            details: {
              from: folder.name,
              fromId: folder.id,
              to: target.name,
              toId: target.id,
            },
          }),
        ],
  ]
}
