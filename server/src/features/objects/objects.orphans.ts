import type { Db } from '../../db/database.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Orphan } from './objects-orphans.queries.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { IDENTITY_KEY, isOwnKey } from '../../storage/object-key.ts'
import * as orphans from './objects-orphans.queries.ts'
import { isTooMuch, QUARANTINE_MS, SWEEP_GRACE_MS } from './objects.lifetime.ts'
import { BATCH, each, listKnown, oldOnes } from './objects.listing.ts'

/** Looks through the whole store for objects that no row knows: dear in a large one, and needed only after a crash at a bad moment. */
export const orphansJob = defineJob({
  name: 'storage.orphans',
  cron: '23 3 * * *',
  exclusive: true,
  expireInSeconds: 6 * 3600,
  retryLimit: 3,
})

/** Later than anything. */
export const EVER = new Date(8.64e15)

/** So many new ones a run notes at most; the rest comes with the next. */
const MOST_AT_ONCE = 10_000

export interface OrphansDeps {
  db: Db
  storage: Storage
  /** Whether the store is still the one that the database was last used with. */
  identity: { isOurs: () => Promise<boolean> }
  clock: () => Date
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
}

export interface OrphansFound {
  /** Older than the grace: objects, and what is staged to become one; without those about which somebody has decided. */
  lookedAt: number
  /** Of these, the ones that no row knows. They wait. */
  unknown: number
  /** Had waited long enough. */
  deleted: number
  /** Too much was unknown for this to be the store's database, or the store says itself that it is not: nothing was noted or deleted. */
  stopped: boolean
}

export interface StoreEntry { key: string, ref?: string, size?: number, modifiedAt: Date }

/**
 * Looks for what no row knows: what a crash put in place after its row had gone. It is noted, and deleted once it has been unknown for QUARANTINE_MS. All of the store is looked at
 * before anything is deleted, and when more is unknown than crashes leave, nothing is: then the database is another one (lost, restored from an old copy), not the store.
 */
export async function sweepStore(context: OrphansDeps, signal: AbortSignal): Promise<OrphansFound> {
  const { db, storage, identity, clock, log } = context
  const found: OrphansFound = {
    lookedAt: 0,
    unknown: 0,
    deleted: 0,
    stopped: false,
  }
  if (!await identity.isOurs()) {
    found.stopped = true
    log.error({ ...found }, 'the store is not the one that this database was last used with, so nothing in it was deleted: is it the right database?')
    return found
  }
  const now = clock()
  const ownLeft: Orphan[] = []
  const fresh: Orphan[] = []
  for await (const { entries, unknown } of listUnknown(context, new Date(now.getTime() - SWEEP_GRACE_MS), signal)) {
    // A file that the server writes for itself has no row, and says nothing about the database.
    ownLeft.push(...unknown.filter(({ key }) => isOwnKey(key)))
    const decided = await orphans.listDecided(db, unknown)
    const strange = unknown.filter(entry => !isOwnKey(entry.key) && !decided.has(nameOf(entry)))
    found.lookedAt += entries.filter(({ key }) => !isOwnKey(key)).length - decided.size
    found.unknown += strange.length
    fresh.push(...strange.slice(0, MOST_AT_ONCE - fresh.length))
  }

  found.stopped = isTooMuch(found.unknown, found.lookedAt)
  if (found.stopped) {
    log.error({
      ...found,
      keys: fresh.slice(0, 10).map(({ key }) => key),
    }, 'the database does not know too much of what the store has, so nothing was deleted: is it the right database?')
    return found
  }
  const droppedOwn = await each(ownLeft, entry => drop(storage, entry), { signal, log })
  for (let at = 0; at < fresh.length; at += BATCH) await orphans.noteUnknown(db, fresh.slice(at, at + BATCH), now)
  found.deleted = droppedOwn + await deleteDue(context, new Date(now.getTime() - QUARANTINE_MS), signal)
  log.info({ ...found }, 'looked through the store for what no row knows')
  return found
}

/** Deletes what has been unknown since then; what cannot be deleted stays noted for the next night. @returns how much */
async function deleteDue({ db, storage, log }: OrphansDeps, since: Date, signal: AbortSignal): Promise<number> {
  let deleted = 0
  for (let after: orphans.DueOrphan | undefined; ;) {
    const due = await orphans.listDue(db, since, after, BATCH)
    if (due.length === 0) return deleted
    after = due.at(-1)
    // The database may have been put right since.
    const known = await listKnown(db, due)
    for (const entry of due.filter(({ key }) => known.has(key))) await orphans.forget(db, entry)
    deleted += await each(due.filter(({ key }) => !known.has(key)), async (entry) => {
      await drop(storage, entry)
      await orphans.forget(db, entry)
    }, { signal, log })
  }
}

/**
 * Notes all that no row knows as of another deployment, or of a time that the database has lost: it is deleted when an operator says so, and not before.
 * So is what stands whole in the store and the database takes for unfinished: an old copy of it was made while that came in.
 * @returns how much there is of it
 */
export async function keepUnknown(context: Pick<OrphansDeps, 'db' | 'storage' | 'clock'>, signal: AbortSignal): Promise<{ count: number, bytes: number }> {
  const kept = { count: 0, bytes: 0 }
  for await (const { unknown } of listUnknown(context, EVER, signal, (row, ref) => row !== undefined && (ref !== undefined || row.state !== 'staged'))) {
    const strange = unknown.filter(({ key }) => !isOwnKey(key))
    await orphans.keep(context.db, strange, context.clock())
    kept.count += strange.length
    kept.bytes += strange.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
  }
  return kept
}

/** What the store has of before that moment, by batches, and the part of it that no row knows. */
export async function* listUnknown(
  { db, storage }: Pick<OrphansDeps, 'db' | 'storage'>,
  before: Date,
  signal: AbortSignal,
  isKnown: (row: { state: string } | undefined, ref?: string) => boolean = row => row !== undefined,
): AsyncGenerator<{ entries: StoreEntry[], unknown: (Orphan & Pick<StoreEntry, 'modifiedAt'>)[] }> {
  for (const list of [
    storage.listObjects({ signal }),
    storage.listMultiparts({ signal }),
  ]) {
    for await (const entries of oldOnes<StoreEntry>(list, before)) {
      const rows = await listKnown(db, entries)
      yield {
        entries,
        unknown: entries
          .filter(({ key, ref }) => key !== IDENTITY_KEY && !isKnown(rows.get(key), ref))
          .map(({ key, ref = '', size = null, modifiedAt }) => ({ key, ref, bytes: size, modifiedAt })),
      }
    }
  }
}

const nameOf = ({ key, ref }: Pick<Orphan, 'key' | 'ref'>) => `${key} ${ref}`

const drop = (storage: Storage, { key, ref }: Pick<Orphan, 'key' | 'ref'>) => ref === ''
  ? storage.deleteObject(key)
  : storage.abortMultipart({ key, ref })
