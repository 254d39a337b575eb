import type { Tx } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import { eq, sql } from 'drizzle-orm'
import { deleteObjectsJob } from '../objects/objects.deletion.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

const ROWS_AT_ONCE = 1000
const KEYS_PER_JOB = 1000
/** A file that arrived while its folder was being deleted: the deletion starts again and takes it along. */
export const LATE_ARRIVALS = ['items_parent_id_items_id_fk', 'file_versions_item_id_items_id_fk', 'items_version_id_file_versions_id_fk'] as const

export interface PurgedTree { files: number, folders: number, bytes: number }

/**
 * Deletes trees with all their rows, dooms their objects and frees their room, in the caller's transaction. What is to go is listed in the
 * database and deleted in batches from the leaves up, so the memory needed here does not grow with it.
 * @param roots in the trash, none below another
 * @returns what each root held, itself included
 */
export async function purgeTrees(tx: Tx, jobs: JobQueue, workspaceId: string, roots: readonly string[], now: Date): Promise<Map<string, PurgedTree>> {
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
  // An upload that is just being completed locks its own row, then the folder: so does this.
  await tx.execute(sql`select from uploads join purging on purging.id = uploads.parent_id for update of uploads`)
  const purged = await sumUp(tx)
  // From here on every step is a thousand look-ups by key; the planner would read whole tables for each batch instead.
  await tx.execute(sql`select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`)
  for (let from = 1; from <= (rowCount ?? 0); from += ROWS_AT_ONCE) {
    const keys = await deleteBatch(tx, from, from + ROWS_AT_ONCE - 1, now)
    for (let at = 0; at < keys.length; at += KEYS_PER_JOB) {
      await jobs.send(tx, deleteObjectsJob, {
        keys: keys.slice(at, at + KEYS_PER_JOB),
      })
    }
  }
  const bytes = [
    ...purged.values(),
  ].reduce((sum, tree) => sum + tree.bytes, 0)
  await tx.update(workspaces).set({ usedBytes: sql`${workspaces.usedBytes} - ${bytes}` }).where(eq(workspaces.id, workspaceId))
  return purged
}

async function sumUp(tx: Tx): Promise<Map<string, PurgedTree>> {
  const { rows } = await tx.execute<{ root: string, files: string, folders: string, bytes: string }>(sql`
    select root, count(*) filter (where kind = 'file') as files, count(*) filter (where kind = 'folder') as folders, coalesce(sum(stored.bytes), 0) as bytes
    from purging left join lateral (select sum(size_bytes) as bytes from file_versions where item_id = purging.id) stored on true
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

/** One statement, because items and versions refer to each other: the foreign keys are checked at its end. */
async function deleteBatch(tx: Tx, from: number, to: number, now: Date): Promise<string[]> {
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
