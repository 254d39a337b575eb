import type { Db } from '../../db/database.ts'
import type { Storage } from '../../storage/storage.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { IdentityService } from '../identity/identity.service.ts'
import type { StorageKind } from '../instance/storage-home.ts'
import type { ObjectRegister } from '../objects/objects.service.ts'
import type { UploadSessions } from '../uploads/parts/upload-session.service.ts'
import type { Amount } from './copy-object.ts'
import type { MoveLock } from './move-lock.ts'
import type { MovableObject, MoveRow } from './storage-move.queries.ts'
import { Readable } from 'node:stream'
import { systemCaller } from '../../http/caller.ts'
import { fileIntegrityFailed, instanceStorageMoved } from '../audit/audit.actions.ts'
import { setStorageHome } from '../instance/storage-home.ts'
import { keepUnknown } from '../objects/objects.orphans.ts'
import { atStore, copyWithRetries, problemOf, RETRY_MS, StoreFailure } from './copy-object.ts'
import { inPages, inParallel } from './in-parallel.ts'
import * as queries from './storage-move.queries.ts'

const AT_ONCE = 4
const PAGE = 500
/** So many objects in a row that the source cannot give are no damaged objects, but a store that is away. */
const AWAY_AFTER = 5
/** More rounds than this under the lock mean that something still writes. */
const ROUNDS = 3
const EVENTS_AT_ONCE = 500

export interface MoveProgress {
  /** Verified in the target, by this run and those before it. */
  done: Amount
  total: Amount
  /** Bytes that this run has read; what had to be read again counts once. */
  bytesThisRun: number
  copiedThisRun: number
  damaged: number
}

export interface DamagedObject extends Pick<MovableObject, 'fileId' | 'version'> { problem: string }

export interface MoveOptions {
  /** Stops the run; all that is verified stays so. */
  signal: AbortSignal
  /** Switch although objects are damaged: their versions are marked as broken. */
  skipDamaged?: boolean
  onDamaged: (object: DamagedObject) => void
  /** Told once, when the lock is held and the switch begins. */
  onAlone?: () => void
}

export type MoveOutcome
  = | { result: 'moved', endedUploads: number, skipped: number, /** What the target had before, and no row knows. */ kept: number }
    /** All is copied; something still serves. */
    | { result: 'serving' }
    /** `all`: not one object could be read. That is another store than the one meant. */
    | { result: 'damaged', count: number, all: boolean }

export interface StorageMove {
  /** Copies, verifies and, when nothing serves, switches. @throws {StoreFailure} when a store fails for longer than a few tries */
  run: (options: MoveOptions) => Promise<MoveOutcome>
  /** What has been done; live while it runs. */
  progress: Readonly<MoveProgress>
}

export interface StorageMoveDeps {
  db: Db
  lock: MoveLock
  source: { kind: StorageKind, storage: Storage }
  target: { kind: StorageKind, storage: Storage }
  audit: AuditLog
  objects: Pick<ObjectRegister, 'remove' | 'discard'>
  sessions: Pick<UploadSessions, 'giveUp'>
  identity: Pick<IdentityService, 'mark'>
  clock: () => Date
  newId: () => string
  log: { error: (fields: object, message: string) => void }
  retryMs?: readonly number[]
}

class Unsettled extends Error {}

/** Brings all bytes from one driver to the other. Everything that it knows is in the database, so a run that ended anyhow is gone on with by the next. */
export function createStorageMove({ db, lock, source, target, audit, objects, sessions, identity, clock, newId, log, retryMs = RETRY_MS }: StorageMoveDeps): StorageMove {
  const none = (): Amount => ({ objects: 0, bytes: 0 })
  const progress: MoveProgress = {
    done: none(),
    total: none(),
    bytesThisRun: 0,
    copiedThisRun: 0,
    damaged: 0,
  }
  const markerOf = (moveId: string) => `moves/${moveId}`

  /** Goes on with the move that was begun, if this is the store that it went to. */
  async function begin(): Promise<MoveRow> {
    const begun = await queries.findUnfinishedMove(db)
    if (begun?.target === target.kind && await target.storage.statObject(markerOf(begun.id))) return begun
    if (begun) await queries.deleteMove(db, begun.id)
    const move = {
      id: newId(),
      source: source.kind,
      target: target.kind,
      startedAt: clock(),
      finishedAt: null,
    }
    await queries.insertMove(db, move)
    await target.storage.putObject(markerOf(move.id), Readable.from([]), { size: 0 })
    return move
  }

  async function copy(object: MovableObject, signal: AbortSignal): Promise<void> {
    const { how } = await copyWithRetries({ source: source.storage, target: target.storage }, object, {
      signal,
      retryMs,
      onBytes(count) {
        progress.done.bytes += count
        progress.bytesThisRun += count
      },
    })
    if (how === 'copied') progress.copiedThisRun++
  }

  /** Copies all that has no verified copy yet. What is damaged is noted and left out. */
  async function copyAll(move: MoveRow, { signal: stop, onDamaged }: MoveOptions): Promise<void> {
    progress.total = await queries.countMovable(db)
    progress.done = await queries.countCopied(db, move.id)
    progress.damaged = 0
    let unreadable = 0

    async function register(page: readonly MovableObject[]): Promise<void> {
      await queries.registerCopies(db, move.id, page.map(object => object.key))
    }

    async function copyOne(object: MovableObject, signal: AbortSignal): Promise<void> {
      try {
        await copy(object, signal)
        await queries.settleCopy(db, move.id, object.key, {
          verifiedAt: clock(),
        })
        progress.done.objects++
        unreadable = 0
      }
      catch (error) {
        const problem = problemOf(error)
        if (problem === undefined || signal.aborted) throw error
        // Deleted while it was being read.
        if (!await queries.isStillMovable(db, object.key)) return
        if (error instanceof StoreFailure && ++unreadable >= AWAY_AFTER) throw error
        await queries.settleCopy(db, move.id, object.key, { problem })
        progress.damaged++
        onDamaged({ fileId: object.fileId, version: object.version, problem })
      }
    }

    await inParallel(inPages(page => queries.listUncopied(db, move.id, page), PAGE, register), AT_ONCE, copyOne, stop)
  }

  /** Deletes from the target what was deleted from the source after it had been copied. */
  async function prune(move: MoveRow, signal: AbortSignal): Promise<void> {
    await inParallel(inPages(page => queries.listStaleCopies(db, move.id, page), PAGE), AT_ONCE, async ({ key }) => {
      await target.storage.deleteObject(key).catch(atStore('target'))
      await queries.deleteCopy(db, move.id, key)
    }, signal)
  }

  /** The target's own list has the last word on what is there: what it does not have is to be copied again. */
  async function compareWithList(move: MoveRow, signal: AbortSignal): Promise<void> {
    const since = clock()
    let entries: { key: string, size: number }[] = []
    for await (const entry of target.storage.listObjects({ signal })) {
      if (entries.push(entry) < PAGE) continue
      await queries.markListed(db, move.id, entries, since)
      entries = []
    }
    await queries.markListed(db, move.id, entries, since)
    await queries.unverifyUnlisted(db, move.id, since)
  }

  /** What is not a file yet cannot be moved: uploads begin again. What was to be deleted is. @returns how many uploads were given up */
  async function clearUnfinished(signal: AbortSignal): Promise<number> {
    let ended = 0
    await inParallel(inPages(page => queries.listOpenUploads(db, page), PAGE), 1, async ({ key: id }) => {
      if (await sessions.giveUp(systemCaller, { id }, 'moved')) ended++
    }, signal)
    await inParallel(inPages(page => queries.listObjectsIn(db, 'staged', page), PAGE), AT_ONCE, ({ key }) => objects.discard(key), signal)
    await inParallel(inPages(page => queries.listObjectsIn(db, 'doomed', page), PAGE), AT_ONCE, ({ key }) =>
      objects.remove(key).catch((error: unknown) => log.error({ err: error, key }, 'a deleted object could not be removed from the old store')), signal)
    return ended
  }

  /** In one transaction, on the connection that holds the locks. @throws {Unsettled} and changes nothing */
  function switchOver(move: MoveRow, endedUploads: number): Promise<{ skipped: number }> {
    return lock.db.transaction(async (tx) => {
      const now = clock()
      const { name } = await setStorageHome(tx, { from: source.kind, to: target.kind, now })
      // Only now nothing can be added.
      if (await queries.countUnsettled(tx, move.id) > 0) throw new Unsettled('Something still writes to the database or deletes from the target. Nothing was switched; run it again.')
      const skipped = await queries.countDamaged(tx, move.id)
      const failed = await queries.failDamagedVersions(tx, move.id)
      await queries.finishMove(tx, move.id, now)
      for (let at = 0; at < failed.length; at += EVENTS_AT_ONCE) {
        await audit.record(tx, systemCaller, ...failed.slice(at, at + EVENTS_AT_ONCE).map(({ workspaceId, itemId, parentId, fileName, number, problem }) => fileIntegrityFailed({
          workspaceId,
          subject: { kind: 'file', id: itemId, name: fileName },
          details: { parentId, version: number, problem: `the stored object ${problem}` },
        })))
      }
      await audit.record(tx, systemCaller, instanceStorageMoved({
        subject: { kind: 'instance', id: null, name },
        details: {
          from: source.kind,
          to: target.kind,
          objects: progress.total.objects - skipped,
          bytes: progress.total.bytes,
          skipped,
          endedUploads,
        },
      }))
      return { skipped }
    })
  }

  async function findDamage(move: MoveRow, { skipDamaged }: MoveOptions): Promise<MoveOutcome | undefined> {
    const count = await queries.countDamaged(db, move.id)
    const all = count > 0 && count === progress.total.objects
    return count > 0 && (all || !skipDamaged)
      ? { result: 'damaged', count, all }
      : undefined
  }

  return {
    progress,
    async run(given) {
      const signal = AbortSignal.any([given.signal, lock.lost])
      const options = { ...given, signal }
      await target.storage.probe().catch(atStore('target'))
      const move = await begin().catch(atStore('target'))
      await prune(move, signal)
      await copyAll(move, options)
      await prune(move, signal)
      const damage = await findDamage(move, options)
      if (damage) return damage
      if (!await lock.tryAlone()) return { result: 'serving' }

      given.onAlone?.()
      let endedUploads = 0
      for (let round = 1; ; round++) {
        endedUploads += await clearUnfinished(signal)
        await copyAll(move, options)
        await prune(move, signal)
        const damage = await findDamage(move, options)
        if (damage) return damage
        await compareWithList(move, signal).catch(atStore('target'))
        await identity.mark(target.storage).catch(atStore('target'))
        const kept = await keepUnknown({ db, storage: target.storage, clock }, signal).catch(atStore('target'))
        try {
          const { skipped } = await switchOver(move, endedUploads)
          await target.storage.deleteObject(markerOf(move.id)).catch(() => {}) // the sweep finds it
          return {
            result: 'moved',
            endedUploads,
            skipped,
            kept: kept.count,
          }
        }
        catch (error) {
          if (!(error instanceof Unsettled) || round === ROUNDS) throw error
        }
      }
    },
  }
}
