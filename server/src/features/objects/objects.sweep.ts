import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ObjectRegister } from './objects.service.ts'
import { systemCaller } from '../../http/caller.ts'
import * as sweep from './objects-sweep.queries.ts'
import { DOOMED_GRACE_MS, SWEEP_GRACE_MS } from './objects.lifetime.ts'
import * as queries from './objects.queries.ts'

const BATCH = 500

/** What ends an upload; all the rest of it is another feature's. */
export interface UploadsEnd {
  giveUp: (caller: Caller, upload: { id: string }, reason: 'expired') => Promise<unknown>
}

export interface SweepDeps {
  db: Db
  storage: Storage
  objects: Pick<ObjectRegister, 'discard' | 'remove'>
  clock: () => Date
  log: { error: (fields: object, message: string) => void }
}

/** Ends expired uploads, gives up what was staged and forgotten, deletes what is doomed, and drops staging files that no row knows. */
export async function sweepDatabase(context: SweepDeps, uploadsEnd: UploadsEnd, signal: AbortSignal): Promise<void> {
  const { db, storage, objects: register, clock, log } = context
  const ago = (ms: number) => new Date(clock().getTime() - ms)
  /** One that fails does not keep the others. */
  async function each<T extends object>(list: readonly T[], work: (entry: T) => Promise<unknown>): Promise<void> {
    for (const entry of list) {
      signal.throwIfAborted()
      await work(entry).catch((error: unknown) => log.error({ err: error, ...entry }, 'the sweep comes again for this'))
    }
  }

  await each(await sweep.listExpiredUploads(db, clock(), BATCH), upload => uploadsEnd.giveUp(systemCaller, upload, 'expired'))
  await sweep.deleteEndedUploads(db, clock())
  await each(await sweep.listForgotten(db, ago(SWEEP_GRACE_MS), BATCH), ({ key }) => register.discard(key))
  await each(await queries.listDoomed(db, ago(DOOMED_GRACE_MS), BATCH), ({ key }) => register.remove(key))

  for await (const entries of batches(storage.listMultiparts({ signal }), ago(SWEEP_GRACE_MS))) {
    const rows = new Map((await listKnown(context, entries)).map(row => [row.key, row]))
    await each(entries.filter(({ key, ref }) => {
      const row = rows.get(key)
      // A whole object on its way has no ref in its row.
      return row?.state !== 'staged' || (row.multipartRef !== null && row.multipartRef !== ref)
    }), entry => storage.abortMultipart(entry))
  }
}

/** Deletes the objects that no row knows: what a crash put in place after its row had gone. */
export async function sweepStore(context: SweepDeps, signal: AbortSignal): Promise<void> {
  const { storage, clock } = context
  for await (const entries of batches(storage.listObjects({ signal }), new Date(clock().getTime() - SWEEP_GRACE_MS))) {
    const known = new Set((await listKnown(context, entries)).map(row => row.key))
    for (const { key } of entries) {
      signal.throwIfAborted()
      if (!known.has(key)) await storage.deleteObject(key)
    }
  }
}

const listKnown = ({ db }: SweepDeps, entries: readonly { key: string }[]) => queries.listKnown(db, entries.map(({ key }) => key))

/** What is old enough, by hundreds: one query for each batch. */
async function* batches<T extends { modifiedAt: Date }>(list: AsyncIterable<T>, before: Date): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const entry of list) {
    if (entry.modifiedAt >= before) continue
    batch.push(entry)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
