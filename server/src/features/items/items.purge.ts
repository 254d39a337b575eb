import type { Db, Tx } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import { violatedConstraint } from '../../db/db-errors.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { publishLive } from '../../live/live-bus.ts'
import { itemPurged } from '../audit/audit.actions.ts'
import { deleteObjectsJob } from '../objects/objects.deletion.ts'
import * as queries from './items-purge.queries.ts'

/** So many rows a transaction deletes, and the request itself does no more: what is more is a job's. */
export const ROWS_AT_ONCE = 1000
/** A file that arrived while its folder was being deleted: what is left is listed again and takes it along. */
export const LATE_ARRIVALS = ['items_parent_id_items_id_fk', 'file_versions_item_id_items_id_fk', 'items_version_id_file_versions_id_fk'] as const
const ATTEMPTS = 5
export const KEYS_PER_JOB = 1000

export interface PurgeContext { db: Db, jobs: JobQueue, audit: AuditLog, clock: () => Date }

export const purgeJob = defineJob<{ purgeId: string }>({ name: 'items.purge', expireInSeconds: 6 * 3600, retryLimit: 20 })

/**
 * The next part of a purge, in the caller's transaction: rows, versions and grants go, objects are doomed, their room is free, and the event of each thing
 * that was asked for is written where the last of it goes. What it takes is listed in the database, so the memory needed here does not grow with it.
 * @returns whether there may be more
 */
export async function purgeStep({ jobs, audit, clock }: PurgeContext, tx: Tx, purgeId: string): Promise<boolean> {
  const purge = await queries.lockPurge(tx, purgeId)
  if (!purge || purge.endedAt) return false
  const { workspaceId, askedBy: userId } = purge
  if (userId !== null) await publishLive(tx, { topic: 'purges', workspaceId, userId })
  if (purge.listed === purge.deleted) {
    purge.listed = await listNext(tx, purge)
    if (purge.listed === purge.deleted) {
      await queries.changePurge(tx, purgeId, {
        state: purge.state === 'open'
          ? 'done'
          : purge.state,
        endedAt: clock(),
        caller: null,
      })
      return false
    }
  }

  const part = {
    purgeId,
    from: purge.deleted + 1,
    to: Math.min(purge.listed, purge.deleted + ROWS_AT_ONCE),
  }
  const roots = await queries.listRootsIn(tx, part)
  await queries.lockUploadsInto(tx, part)
  await queries.planByKey(tx)
  const { keys, bytes } = await queries.deletePart(tx, part, clock())
  // A file may have many versions.
  for (let at = 0; at < keys.length; at += KEYS_PER_JOB) {
    await jobs.send(tx, deleteObjectsJob, {
      keys: keys.slice(at, at + KEYS_PER_JOB),
    })
  }
  await queries.forgetListed(tx, purgeId, roots.map(({ id }) => id))
  await queries.changePurge(tx, purgeId, { listed: purge.listed, deleted: part.to })
  await queries.freeRoom(tx, workspaceId, bytes)
  await audit.record(tx, purge.caller!, ...roots.map(({ id, kind, name, parentName, ...held }) => itemPurged({
    workspaceId,
    subject: { kind, id, name },
    details: {
      from: parentName ?? undefined,
      ...held,
    },
  })))
  return true
}

/** Takes into the list what makes a part, and one thing as a whole: what is not begun can still be kept. @returns how much is listed then */
async function listNext(tx: Tx, { id, total, deleted, ...purge }: queries.PurgeRow): Promise<number> {
  const roots = await queries.listRoots(tx, id, ROWS_AT_ONCE)
  const isOnePart = total !== null && total <= ROWS_AT_ONCE
  // Of files it is known how much they are.
  const groups = isOnePart
    ? [roots]
    : [
        roots.filter(({ kind }) => kind === 'file'),
        ...roots.filter(({ kind }) => kind === 'folder').map(root => [root]),
      ]
  let { listed } = purge
  for (const group of groups) {
    if (listed - deleted >= ROWS_AT_ONCE) break
    if (group.length > 0) listed += await queries.listPurging(tx, { id, listed }, group.map(root => root.id))
  }
  return listed
}

/**
 * All of a purge, each part in a transaction of its own: a run that takes up another's goes on where that was. What others asked for within it goes first, as theirs:
 * taken along, it would leave no event of its own.
 */
export async function runPurge(context: PurgeContext, purgeId: string, signal: AbortSignal): Promise<void> {
  const { db } = context
  for (const within of await queries.listPurgesWithin(db, purgeId)) await runPurge(context, within, signal)
  await db.transaction(async (tx) => {
    const purge = await queries.lockPurge(tx, purgeId)
    if (purge?.total !== null) return
    await queries.changePurge(tx, purgeId, { total: await queries.countMarked(tx, purgeId, null) })
    if (purge.askedBy !== null) await publishLive(tx, { topic: 'purges', workspaceId: purge.workspaceId, userId: purge.askedBy })
  })
  for (let failures = 0; ;) {
    signal.throwIfAborted()
    try {
      if (!await db.transaction(tx => purgeStep(context, tx, purgeId))) return
      failures = 0
    }
    catch (error) {
      if (++failures === ATTEMPTS || !(LATE_ARRIVALS as readonly string[]).includes(violatedConstraint(error) ?? '')) throw error
      await db.transaction(async (tx) => {
        const purge = await queries.lockPurge(tx, purgeId)
        if (purge) await queries.unlist(tx, purge)
      })
    }
  }
}
