import type { SQL, Subquery } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Db, Executor } from '../../db/database.ts'
import type { Reach } from '../access/access.service.ts'
import { and, asc, count, desc, eq, inArray, isNotNull, isNull, like, ne, or, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { naturally } from '../../db/columns.ts'
import { builtOnce, plannedByValues } from '../../db/database.ts'
import { containing } from '../../db/like.ts'
import { spaces } from '../spaces/spaces.table.ts'
import { users } from '../users/users.table.ts'
import { sharing } from './items-sharing.queries.ts'
import { fileVersions, items } from './items.table.ts'

const creators = alias(users, 'creators')
const trashers = alias(users, 'trashers')

export type PresentedItem = Awaited<ReturnType<typeof listPresented>>[number]

const sharingColumns = {
  linkCount: sql<number>`sharing.link_count`.mapWith(Number),
  inheritedLinkCount: sql<number>`sharing.inherited_link_count`.mapWith(Number),
}

const presentedItems = (wanted: (id: AnyPgColumn) => SQL) => builtOnce(db => db
  .select({
    id: items.id,
    kind: items.kind,
    name: items.name,
    parentId: items.parentId,
    workspaceId: items.workspaceId,
    spaceId: items.spaceId,
    sizeBytes: items.sizeBytes,
    mediaType: items.mediaType,
    revision: items.revision,
    createdBy: items.createdBy,
    createdByName: creators.name,
    createdAt: items.createdAt,
    updatedAt: items.updatedAt,
    trashedAt: items.trashedAt,
    trashedBy: items.trashedBy,
    trashedByName: trashers.name,
    version: fileVersions.number,
    sha256: fileVersions.sha256,
    integrity: fileVersions.integrity,
    ...sharingColumns,
  })
  .from(items)
  .leftJoin(fileVersions, eq(fileVersions.id, items.versionId))
  .leftJoin(creators, eq(creators.id, items.createdBy))
  .leftJoin(trashers, eq(trashers.id, items.trashedBy))
  .innerJoin(sql`${sharing(wanted)} as sharing`, sql`sharing.item_id = ${items.id}`)
  .where(and(eq(items.workspaceId, sql.placeholder('workspaceId')), wanted(items.id))))
// As in the access resolver: for one alone PostgreSQL plans once.
const presentedItemQuery = presentedItems(id => eq(id, sql.placeholder('itemId')))
const presentedItemsQuery = presentedItems(id => sql`${id} = any(${sql.placeholder('itemIds')}::uuid[])`)

/** All that the API shows of items, in any order: version, people, links open at `now` through which they are visible. */
export function listPresented(db: Executor, workspaceId: string, itemIds: string[], now: Date) {
  return itemIds.length === 1
    ? presentedItemQuery(db).execute({ workspaceId, itemId: itemIds[0], now })
    : presentedItemsQuery(db).execute({ workspaceId, itemIds, now })
}

const sharingQuery = builtOnce(db => db
  .select({ id: sql<string>`sharing.item_id`, ...sharingColumns })
  .from(sql`${sharing(id => sql`${id} = any(${sql.placeholder('itemIds')}::uuid[])`)} as sharing`))

/** Of these items that alone, in any order. */
export async function listSharing(db: Executor, itemIds: string[], now: Date): Promise<{ id: string, linkCount: number, inheritedLinkCount: number }[]> {
  return sharingQuery(db).execute({ itemIds, now })
}

export type SortField = 'name' | 'updatedAt' | 'size'
export interface Order { field: SortField, descending: boolean }
/** Where a page begins: after this row of this kind. */
export interface Position { value: string | number | Date, id: string }

const sortColumns = {
  name: items.name,
  updatedAt: items.updatedAt,
  size: items.sizeBytes,
}
const sortKeys = {
  ...sortColumns,
  name: naturally(items.name),
}

interface PageOptions {
  kind: 'folder' | 'file'
  order: Order
  after: Position | undefined
  limit: number
}

const listed = {
  id: items.id,
  workspaceId: items.workspaceId,
  parentId: items.parentId,
  kind: items.kind,
  createdBy: items.createdBy,
  name: items.name,
  updatedAt: items.updatedAt,
  sizeBytes: items.sizeBytes,
}

const positionOf = ({ order, after }: PageOptions) => after && sql`(${sql.param(after.value, sortColumns[order.field])}, ${after.id}::uuid)`

function inOrder(kind: 'folder' | 'file', order: Order, position: SQL | undefined): SQL | undefined {
  const key = sortKeys[order.field]
  return and(
    eq(items.kind, kind),
    isNull(items.trashedAt),
    position && (order.descending
      ? sql`(${key}, ${items.id}) < ${position}`
      : sql`(${key}, ${items.id}) > ${position}`),
  )
}

function orderBy({ field, descending }: Order): SQL[] {
  return [sortKeys[field], items.id].map(column => (descending
    ? desc(column)
    : asc(column)))
}

const pagesOfFolder = (own: boolean, { kind, order, continued }: { kind: 'folder' | 'file', order: Order, continued: boolean }) => builtOnce(db => db
  .select(listed)
  .from(items)
  .where(and(
    eq(items.workspaceId, sql.placeholder('workspaceId')),
    eq(items.parentId, sql.placeholder('parentId')),
    own
      ? eq(items.createdBy, sql.placeholder('userId'))
      : undefined,
    inOrder(kind, order, continued
      ? sql`(${sql.param(sql.placeholder('value'), sortColumns[order.field])}, ${sql.placeholder('id')}::uuid)`
      : undefined),
  ))
  .orderBy(...orderBy(order))
  .limit(sql.placeholder('limit')))
/** One for each kind, order and the like: some dozen. */
const folderPages = new Map<string, ReturnType<typeof pagesOfFolder>>()

/** What lies directly in a folder, one kind of it, from the index of the order alone. @param ownFilesOf only files of this person */
export function pageOfFolder(db: Executor, workspaceId: string, parentId: string, ownFilesOf: string | undefined, { kind, order, after, limit }: PageOptions) {
  const own = ownFilesOf !== undefined && kind === 'file'
  const continued = after !== undefined
  const shape = [
    kind,
    order.field,
    order.descending,
    own,
    continued,
  ].join()
  const query = folderPages.get(shape) ?? pagesOfFolder(own, { kind, order, continued })
  folderPages.set(shape, query)
  return query(db).execute({
    workspaceId,
    parentId,
    userId: ownFilesOf,
    ...after,
    limit,
  })
}

/** How many lie directly in a folder. @param ownFilesOf as for its pages */
export function countOfFolder(db: Db, workspaceId: string, parentId: string, ownFilesOf: string | undefined): Promise<number> {
  return db.$count(items, and(
    eq(items.workspaceId, workspaceId),
    eq(items.parentId, parentId),
    isNull(items.trashedAt),
    ownFilesOf === undefined
      ? undefined
      : or(eq(items.kind, 'folder'), eq(items.createdBy, ownFilesOf)),
  ))
}

/** Each row's way up: `ids` and `names` from the space's root folder down to the row itself, whether any of it is in the trash, and whether it is being deleted for ever. */
export const wayUp = sql`(
  with recursive up as (
    select ${items.id} as id, ${items.parentId} as parent_id, ${items.name} as name, ${items.trashedAt} as trashed_at, ${items.purgeId} as purge_id, 0 as height
    union all
    select parent.id, parent.parent_id, parent.name, parent.trashed_at, parent.purge_id, up.height + 1
    from up join items parent on parent.id = up.parent_id
  )
  select array_agg(id order by height desc) as ids, array_agg(name order by height desc) as names, bool_or(trashed_at is not null) as trashed, bool_or(purge_id is not null) as purged from up
) as way`
const wayIds = sql<string[]>`way.ids`
const wayNames = sql<string[]>`way.names`

/** Rows at or below one of these folders. */
export const below = (ids: readonly string[]) => sql`way.ids && ${sql.param([...ids])}::uuid[]`

/** Rows that the person reaches, by the folders on their way up. @param folders whether `own` includes folders, as it does to see */
export function reached(reach: Reach, userId: string, folders: boolean): SQL | undefined {
  if (reach.everywhere) return undefined
  const own = folders
    ? or(eq(items.createdBy, userId), eq(items.kind, 'folder'))
    : eq(items.createdBy, userId)
  return or(below(reach.all), and(below(reach.own), own))
}

export interface SearchScope { workspaceId: string, userId: string, reach: Reach }
/** @param words of `searchWords` */
export interface Search { words: readonly string[], below: string | undefined }

const named = (words: readonly string[]) => and(...words.map(word => like(items.searchText, containing(word))))
/** What of the table a search reads, before it walks the ways up. */
const searched = {
  ...listed,
  trashedAt: items.trashedAt,
  purgeId: items.purgeId,
  searchText: items.searchText,
}
const withinSearch = ({ userId, reach }: SearchScope, search: Search) => and(
  sql`not way.trashed`,
  reached(reach, userId, true),
  search.below === undefined
    ? undefined
    : and(sql`${search.below}::uuid = any(way.ids)`, ne(items.id, search.below)),
)

/** So many names in order are looked at before anything else: what is in many fills a page there. */
const FIRST_LOOKED_AT = 500

/**
 * Living items whose name contains all the words, below a folder or everywhere that the person may see. Where the first names in order do not fill the page,
 * all matches are found by the index of threes of letters and put in order: even many are sooner than the way to them through the names in order.
 */
export async function pageOfMatches(db: Executor, scope: SearchScope, search: Search, page: PageOptions) {
  const order = orderBy(page.order)
  const place = and(plannedByValues, eq(items.workspaceId, scope.workspaceId), inOrder(page.kind, page.order, positionOf(page)))
  // A part of the table under the table's name, that PostgreSQL keeps apart and in its order: the ways up are walked for the page alone.
  const matches = (some: Subquery<'items', Record<string, unknown>>) => db
    .select({ ...listed, wayIds, wayNames })
    .from(some)
    .crossJoinLateral(wayUp)
    .where(and(named(search.words), withinSearch(scope, search)))
    .orderBy(...order)
    .limit(page.limit)

  const first = page.limit > FIRST_LOOKED_AT
    ? []
    : await matches(db.select(searched).from(items).where(place).orderBy(...order).limit(FIRST_LOOKED_AT).as('items'))
  return first.length === page.limit
    ? first
    : matches(db.select(searched).from(items).where(and(place, named(search.words))).orderBy(...order).offset(0).as('items'))
}

/** How many a search finds. */
export async function countOfMatches(db: Executor, scope: SearchScope, search: Search): Promise<number> {
  const [row] = await db
    .select({
      count: count(),
    })
    .from(db.select(searched).from(items).where(and(plannedByValues, eq(items.workspaceId, scope.workspaceId), isNull(items.trashedAt), named(search.words))).offset(0).as('items'))
    .crossJoinLateral(wayUp)
    .where(withinSearch(scope, search))
  return row!.count
}

function isBeginning(db: Executor, { workspaceId, userId, reach }: SearchScope): SQL | undefined {
  const granted = [
    ...reach.all,
    ...reach.own,
  ]
  return and(
    eq(items.workspaceId, workspaceId),
    isNull(items.trashedAt),
    reach.everywhere
      ? inArray(items.id, db.select({ id: spaces.rootFolderId }).from(spaces).where(eq(spaces.workspaceId, workspaceId)))
      : and(inArray(items.id, granted), sql`not ${sql.param(granted)}::uuid[] && way.ids[:cardinality(way.ids) - 1]`),
    sql`not way.trashed`,
    reached(reach, userId, true),
  )
}

/** The folders where a person's part of the workspace begins: the spaces' root folders, or granted ones below which nothing higher is granted. */
export function pageOfBeginnings(db: Executor, scope: SearchScope, page: PageOptions) {
  return db
    .select({ ...listed, wayIds })
    .from(items)
    .crossJoinLateral(wayUp)
    .where(and(isBeginning(db, scope), inOrder(page.kind, page.order, positionOf(page))))
    .orderBy(...orderBy(page.order))
    .limit(page.limit)
}

export async function countOfBeginnings(db: Executor, scope: SearchScope): Promise<number> {
  const [row] = await db.select({
    count: count(),
  }).from(items).crossJoinLateral(wayUp).where(isBeginning(db, scope))
  return row!.count
}

/** What was itself put in the trash and the person may change, newest first. */
export function pageOfTrash(db: Executor, { workspaceId, userId, reach }: SearchScope, page: { after: { trashedAt: Date, id: string } | undefined, limit: number }) {
  return db
    .select({
      ...listed,
      trashedAt: items.trashedAt,
      wayIds,
      wayNames,
    })
    .from(items)
    .crossJoinLateral(wayUp)
    .where(and(
      eq(items.workspaceId, workspaceId),
      isNotNull(items.trashedAt),
      sql`not way.purged`,
      page.after && sql`(${items.trashedAt}, ${items.id}) < (${sql.param(page.after.trashedAt, items.trashedAt)}, ${page.after.id}::uuid)`,
      reached(reach, userId, false),
    ))
    .orderBy(desc(items.trashedAt), desc(items.id))
    .limit(page.limit)
}
