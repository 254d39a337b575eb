import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ObjectRegister } from './objects.service.ts'
import { systemCaller } from '../../http/caller.ts'
import * as sweep from './objects-sweep.queries.ts'
import { DOOMED_GRACE_MS, SWEEP_GRACE_MS } from './objects.lifetime.ts'
import { BATCH, each, listKnown, oldOnes } from './objects.listing.ts'
import * as queries from './objects.queries.ts'

/** What ends an upload; all the rest of it is another feature's. */
export interface UploadsEnd {
  giveUp: (caller: Caller, upload: { id: string }, reason: 'expired') => Promise<unknown>
}

export interface SweepDeps {
  db: Db
  storage: Storage
  objects: Pick<ObjectRegister, 'discard' | 'remove'>
  clock: () => Date
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
}

/** Ends expired uploads, gives up what was staged and forgotten, deletes what is doomed, and drops what is staged for rows that no longer want it. */
export async function sweepDatabase(context: SweepDeps, uploadsEnd: UploadsEnd, signal: AbortSignal): Promise<void> {
  const { db, storage, objects: register, clock, log } = context
  const ago = (ms: number) => new Date(clock().getTime() - ms)
  const how = { signal, log }
  await each(await sweep.listExpiredUploads(db, clock(), BATCH), upload => uploadsEnd.giveUp(systemCaller, upload, 'expired'), how)
  await sweep.deleteEndedUploads(db, clock())
  await each(await sweep.listForgotten(db, ago(SWEEP_GRACE_MS), BATCH), ({ key }) => register.discard(key), how)
  await each(await queries.listDoomed(db, ago(DOOMED_GRACE_MS), BATCH), ({ key }) => register.remove(key), how)

  // What has no row at all is `sweepStore`'s to judge.
  for await (const entries of oldOnes(storage.listMultiparts({ signal }), ago(SWEEP_GRACE_MS))) {
    const rows = await listKnown(db, entries)
    await each(entries.filter(({ key, ref }) => {
      const row = rows.get(key)
      // A whole object on its way has no ref in its row.
      return row && (row.state !== 'staged' || (row.multipartRef !== null && row.multipartRef !== ref))
    }), entry => storage.abortMultipart(entry), how)
  }
}
