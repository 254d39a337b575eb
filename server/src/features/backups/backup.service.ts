import type { Release } from '../../config/release.ts'
import type { Sealer } from '../../crypto/age.ts'
import type { Db } from '../../db/database.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Amount, CopyOptions } from '../storage-move/copy-object.ts'
import type { MoveProgress } from '../storage-move/storage-move.service.ts'
import type { BackupConnection } from './backup-connection.ts'
import type { Manifest, PartFile, TableFile } from './backup-format.ts'
import type { BackupTarget } from './backup-target.ts'
import type { Retention } from './backups.policy.ts'
import type { Facts, ListedObject, ListTotals } from './backups.queries.ts'
import { createHmac } from 'node:crypto'
import { Readable } from 'node:stream'
import { copyIn, copyOut } from '../../db/copy.ts'
import { withoutQuery } from '../../db/db-errors.ts'
import { listMigrations } from '../../db/migrate.ts'
import { EXIT_CONFIG, ExitError } from '../../errors/exit-error.ts'
import { deriveKey } from '../../http/tokens.ts'
import { COPY_UNFINISHED } from '../../jobs/job-queue.ts'
import { atStore, copyWithRetries, problemOf, StoreFailure } from '../storage-move/copy-object.ts'
import { inPages, inParallel } from '../storage-move/in-parallel.ts'
import { BackupRefused, checkPart, formatOf, listBackupIds, objectsOf, openPart, partKey, readManifest, writeManifest, writePart } from './backup-format.ts'
import { atTarget, claimTarget } from './backup-target.ts'
import * as queries from './backups.queries.ts'
import { sealedSource, sumOf } from './encrypted-objects.ts'
import { pruneBackups } from './prune-backups.ts'

const AT_ONCE = 4
const PAGE = 500
/** So many objects in a row that the source cannot give are no damaged objects, but a store that is away. */
const AWAY_AFTER = 5
const DAY_MS = 24 * 3_600_000
/** What is told of former backups. */
const REMEMBER_MS = 400 * DAY_MS

/**
 * Not a part of a backup: what opens doors and is short-lived (whoever was signed in signs in again), and what is of the store and the place that
 * the backup was made of.
 */
const LEFT_OUT = new Set([
  'sessions',
  'access_tokens',
  'sign_in_steps',
  'passkey_challenges',
  'download_tickets',
  'storage_copies',
  'orphans',
  'backups',
  'restores',
  'examinations',
])

export interface BackupDeps {
  db: Db
  connection: BackupConnection
  storage: Storage
  clock: () => Date
  /** A few characters that no other backup has. */
  newId: () => string
  release: Release
  /** Of the instance key only what tells it from others is written down. */
  secretKey: string
  /** What is set otherwise than by default. The secrets are in encrypted backups alone. */
  settings: BackedUpSettings
  /** Encrypts the backup. */
  sealer?: Sealer
  retryMs?: readonly number[]
}

/** What an encrypted backup has as JSON in its file `settings`. */
export interface BackedUpSettings { settings: Manifest['settings'], secrets: Record<string, string> }

export interface BackupOptions {
  /** Stops the run; what is copied stays in the target for the next one. */
  signal: AbortSignal
  retention?: Retention
  onDamaged: (object: DamagedInBackup) => void
  /** When the moment is fixed: what changes from here on is not in it. */
  onTaken?: () => Promise<void> | void
}

export interface DamagedInBackup extends Pick<ListedObject, 'key' | 'fileId' | 'version' | 'knownDamaged'> { problem: string }

export interface BackupMade {
  manifest: Manifest
  /** What earlier backups had. */
  kept: Amount
  /** Not known to be damaged before. */
  newlyDamaged: number
  pruned: number
}

export interface BackupRun {
  /** @throws {BackupRefused}, {StoreFailure} */
  run: (target: BackupTarget, options: BackupOptions) => Promise<BackupMade>
  progress: Readonly<MoveProgress>
}

/** By which an instance key is known again: another purpose than all others, and not to be turned back. */
export const markOfSecretKey = (secretKey: string) => createHmac('sha256', deriveKey(secretKey, 'backup-mark')).update('clientshare').digest('hex').slice(0, 32)

/** Makes a backup: all of one moment, while people work. What it has copied when it ends anyhow, the next one does not copy again. */
export function createBackup({ db, connection, storage, clock, newId, release, secretKey, settings, sealer, retryMs }: BackupDeps): BackupRun {
  const { client, inTurn } = connection
  const progress: MoveProgress = {
    done: { objects: 0, bytes: 0 },
    total: { objects: 0, bytes: 0 },
    bytesThisRun: 0,
    copiedThisRun: 0,
    damaged: 0,
  }

  interface Taken { facts: Facts, migration: string, takenAt: Date, tables: TableFile[], jobs: PartFile }

  /** The database, and the list of what is to be copied, of one moment. Deletions wait from before it until the connection ends. */
  async function takeSnapshot({ storage: target }: BackupTarget, id: string, signal: AbortSignal, onTaken: BackupOptions['onTaken']): Promise<Taken> {
    await connection.keepObjects()
    await queries.makeLists(connection.db)
    await client.query('begin isolation level repeatable read, read only')
    const facts = await queries.readFacts(connection.db)
    const takenAt = clock()
    await onTaken?.()
    const migration = listMigrations().find(({ when }) => when === facts.migratedAt)
    if (!migration) throw new ExitError('The database was migrated by another version meanwhile. Nothing was backed up.', EXIT_CONFIG)
    if (facts.storage !== null && facts.storage !== storage.kind) throw new ExitError(`The bytes are in STORAGE=${facts.storage}, but this process has STORAGE=${storage.kind}.`, EXIT_CONFIG)
    await queries.noteObjects(connection.db)
    const write = async (part: string, statement: string): Promise<PartFile> => {
      const { body, rowCount } = copyOut(client, statement)
      const file = await writePart(target, partKey(id, part), body, signal, sealer)
      return {
        ...file,
        rows: rowCount(),
      }
    }
    const tables: TableFile[] = []
    for (const { table, columns } of await queries.listTables(connection.db)) {
      signal.throwIfAborted()
      if (LEFT_OUT.has(table)) continue
      const names = columns.map(column => client.escapeIdentifier(column)).join(', ')
      tables.push({
        table,
        columns,
        ...await write(`tables/${table}`, `copy public.${client.escapeIdentifier(table)} (${names}) to stdout`),
      })
    }
    const jobs = await write('jobs', COPY_UNFINISHED)
    await client.query('commit')
    return {
      facts,
      migration: migration.tag,
      takenAt,
      tables,
      jobs,
    }
  }

  /** What earlier backups brought need not be copied again. */
  async function noteThere({ storage: target }: BackupTarget, signal: AbortSignal): Promise<void> {
    await queries.listTarget(connection.db, objectsOf(target, sealer?.recipients).listObjects({ signal }))
    if (sealer) {
      await noteLastStored(target, sealer, signal)
      await queries.forgetThoseGone(connection.db)
    }
    else {
      await queries.storeThoseThere(connection.db)
    }
    await queries.takeThoseStored(connection.db)
  }

  /** Reads how objects lie there from the last backup that these keys open. Without one that can be read, each is looked at. */
  async function noteLastStored(target: Storage, { recipients }: Sealer, signal: AbortSignal): Promise<void> {
    for (const { id, hasManifest } of await listBackupIds(target, signal)) {
      try {
        const manifest = hasManifest
          ? await readManifest(target, id, signal)
          : undefined
        if (manifest?.encrypted?.recipients.join() !== recipients.join()) continue
        await checkPart(target, manifest.encrypted.objects, signal) // before the connection reads what may break off
        await copyIn(client, `copy backup_stored (${queries.STORED_COLUMNS}) from stdin`, await openPart(target, manifest.encrypted.objects, signal))
        return
      }
      catch (error) {
        // What was changed there ends no new backup: a restore and a deletion say so.
        if (!(error instanceof BackupRefused)) throw error
      }
    }
  }

  /** Copies an object and encrypts it on the way, unless a run that was cut off has brought it. @returns the SHA-256 that its version has */
  async function copyEncrypted(target: Storage, sealer: Sealer, object: ListedObject, { signal, onBytes }: CopyOptions): Promise<string> {
    const { key, size, sha256, there } = object
    const place = objectsOf(target, sealer.recipients)
    const storedSize = sealer.sizeOf(size)
    const note = (sum: string) => inTurn(() => queries.noteStored(connection.db, key, { size: storedSize, sha256: sum }))
    if (sha256 !== null && there === storedSize) {
      const sum = await sumOf(place, key, storedSize, signal).catch(atStore('target', {
        corrupt: () => undefined,
        not_found: () => undefined,
      }))
      if (sum !== undefined) {
        await note(sum)
        onBytes(size)
        return sha256
      }
    }
    let read = ''
    const { sha256: sum } = await copyWithRetries({
      source: sealedSource(storage, sealer, object, (found) => { read = found }),
      target: place,
    }, { key, size: storedSize, sha256: null }, {
      signal,
      retryMs,
      // Of what the version has, as everything that is told of progress.
      onBytes: count => onBytes(count * size / storedSize),
    })
    await note(sum)
    return read
  }

  async function copyAll({ storage: target }: BackupTarget, { signal: stop, onDamaged }: BackupOptions): Promise<void> {
    let unreadable = 0
    const settle = (key: string, result: { sha256: string } | { problem: string }) => inTurn(() => queries.settleObject(connection.db, key, result))

    async function copyOne(object: ListedObject, signal: AbortSignal): Promise<void> {
      const onBytes = (count: number) => {
        progress.done.bytes += count
        progress.bytesThisRun += count
      }
      try {
        const sha256 = sealer
          ? await copyEncrypted(target, sealer, object, { signal, onBytes })
          : (await copyWithRetries({
              source: storage,
              target: objectsOf(target),
            }, object, { signal, onBytes, retryMs })).sha256
        await settle(object.key, { sha256 })
        progress.done.objects++
        progress.copiedThisRun++
        unreadable = 0
      }
      catch (error) {
        const problem = problemOf(error)
        if (problem === undefined || signal.aborted) throw error
        if (error instanceof StoreFailure && ++unreadable >= AWAY_AFTER) throw error
        await settle(object.key, { problem })
        progress.damaged++
        const { key, fileId, version, knownDamaged } = object
        onDamaged({
          key,
          fileId,
          version,
          knownDamaged,
          problem,
        })
      }
    }

    await inParallel(inPages(page => inTurn(() => queries.listOpen(connection.db, page)), PAGE), AT_ONCE, copyOne, stop)
  }

  async function conclude({ storage: target }: BackupTarget, id: string, startedAt: Date, { facts, migration, takenAt, tables, jobs }: Taken, signal: AbortSignal): Promise<{ manifest: Manifest, totals: ListTotals }> {
    const write = async (part: string, statement: string, sealed: Sealer | undefined): Promise<PartFile> => {
      const { body, rowCount } = copyOut(client, statement)
      const file = await writePart(target, partKey(id, part), body, signal, sealed)
      return {
        ...file,
        rows: rowCount(),
      }
    }
    const objects = await write('objects', queries.COPY_LIST, sealer)
    const encrypted = sealer && {
      recipients: [...sealer.recipients],
      objects: await write('encrypted', queries.COPY_STORED, undefined),
      settings: {
        ...await writePart(target, partKey(id, 'settings'), Readable.from([
          Buffer.from(JSON.stringify(settings)),
        ]), signal, sealer),
        rows: 1,
      },
    }
    const totals = await queries.sumUpList(connection.db)
    const manifest: Manifest = {
      format: formatOf(encrypted !== undefined),
      id,
      version: release.version,
      commit: release.commit ?? null,
      migration,
      identity: facts.identity,
      secretKeyMark: markOfSecretKey(secretKey),
      startedAt: startedAt.toISOString(),
      takenAt: takenAt.toISOString(),
      endedAt: clock().toISOString(),
      tables,
      jobs,
      objects,
      encrypted,
      holds: {
        workspaces: facts.workspaces,
        users: facts.users,
        files: facts.files,
        objects: totals.there.objects,
        bytes: totals.there.bytes,
        damaged: totals.damaged,
      },
      settings: encrypted
        ? {}
        : settings.settings,
      secretsToKeep: encrypted
        ? []
        : Object.keys(settings.secrets),
    }
    await writeManifest(target, manifest, signal)
    return { manifest, totals }
  }

  async function make(target: BackupTarget, id: string, startedAt: Date, options: BackupOptions): Promise<Omit<BackupMade, 'pruned'>> {
    const { signal, onTaken } = options
    const taken = await takeSnapshot(target, id, signal, onTaken)
    await noteThere(target, signal)
    const before = await queries.sumUpList(connection.db)
    progress.total = before.all
    progress.done = { ...before.there }
    await copyAll(target, options)
    const { manifest, totals } = await conclude(target, id, startedAt, taken, signal)
    await queries.endBackup(db, id, {
      endedAt: clock(),
      objects: totals.there.objects,
      bytes: totals.there.bytes,
      newBytes: totals.there.bytes - before.there.bytes,
      damaged: totals.newlyDamaged,
    })
    return { manifest, kept: before.there, newlyDamaged: totals.newlyDamaged }
  }

  return {
    progress,
    async run(target, given) {
      const signal = AbortSignal.any([given.signal, connection.lost])
      const startedAt = clock()
      const id = `${startedAt.toISOString().replace(/[-:]|\.\d+/g, '')}-${newId()}`
      const { identity } = await queries.readFacts(connection.db)
      await claimTarget(target, {
        source: storage,
        identity,
        probe: `probe-${id}`,
        signal,
      })
      await queries.insertBackup(db, { id, place: target.place, startedAt })
      const made = await make(target, id, startedAt, { ...given, signal }).catch(async (error: unknown) => {
        await queries.endBackup(db, id, {
          endedAt: clock(),
          problem: (withoutQuery(error) as Error).message,
        }).catch(() => {}) // the database may be what failed
        throw error
      })
      await queries.forgetBackups(db, new Date(clock().getTime() - REMEMBER_MS))
      const pruned = given.retention && await pruneBackups(connection, target, given.retention, signal).catch(atTarget)
      return { ...made, pruned: pruned?.backups ?? 0 }
    },
  }
}
