import type { Tx } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { PurgedTree } from './items-purge.queries.ts'
import { deleteObjectsJob } from '../objects/objects.deletion.ts'
import * as queries from './items-purge.queries.ts'

const ROWS_AT_ONCE = 1000
const KEYS_PER_JOB = 1000
/** A file that arrived while its folder was being deleted: the deletion starts again and takes it along. */
export const LATE_ARRIVALS = ['items_parent_id_items_id_fk', 'file_versions_item_id_items_id_fk', 'items_version_id_file_versions_id_fk'] as const

/**
 * Deletes trees with all their rows, dooms their objects and frees their room, in the caller's transaction. What is to go is listed in the
 * database and deleted in batches from the leaves up, so the memory needed here does not grow with it.
 * @param roots in the trash, none below another
 * @returns what each root held, itself included
 */
export async function purgeTrees(tx: Tx, jobs: JobQueue, workspaceId: string, roots: readonly string[], now: Date): Promise<Map<string, PurgedTree>> {
  const count = await queries.listPurging(tx, workspaceId, roots)
  await queries.lockUploadsInto(tx)
  const purged = await queries.sumUp(tx)
  await queries.planByKey(tx)
  for (let from = 1; from <= count; from += ROWS_AT_ONCE) {
    const keys = await queries.deleteBatch(tx, from, from + ROWS_AT_ONCE - 1, now)
    for (let at = 0; at < keys.length; at += KEYS_PER_JOB) {
      await jobs.send(tx, deleteObjectsJob, {
        keys: keys.slice(at, at + KEYS_PER_JOB),
      })
    }
  }
  const bytes = [
    ...purged.values(),
  ].reduce((sum, tree) => sum + tree.bytes, 0)
  await queries.freeRoom(tx, workspaceId, bytes)
  return purged
}
