import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ObjectRegister } from './objects.service.ts'
import { systemCaller } from '../../http/caller.ts'
import { isOwnKey } from '../../storage/object-key.ts'
import * as sweep from './objects-sweep.queries.ts'
import { DOOMED_GRACE_MS, isTooMuch, SWEEP_GRACE_MS } from './objects.lifetime.ts'
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
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
}

/** Ends expired uploads, gives up what was staged and forgotten, deletes what is doomed, and drops what is staged for rows that no longer want it. */
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

  // What has no row at all is `sweepStore`'s to judge.
  for await (const entries of batches(storage.listMultiparts({ signal }), ago(SWEEP_GRACE_MS))) {
    const rows = await listKnown(context, entries)
    await each(entries.filter(({ key, ref }) => {
      const row = rows.get(key)
      // A whole object on its way has no ref in its row.
      return row && (row.state !== 'staged' || (row.multipartRef !== null && row.multipartRef !== ref))
    }), entry => storage.abortMultipart(entry))
  }
}

/** So many a run deletes at most; the rest comes with the next. */
const MOST_AT_ONCE = 10_000

export interface OrphansFound {
  /** Older than the grace: objects, and what is staged to become one. */
  lookedAt: number
  /** Of these, the ones that no row knows. */
  unknown: number
  deleted: number
  /** Too much was unknown for this to be the store's database: nothing was deleted. */
  stopped: boolean
}

/**
 * Deletes what no row knows: what a crash put in place after its row had gone. All of the store is looked at before anything is deleted, and when
 * more is unknown than crashes leave, nothing is: then the database is another one (lost, restored from an old copy), not the store.
 */
export async function sweepStore(context: SweepDeps, signal: AbortSignal): Promise<OrphansFound> {
  const { storage, clock, log } = context
  const before = new Date(clock().getTime() - SWEEP_GRACE_MS)
  const found: OrphansFound = {
    lookedAt: 0,
    unknown: 0,
    deleted: 0,
    stopped: false,
  }
  const orphans: Orphan[] = []
  for (const list of [
    storage.listObjects({ signal }),
    storage.listMultiparts({ signal }),
  ]) {
    for await (const entries of batches<Orphan & { modifiedAt: Date }>(list, before)) {
      const rows = await listKnown(context, entries)
      const unknown = entries.filter(({ key }) => !rows.has(key))
      // A file that the server writes for itself has no row, and says nothing about the database.
      const files = (list: readonly Orphan[]) => list.filter(({ key }) => !isOwnKey(key)).length
      found.lookedAt += files(entries)
      found.unknown += files(unknown)
      orphans.push(...unknown.slice(0, MOST_AT_ONCE - orphans.length))
    }
  }

  found.stopped = isTooMuch(found.unknown, found.lookedAt)
  if (found.stopped) {
    log.error({
      ...found,
      keys: orphans.slice(0, 10).map(({ key }) => key),
    }, 'the database does not know too much of what the store has, so nothing was deleted: is it the right database?')
    return found
  }
  for await (const entries of inBatches(orphans)) {
    // The database may have been put right since.
    const rows = await listKnown(context, entries)
    for (const { key, ref } of entries) {
      signal.throwIfAborted()
      if (rows.has(key)) continue
      await (ref === undefined
        ? storage.deleteObject(key)
        : storage.abortMultipart({ key, ref }))
      found.deleted++
    }
  }
  log.info({ ...found }, 'looked through the store for what no row knows')
  return found
}

/** `ref`: staged; without it a whole object. */
interface Orphan { key: string, ref?: string }

async function listKnown({ db }: SweepDeps, entries: readonly { key: string }[]) {
  const rows = await queries.listKnown(db, entries.map(({ key }) => key))
  return new Map(rows.map(row => [row.key, row]))
}

/** What is old enough, by hundreds: one query for each batch. */
async function* batches<T extends { modifiedAt: Date }>(list: AsyncIterable<T>, before: Date): AsyncGenerator<T[]> {
  async function* old() {
    for await (const entry of list) {
      if (entry.modifiedAt < before) yield entry
    }
  }
  yield* inBatches(old())
}

async function* inBatches<T>(list: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const entry of list) {
    batch.push(entry)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
