import type { Executor, Tx } from '../../db/database.ts'
import type { ParsedName } from './item-name.ts'
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import { items } from './items.table.ts'

/** One change of a workspace's tree at a time. */
export async function lockTree(tx: Tx, workspaceId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`tree ${workspaceId}`}, 0))`)
}

/** What leaves the trash, by restoring or for ever. Always taken before the tree's lock; a long deletion holds only this one. */
export async function lockTrash(tx: Tx, workspaceId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`trash ${workspaceId}`}, 0))`)
}

const oneOf = (itemIds: readonly string[]) => sql`${items.id} = any(${sql.param([...itemIds])}::uuid[])`
const column = (values: string[], type: 'uuid' | 'text') => sql`${sql.param(values)}::${sql.raw(type)}[]`

/** Keeps the rows as they are until the end of the transaction, new versions of the files too. */
export async function lockItems(tx: Tx, workspaceId: string, itemIds: readonly string[]): Promise<void> {
  await tx.select({ id: items.id }).from(items).where(and(eq(items.workspaceId, workspaceId), oneOf(itemIds))).orderBy(asc(items.id)).for('no key update')
}

/** A folder's living items that have one of these few keys. */
export async function listNamed(db: Executor, workspaceId: string, parentId: string, keys: string[]): Promise<{ key: string, kind: 'folder' | 'file', id: string }[]> {
  return db.select({ key: items.nameKey, kind: items.kind, id: items.id }).from(items).where(and(eq(items.workspaceId, workspaceId), eq(items.parentId, parentId), isNull(items.trashedAt), inArray(items.nameKey, keys)))
}

/** Those of the keys that living items of their folders have. */
export async function listTaken(db: Executor, workspaceId: string, wanted: readonly { parentId: string, key: string }[]): Promise<{ parentId: string, key: string }[]> {
  if (wanted.length === 0) return []
  const { rows } = await db.execute<{ parentId: string, key: string }>(sql`
    select parent_id as "parentId", name_key as key from items
      join unnest(${column(wanted.map(({ parentId }) => parentId), 'uuid')}, ${column(wanted.map(({ key }) => key), 'text')}) as wanted (parent_id, name_key) using (parent_id, name_key)
    where workspace_id = ${workspaceId}::uuid and trashed_at is null`)
  return rows
}

/** Those of the folders that hold something that this person did not make, the trash counted. */
export async function listShared(tx: Tx, userId: string, folderIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.execute<{ origin: string }>(sql`
    with recursive below as (
      select id as origin, id, created_by from items where id = any(${sql.param([...folderIds])}::uuid[])
      union all
      select below.origin, child.id, child.created_by from below join items child on child.parent_id = below.id
    )
    select distinct origin from below where created_by is distinct from ${userId}::uuid`)
  return rows.map(({ origin }) => origin)
}

/** How many folders lie in one another at most, from these down, they themselves counted. */
export async function countLevels(tx: Tx, folderIds: readonly string[]): Promise<number> {
  const { rows } = await tx.execute<{ levels: number }>(sql`
    with recursive below as (
      select id, 1 as level from items where id = any(${sql.param([...folderIds])}::uuid[])
      union all
      select child.id, below.level + 1 from below join items child on child.parent_id = below.id and child.kind = 'folder'
    )
    select max(level) as levels from below`)
  return rows[0]?.levels ?? 0
}

export async function insertFolder(tx: Tx, folder: Omit<typeof items.$inferInsert, 'kind'>): Promise<void> {
  await tx.insert(items).values({ ...folder, kind: 'folder' })
}

const namesOf = (placed: readonly { name: ParsedName }[]) => sql.join([
  column(placed.map(({ name }) => name.name), 'text'),
  column(placed.map(({ name }) => name.key), 'text'),
  column(placed.map(({ name }) => name.search), 'text'),
], sql`, `)

/** Puts items under names in a folder. */
export async function place(tx: Tx, target: { id: string, spaceId: string }, placed: readonly { id: string, name: ParsedName }[], now: Date): Promise<void> {
  await tx.execute(sql`
    update items set name = placed.name, name_key = placed.name_key, search_text = placed.search_text, parent_id = ${target.id}::uuid, space_id = ${target.spaceId}::uuid,
      revision = revision + 1, updated_at = ${now.toISOString()}::timestamptz
    from unnest(${column(placed.map(({ id }) => id), 'uuid')}, ${namesOf(placed)})
      as placed (id, name, name_key, search_text)
    where items.id = placed.id`)
}

/** Everything in the folders is of the space that they are in, what lies in the trash too. */
export async function moveToSpace(tx: Tx, folderIds: readonly string[], spaceId: string): Promise<void> {
  await tx.execute(sql`
    with recursive below as (
      select id from items where parent_id = any(${sql.param([...folderIds])}::uuid[])
      union all
      select child.id from below join items child on child.parent_id = below.id
    )
    update items set space_id = ${spaceId}::uuid from below where items.id = below.id`)
}

export async function putInTrash(tx: Tx, itemIds: readonly string[], by: { userId: string, now: Date }): Promise<void> {
  await tx
    .update(items)
    .set({
      trashedAt: by.now,
      trashedBy: by.userId,
      revision: sql`${items.revision} + 1`,
    })
    .where(oneOf(itemIds))
}

export async function takeFromTrash(tx: Tx, placed: readonly { id: string, parentId: string, name: ParsedName }[]): Promise<void> {
  await tx.execute(sql`
    update items set name = placed.name, name_key = placed.name_key, search_text = placed.search_text, parent_id = placed.parent_id,
      trashed_at = null, trashed_by = null, revision = revision + 1
    from unnest(${column(placed.map(({ id }) => id), 'uuid')}, ${column(placed.map(({ parentId }) => parentId), 'uuid')}, ${namesOf(placed)})
      as placed (id, parent_id, name, name_key, search_text)
    where items.id = placed.id`)
}
