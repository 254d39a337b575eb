import type { ItemsChanges, ItemsChangesDeps } from './items.changes.ts'
import type { ItemsListing } from './items.listing.ts'
import type { ItemsTrash, ItemsTrashDeps } from './items.trash.ts'
import type { ItemsVersions } from './items.versions.ts'
import { createItemsChanges } from './items.changes.ts'
import { createItemsListing } from './items.listing.ts'
import { createItemsTrash } from './items.trash.ts'
import { createItemsVersions } from './items.versions.ts'

export type { ItemPage } from './items.listing.ts'

/** Folders and files, their names and places. Every method checks the person's rights on every item that it touches. */
export interface ItemsService extends ItemsListing, ItemsChanges, ItemsTrash, ItemsVersions {}

export function createItemsService(deps: ItemsChangesDeps & ItemsTrashDeps): ItemsService {
  return {
    ...createItemsListing(deps),
    ...createItemsChanges(deps),
    ...createItemsTrash(deps),
    ...createItemsVersions(deps),
  }
}
