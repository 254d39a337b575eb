import type { Tx } from '../../db/database.ts'
import { eq, sql } from 'drizzle-orm'
import { workspaces } from '../workspaces/workspaces.table.ts'

export interface PurgedTree { files: number, folders: number, bytes: number }

/** Lists all that is to go in a table of the transaction's own, the leaves first. @returns how much that is */
export async function listPurging(tx: Tx, workspaceId: string, roots: readonly string[]): Promise<number> {
  await tx.execute(sql`create temporary table purging (n bigint primary key, id uuid not null, root uuid not null, kind text not null) on commit drop`)
  const { rowCount } = await tx.execute(sql`
    insert into purging (n, id, root, kind)
    with recursive below as (
      select id, id as root, kind, 0 as depth from items where workspace_id = ${workspaceId}::uuid and id = any(${sql.param([...roots])}::uuid[])
      union all
      select child.id, below.root, child.kind, below.depth + 1 from below join items child on child.parent_id = below.id
    )
    select row_number() over (order by depth desc), id, root, kind from below`)
  await tx.execute(sql`analyze purging`)
  return rowCount ?? 0
}

/** An upload that is just being completed locks its own row, then the folder: so does this. */
export async function lockUploadsInto(tx: Tx): Promise<void> {
  await tx.execute(sql`select from uploads join purging on purging.id = uploads.parent_id for update of uploads`)
}

/** From here on every step is a thousand look-ups by key; the planner would read whole tables for each batch instead. */
export async function planByKey(tx: Tx): Promise<void> {
  await tx.execute(sql`select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`)
}

export async function freeRoom(tx: Tx, workspaceId: string, bytes: number): Promise<void> {
  await tx.update(workspaces).set({ usedBytes: sql`${workspaces.usedBytes} - ${bytes}` }).where(eq(workspaces.id, workspaceId))
}

/** What each root holds, itself included. */
export async function sumUp(tx: Tx): Promise<Map<string, PurgedTree>> {
  const { rows } = await tx.execute<{ root: string, files: string, folders: string, bytes: string }>(sql`
    select root, count(*) filter (where kind = 'file') as files, count(*) filter (where kind = 'folder') as folders, coalesce(sum(stored.bytes), 0) as bytes
    from purging left join lateral (select sum(size_bytes) as bytes from file_versions where item_id = purging.id and restored_from is null) stored on true
    group by root`)
  return new Map(rows.map(({ root, files, folders, bytes }) => [
    root,
    {
      files: Number(files),
      folders: Number(folders),
      bytes: Number(bytes),
    },
  ]))
}

/** One statement, because items and versions refer to each other: the foreign keys are checked at its end. @returns the keys of what was doomed */
export async function deleteBatch(tx: Tx, from: number, to: number, now: Date): Promise<string[]> {
  const { rows } = await tx.execute<{ key: string }>(sql`
    with batch as (select id from purging where n between ${from} and ${to}),
      gone_items as (delete from items using batch where items.id = batch.id),
      gone_grants as (delete from grants using batch where folder_id = batch.id),
      gone_versions as (delete from file_versions using batch where item_id = batch.id returning object_key)
    update objects set state = 'doomed', touched_at = ${now.toISOString()}::timestamptz
    from gone_versions where key = gone_versions.object_key
    returning key`)
  return rows.map(({ key }) => key)
}
