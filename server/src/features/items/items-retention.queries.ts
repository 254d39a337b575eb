import type { Executor, Tx } from '../../db/database.ts'
import { and, asc, eq, isNotNull, lt, sql } from 'drizzle-orm'
import { deleteBatch } from '../../db/delete-batch.ts'
import { unmarkInner } from './items-purge.queries.ts'
import { wayUp } from './items.queries.ts'
import { items } from './items.table.ts'
import { purges } from './purges.table.ts'

/** In the trash since before then, and not being deleted for ever, alone or with a folder above. */
const isDue = (before: Date) => and(isNotNull(items.trashedAt), lt(items.trashedAt, before), sql`not way.purged`)

/** One that has something due in its trash. */
export async function findTrashDue(tx: Tx, before: Date): Promise<string | undefined> {
  const [row] = await tx.select({ workspaceId: items.workspaceId }).from(items).crossJoinLateral(wayUp).where(isDue(before)).limit(1)
  return row?.workspaceId
}

/** Marks what has been there longest, and no more than `limit`. What lies in something else of it goes with that. @returns how much was marked */
export async function markTrashDue(tx: Tx, purgeId: string, { workspaceId, before, limit }: { workspaceId: string, before: Date, limit: number }): Promise<number> {
  const wanted = tx.select({ id: items.id }).from(items).crossJoinLateral(wayUp).where(and(eq(items.workspaceId, workspaceId), isDue(before))).orderBy(asc(items.trashedAt), asc(items.id)).limit(limit)
  const { rowCount } = await tx.update(items).set({ purgeId }).where(sql`${items.id} in ${wanted} and ${lt(items.trashedAt, before)}`)
  await unmarkInner(tx, purgeId)
  return rowCount ?? 0
}

export const deleteEndedPurges = (tx: Executor, before: Date): Promise<boolean> => deleteBatch(tx, purges, lt(purges.endedAt, before))

/** Every version of these bytes was replaced by a later one before then. */
const isReplaced = (version: string, before: Date) => sql`not exists (
  select from file_versions alike
  where alike.object_key = ${sql.raw(version)}.object_key
    and not exists (
      select from file_versions later
      where later.item_id = alike.item_id and later.number > alike.number and later.created_at < ${before.toISOString()}::timestamptz
    )
)`

export interface ReplacedFile { id: string, workspaceId: string, name: string, parentId: string | null, parentName: string | null }

/** Files with versions that are due, held until the end of the transaction; those that somebody else holds are left for the next time. */
export async function holdReplacedFiles(tx: Tx, before: Date, limit: number): Promise<ReplacedFile[]> {
  const { rows } = await tx.execute<Record<string, unknown> & ReplacedFile>(sql`
    select items.id, items.workspace_id as "workspaceId", items.name, items.parent_id as "parentId", (select name from items parent where parent.id = items.parent_id) as "parentName"
    from items
    where items.kind = 'file' and exists (
      select from file_versions old
      where old.item_id = items.id and old.id <> items.version_id and old.created_at < ${before.toISOString()}::timestamptz and ${isReplaced('old', before)}
    )
    order by items.id
    limit ${limit}
    for no key update skip locked`)
  return rows
}

export interface GoneVersions { itemId: string, versions: number, bytes: number, keys: string[] }

/** Of files that are held: their rows go, and the objects are doomed. The room that they took is of the versions that brought the bytes. */
export async function deleteReplaced(tx: Tx, fileIds: readonly string[], { before, now }: { before: Date, now: Date }): Promise<GoneVersions[]> {
  const { rows } = await tx.execute<{ itemId: string, versions: string, bytes: string, keys: string[] }>(sql`
    with gone as (
      delete from file_versions old using items
      where items.id = old.item_id and old.id <> items.version_id and items.id = any(${sql.param([...fileIds])}::uuid[]) and ${isReplaced('old', before)}
      returning old.item_id, old.object_key, old.size_bytes, old.restored_from
    ), doomed as (
      update objects set state = 'doomed', touched_at = ${now.toISOString()}::timestamptz where key in (select object_key from gone)
    )
    select item_id as "itemId", count(*) as versions, coalesce(sum(size_bytes) filter (where restored_from is null), 0) as bytes, array_agg(distinct object_key) as keys
    from gone group by item_id order by item_id`)
  return rows.map(({ itemId, versions, bytes, keys }) => ({
    itemId,
    versions: Number(versions),
    bytes: Number(bytes),
    keys,
  }))
}
