import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Bytes, Instant, Line, Literals, Nullable, PageQuery, Ref, Uuid } from '../../http/schemas.ts'
import { WRITTEN } from '../../http/text-forms.ts'
import { itemActions } from '../access/access.policy.ts'
import { Person } from '../users/users.schemas.ts'

/** Checked by item-name.ts, which says more; the schema only bounds it. */
export const ItemName = Type.String({ minLength: 1, maxLength: 1024, [WRITTEN]: 'item-name' })
export const OnConflict = Literals('fail', 'rename', 'replace')
export const IntegrityState = Literals('pending', 'verified', 'failed')

const sharing = {
  linkCount: Nullable(Type.Integer({ description: 'Links that name this very item and are open: not revoked, expired or used up. One that is suspended (its creator may no longer share) counts too. Null to those who may not know of links: a client’s people, and whoever has no account' })),
  inheritedLinkCount: Nullable(Type.Integer({ description: 'Other open links, which name a folder above it: it is visible through those too. Of what is in the trash: those that will show it when it is restored' })),
}

export const Item = Type.Object({
  id: Uuid,
  kind: Literals('folder', 'file'),
  name: Type.String(),
  parentId: Nullable(Uuid),
  workspaceId: Uuid,
  spaceId: Uuid,
  size: Bytes,
  sha256: Nullable(Type.String({ description: 'Of the whole file, hex; null for folders and until it is known' })),
  integrity: Nullable(IntegrityState),
  mediaType: Nullable(Type.String()),
  version: Nullable(Type.Integer()),
  etag: Type.String({ description: 'For If-Match' }),
  createdBy: Nullable(Ref(Person)),
  createdAt: Instant,
  updatedAt: Instant,
  ...sharing,
  permissions: Type.Array(Literals(...itemActions)),
}, { $id: 'Item' })
export type Item = Static<typeof Item>

export const ItemDetail = Type.Object({
  ...Item.properties,
  path: Type.Array(Type.Object({
    id: Uuid,
    name: Type.String(),
    ...sharing,
  }), { description: 'From the space, or the first folder that one may see, down to the item itself' }),
}, { $id: 'ItemDetail' })
export type ItemDetail = Static<typeof ItemDetail>

export const ListedItem = Type.Object({
  ...Item.properties,
  path: Type.Optional(Type.Array(Type.Object({
    id: Uuid,
    name: Type.String(),
  }), { description: 'Of what `q` found: where it lies, from the space, or the first folder that one may see, down to its folder' })),
}, { $id: 'ListedItem' })
export type ListedItem = Static<typeof ListedItem>

export const TrashedItem = Type.Object({
  ...Item.properties,
  trashedAt: Instant,
  trashedBy: Nullable(Ref(Person)),
  originalPath: Type.Array(Type.Object({
    id: Uuid,
    name: Type.String(),
  }), { description: 'Where it was, from the space down to its folder' }),
}, { $id: 'TrashedItem' })
export type TrashedItem = Static<typeof TrashedItem>

export const Purge = Type.Object({
  id: Uuid,
  state: Type.Unsafe<'open' | 'done' | 'cancelled'>({
    ...Literals('open', 'done', 'cancelled'),
    description: 'cancelled: what was not begun is in the trash again; what was comes to its end',
  }),
  total: Nullable(Type.Integer({ description: 'Files and folders; null until they are counted' })),
  done: Type.Integer({ description: 'So many of them are deleted' }),
  createdAt: Instant,
  endedAt: Nullable(Instant),
}, { $id: 'Purge', description: 'What somebody deletes for ever, and how far it is' })
export type Purge = Static<typeof Purge>

/** Of a file; what a column can hold. */
export const VersionNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

export const FileVersion = Type.Object({
  version: Type.Integer(),
  restoredFrom: Nullable(Type.Integer({ description: 'The version whose bytes it has; null where they came from outside' })),
  size: Bytes,
  sha256: Nullable(Type.String()),
  integrity: IntegrityState,
  mediaType: Type.String(),
  createdBy: Nullable(Ref(Person)),
  createdAt: Instant,
}, { $id: 'FileVersion' })
export type FileVersion = Static<typeof FileVersion>

const listed = {
  parentId: Type.Optional(Type.String({ format: 'uuid', description: 'A folder; without it and with `q`: everywhere' })),
  sort: Type.Optional(Literals('name', '-name', 'updatedAt', '-updatedAt', 'size', '-size')),
  q: Type.Optional(Type.Unsafe<string>({
    ...Line(200),
    description: 'Words, or parts of words, that are all in the name, in any order; searches below `parentId`, or the whole workspace',
  })),
}
export const ItemListQuery = Type.Object({
  ...PageQuery,
  ...listed,
}, { additionalProperties: false })
export type ItemListQuery = Static<typeof ItemListQuery>

/** The same list, all of it. */
export const ItemSelectionQuery = Type.Object(listed, { additionalProperties: false })
export type ItemSelectionQuery = Static<typeof ItemSelectionQuery>

/** So many items one request names at most, and so many are chosen at once. */
export const MOST_AT_ONCE = 10_000

export const SelectedItem = Type.Pick(Item, [
  'id',
  'kind',
  'name',
  'parentId',
  'size',
  'linkCount',
  'permissions',
], { $id: 'SelectedItem', description: 'What has to be known of an item to act on it with others' })
export type SelectedItem = Static<typeof SelectedItem>

export const ItemSelection = Type.Object({
  items: Type.Array(Ref(SelectedItem), { description: `In the list’s order, the first ${MOST_AT_ONCE} at most: as many as a request can name` }),
  total: Type.Integer({ description: 'So many the list has' }),
}, { $id: 'ItemSelection', description: 'All of a list at once' })
export type ItemSelection = Static<typeof ItemSelection>

export const FolderInput = Body({
  parentId: Uuid,
  name: ItemName,
  onConflict: Type.Optional(Type.Unsafe<'fail' | 'merge'>({
    ...Literals('fail', 'merge'),
    description: 'merge: the folder that has the name is the answer; where a file has it, the name gets a number',
  })),
})
export type FolderInput = Static<typeof FolderInput>
export const ItemChange = Body({
  name: Type.Optional(ItemName),
  parentId: Type.Optional(Uuid),
})
export type ItemChange = Static<typeof ItemChange>
export const itemIds = (most: number) => Type.Array(Uuid, { minItems: 1, maxItems: most, uniqueItems: true })
export const ItemIds = itemIds(MOST_AT_ONCE)
export const BulkMove = Body({
  itemIds: ItemIds,
  parentId: Uuid,
  onConflict: Type.Optional(Literals('fail', 'rename')),
})
export type BulkMove = Static<typeof BulkMove>
export const BulkItems = Body({ itemIds: ItemIds })
export const FileUploadQuery = Type.Object({
  parentId: Uuid,
  name: ItemName,
  onConflict: Type.Optional(OnConflict),
  lastModified: Type.Optional(Type.String({ format: 'date-time' })),
}, { additionalProperties: false })
export type FileUploadQuery = Static<typeof FileUploadQuery>
