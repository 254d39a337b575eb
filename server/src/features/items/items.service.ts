import type { ItemsChanges, ItemsChangesDeps } from './items.changes.ts'
import type { ItemsListing } from './items.listing.ts'
import type { ItemsTrash, ItemsTrashDeps } from './items.trash.ts'
import { createItemsChanges } from './items.changes.ts'
import { createItemsListing } from './items.listing.ts'
import { createItemsTrash } from './items.trash.ts'

export type { ItemPage } from './items.listing.ts'

/** Folders and files, their names and places. Every method checks the person's rights on every item that it touches. */
export interface ItemsService extends ItemsListing, ItemsChanges, ItemsTrash {}

export function createItemsService(deps: ItemsChangesDeps & ItemsTrashDeps): ItemsService {
  return {
    ...createItemsListing(deps),
    ...createItemsChanges(deps),
    ...createItemsTrash(deps),
  }
}
