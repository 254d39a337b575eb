import type { Caller } from '../../http/caller.ts'
import type { Member } from '../access/access.service.ts'
import type { BulkMove, FileVersion, FolderInput, Item, ItemChange, ItemDetail, ItemListQuery, TrashedItem } from './items.schemas.ts'

export interface ItemPage<T> { items: T[], nextCursor: string | null }

/** Folders and files, their names and places. Every method checks the person's rights on every item that it touches. */
export interface ItemsService {
  /** Folders first, then by `sort`; keyset pages. Without `parentId` and `q`: the spaces' root folders. */
  list: (member: Member, query: ItemListQuery) => Promise<ItemPage<Item>>
  get: (userId: string, itemId: string) => Promise<ItemDetail>
  /** @throws {AppError} `item.name_taken`, `item.name_invalid` */
  createFolder: (caller: Caller, member: Member, input: FolderInput) => Promise<Item>
  /** Renames, moves, or both. @throws {AppError} `item.name_taken`, `item.name_invalid`, `item.into_itself`, `item.is_root`, `precondition.failed` */
  change: (caller: Caller, userId: string, itemId: string, change: ItemChange, ifMatch: string | undefined) => Promise<Item>
  /** All or none. */
  move: (caller: Caller, member: Member, move: BulkMove) => Promise<Item[]>
  trash: (caller: Caller, userId: string, itemIds: string[]) => Promise<void>
  listTrash: (member: Member, query: { limit?: number, cursor?: string }) => Promise<ItemPage<TrashedItem>>
  /** To where it was; when that is gone, to the space's root; when the name is taken, under a free one. */
  restore: (caller: Caller, userId: string, itemId: string) => Promise<Item>
  /** For ever, with everything below; the bytes follow by a job. @throws {AppError} `item.not_in_trash` */
  purge: (caller: Caller, member: Member, itemIds: string[] | 'all') => Promise<void>
  listVersions: (userId: string, fileId: string) => Promise<FileVersion[]>
}
