import type { Executor, Tx } from '../../db/database.ts'
import type { Reach } from '../access/access.service.ts'
import { and, asc, desc, eq, inArray, isNotNull, not, sql } from 'drizzle-orm'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { below, reached, wayUp } from './items.queries.ts'
import { items } from './items.table.ts'
import { purgeItems, purges } from './purges.table.ts'

export type PurgeRow = typeof purges.$inferSelect

export async function insertPurge(tx: Tx, purge: Pick<PurgeRow, 'id' | 'workspaceId' | 'askedBy' | 'caller' | 'createdAt'>): Promise<PurgeRow> {
  const [row] = await tx.insert(purges).values({ ...purge, state: 'open' }).returning()
  return row!
}

export async function deletePurge(tx: Tx, purgeId: string): Promise<void> {
  await tx.delete(purges).where(eq(purges.id, purgeId))
}

/** One person's, the newest first. */
export function listPurges(db: Executor, workspaceId: string, userId: string, limit: number): Promise<PurgeRow[]> {
  return db.select().from(purges).where(and(eq(purges.workspaceId, workspaceId), eq(purges.askedBy, userId))).orderBy(desc(purges.createdAt), desc(purges.id)).limit(limit)
}

/** Whoever works on it, or stops it, holds it: one at a time. */
export async function lockPurge(tx: Tx, purgeId: string): Promise<PurgeRow | undefined> {
  const [row] = await tx.select().from(purges).where(eq(purges.id, purgeId)).for('update')
  return row
}

export async function changePurge(db: Executor, purgeId: string, change: Partial<Pick<PurgeRow, 'state' | 'total' | 'listed' | 'deleted' | 'endedAt' | 'caller'>>): Promise<void> {
  await db.update(purges).set(change).where(eq(purges.id, purgeId))
}

const marked = (purgeId: string) => eq(items.purgeId, purgeId)

export async function mark(tx: Tx, purgeId: string, itemIds: readonly string[]): Promise<void> {
  await tx.update(items).set({ purgeId }).where(inArray(items.id, [...itemIds]))
}

export async function unmark(tx: Tx, purgeId: string, itemIds: readonly string[]): Promise<void> {
  if (itemIds.length > 0) await tx.update(items).set({ purgeId: null }).where(and(marked(purgeId), sql`${items.id} = any(${sql.param([...itemIds])}::uuid[])`))
}

/** All in the trash that the person reaches to change it, in one statement, however much that is; what lies in something else of it goes with that. */
export async function markReached(tx: Tx, purgeId: string, { workspaceId, userId, reach }: { workspaceId: string, userId: string, reach: Reach }): Promise<void> {
  const wanted = tx
    .select({ id: items.id })
    .from(items)
    .crossJoinLateral(wayUp)
    .where(and(eq(items.workspaceId, workspaceId), isNotNull(items.trashedAt), sql`not way.purged`, reached(reach, userId, false)))
  await tx.update(items).set({ purgeId }).where(inArray(items.id, wanted))
  await unmarkInner(tx, purgeId)
}

/** What lies in something else that is marked goes with that, by no event of its own. */
export async function unmarkInner(tx: Tx, purgeId: string): Promise<void> {
  const inner = tx
    .select({ id: items.id })
    .from(items)
    .crossJoinLateral(wayUp)
    .where(and(marked(purgeId), sql`exists (select from items above where above.id = any(way.ids) and above.id <> ${items.id} and above.purge_id = ${purgeId}::uuid)`))
  await tx.update(items).set({ purgeId: null }).where(inArray(items.id, inner))
}

/** Marked folders that the person may change only for being their own. */
export async function listOwnFolders(tx: Tx, purgeId: string, reach: Reach): Promise<string[]> {
  const rows = await tx
    .select({ id: items.id })
    .from(items)
    .crossJoinLateral(wayUp)
    .where(and(marked(purgeId), eq(items.kind, 'folder'), not(below(reach.all))))
  return rows.map(({ id }) => id)
}

export async function listMarkedParents(tx: Tx, purgeId: string): Promise<(string | null)[]> {
  const rows = await tx.selectDistinct({ parentId: items.parentId }).from(items).where(marked(purgeId))
  return rows.map(({ parentId }) => parentId)
}

/** Others that are under way within what this one takes: asked for before, for nothing below it is found any more. */
export async function listPurgesWithin(db: Executor, purgeId: string): Promise<string[]> {
  const rows = await db
    .selectDistinct({ id: items.purgeId })
    .from(items)
    .crossJoinLateral(wayUp)
    .where(and(
      eq(items.workspaceId, db.select({ id: purges.workspaceId }).from(purges).where(eq(purges.id, purgeId))),
      isNotNull(items.purgeId),
      not(marked(purgeId)),
      sql`exists (select from items above where above.id = any(way.ids) and above.purge_id = ${purgeId}::uuid)`,
    ))
  return rows.map(({ id }) => id!)
}

/** Files first: they are listed by hundreds, folders one by one. */
export async function listRoots(tx: Tx, purgeId: string, limit: number): Promise<{ id: string, kind: 'folder' | 'file' }[]> {
  return tx.select({ id: items.id, kind: items.kind }).from(items).where(marked(purgeId)).orderBy(asc(items.kind), asc(items.id)).limit(limit)
}

/** Files and folders, those below counted: at most `limit`. */
export async function countMarked(db: Executor, purgeId: string, limit: number | null): Promise<number> {
  const { rows } = await db.execute<{ count: string }>(sql`
    with recursive tree as (
      select id from items where purge_id = ${purgeId}::uuid
      union all
      select child.id from tree join items child on child.parent_id = tree.id
    )
    select count(*) from (select from tree limit ${limit}) as counted`)
  return Number(rows[0]!.count)
}

/** Takes all that lies in the roots into the list, the leaves first, the roots themselves at its end. @returns how much that is */
export async function listPurging(tx: Tx, { id, listed }: Pick<PurgeRow, 'id' | 'listed'>, roots: readonly string[]): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    insert into purge_items (purge_id, n, item_id, root_id, kind, bytes)
    with recursive tree as (
      select id, id as root, kind, 0 as depth from items where id = any(${sql.param([...roots])}::uuid[])
      union all
      select child.id, tree.root, child.kind, tree.depth + 1 from tree join items child on child.parent_id = tree.id
    )
    select ${id}::uuid, ${listed}::integer + row_number() over (order by depth desc), tree.id, root, kind, coalesce(stored.bytes, 0)
    from tree left join lateral (select sum(size_bytes) as bytes from file_versions where item_id = tree.id and restored_from is null) stored on true`)
  return rowCount ?? 0
}

/** What came into the list and was not deleted leaves it: it is listed again, with what has come since. */
export async function unlist(tx: Tx, { id, deleted }: Pick<PurgeRow, 'id' | 'deleted'>): Promise<void> {
  await tx.delete(purgeItems).where(and(eq(purgeItems.purgeId, id), sql`${purgeItems.n} > ${deleted}`))
  await tx.update(purges).set({ listed: deleted }).where(eq(purges.id, id))
}

/** A part of a purge's list. */
export interface Part { purgeId: string, from: number, to: number }
const inPart = ({ purgeId, from, to }: Part) => sql`purge_id = ${purgeId}::uuid and n between ${from} and ${to}`

export interface PurgedRoot { id: string, kind: 'folder' | 'file', name: string, parentName: string | null, files: number, folders: number, bytes: number }

/** The roots that a part of the list ends with, and what each held, itself included. */
export async function listRootsIn(tx: Tx, part: Part): Promise<PurgedRoot[]> {
  const ends = await tx.select({ id: purgeItems.rootId }).from(purgeItems).where(and(inPart(part), eq(purgeItems.itemId, purgeItems.rootId)))
  if (ends.length === 0) return []
  const { rows } = await tx.execute<Record<'id' | 'name' | 'files' | 'folders' | 'bytes', string> & { kind: 'folder' | 'file', parentName: string | null }>(sql`
    with held as (
      select root_id, count(*) filter (where kind = 'file') as files, count(*) filter (where kind = 'folder') as folders, sum(bytes) as bytes
      from purge_items
      where purge_id = ${part.purgeId}::uuid and root_id = any(${sql.param(ends.map(({ id }) => id))}::uuid[])
      group by root_id
    )
    select root.id, root.kind, root.name, parent.name as "parentName", files, folders, bytes
    from held join items root on root.id = held.root_id left join items parent on parent.id = root.parent_id
    order by root.id`)
  return rows.map(({ files, folders, bytes, ...root }) => ({
    ...root,
    files: Number(files),
    folders: Number(folders),
    bytes: Number(bytes),
  }))
}

/** An upload that is just being completed locks its own row, then the folder: so does this. */
export async function lockUploadsInto(tx: Tx, part: Part): Promise<void> {
  await tx.execute(sql`select from uploads where parent_id in (select item_id from purge_items where ${inPart(part)}) for update`)
}

/** From here on every step is a thousand look-ups by key; the planner would read whole tables for each batch instead. */
export async function planByKey(tx: Tx): Promise<void> {
  await tx.execute(sql`select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`)
}

/** One statement, because items and versions refer to each other: the foreign keys are checked at its end. @returns the keys of what was doomed, and its bytes */
export async function deletePart(tx: Tx, part: Part, now: Date): Promise<{ keys: string[], bytes: number }> {
  const { rows: [gone] } = await tx.execute<{ keys: string[], bytes: string }>(sql`
    with batch as (select item_id as id from purge_items where ${inPart(part)}),
      gone_items as (delete from items using batch where items.id = batch.id),
      gone_grants as (delete from grants using batch where folder_id = batch.id),
      gone_versions as (delete from file_versions using batch where item_id = batch.id returning object_key, size_bytes, restored_from),
      doomed as (
        update objects set state = 'doomed', touched_at = ${now.toISOString()}::timestamptz
        from gone_versions where key = gone_versions.object_key
        returning key
      )
    select (select coalesce(array_agg(key), '{}') from doomed) as keys, (select coalesce(sum(size_bytes), 0) from gone_versions where restored_from is null) as bytes`)
  return {
    keys: gone!.keys,
    bytes: Number(gone!.bytes),
  }
}

/** Of roots that are gone nothing stays listed. */
export async function forgetListed(tx: Tx, purgeId: string, rootIds: readonly string[]): Promise<void> {
  await tx.delete(purgeItems).where(and(eq(purgeItems.purgeId, purgeId), sql`${purgeItems.rootId} = any(${sql.param([...rootIds])}::uuid[])`))
}

/** What was not begun is in the trash again. */
export async function giveBack(tx: Tx, purgeId: string): Promise<void> {
  const begun = tx.select({ id: purgeItems.rootId }).from(purgeItems).where(eq(purgeItems.purgeId, purgeId))
  await tx.update(items).set({ purgeId: null }).where(and(marked(purgeId), sql`${items.id} not in ${begun}`))
}

export async function freeRoom(tx: Tx, workspaceId: string, bytes: number): Promise<void> {
  if (bytes > 0) await tx.update(workspaces).set({ usedBytes: sql`${workspaces.usedBytes} - ${bytes}` }).where(eq(workspaces.id, workspaceId))
}
