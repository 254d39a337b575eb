import type { Opener } from '../../crypto/age.ts'
import type { Db } from '../../db/database.ts'
import type { Job, JobQueue } from '../../jobs/job-queue.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { Storage } from '../../storage/storage.ts'
import type { AnnouncementsService } from '../announcements/announcements.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { IdentityService } from '../identity/identity.service.ts'
import type { MoveProgress } from '../storage-move/storage-move.service.ts'
import type { UploadSessions } from '../uploads/parts/upload-session.service.ts'
import type { Verification, Verified } from '../verify/verify.service.ts'
import type { BackupConnection } from './backup-connection.ts'
import type { Manifest } from './backup-format.ts'
import type { BackupTarget } from './backup-target.ts'
import type { DatabaseContent, ListedObject } from './backups.queries.ts'
import { Readable } from 'node:stream'
import { copyIn } from '../../db/copy.ts'
import { listMigrations } from '../../db/migrate.ts'
import { EXIT_TEMPFAIL, ExitError } from '../../errors/exit-error.ts'
import { systemCaller } from '../../http/caller.ts'
import { isOwnKey } from '../../storage/object-key.ts'
import { fileIntegrityFailed, instanceKeyRotated, instanceRestored } from '../audit/audit.actions.ts'
import { readStoreIdentity } from '../identity/store-identity.ts'
import { encryptAgain } from '../instance/instance-key.service.ts'
import { keepUnknown } from '../objects/objects.orphans.ts'
import { atStore, copyWithRetries, DamagedSource } from '../storage-move/copy-object.ts'
import { inPages, inParallel } from '../storage-move/in-parallel.ts'
import { BackupRefused, checkPart, damagedBackup, describeKeys, objectsOf, openPart, readPart } from './backup-format.ts'
import { markOfSecretKey } from './backup.service.ts'
import * as queries from './backups.queries.ts'
import { chooseBackup, readSettings } from './choose-backup.ts'
import { openedSource } from './encrypted-objects.ts'

const AT_ONCE = 4
const PAGE = 500
/** Named in a message at most. */
const NAMED = 5

/** How what was restored is brought into use: on the schema of this version, once the rows are there. */
export interface RestoredDeps {
  db: Db
  jobs: JobQueue
  /** The kinds of work that can be sent again, by name. */
  jobKinds: ReadonlyMap<string, Job>
  audit: AuditLog
  identity: Pick<IdentityService, 'join'>
  storage: Storage
  sessions: Pick<UploadSessions, 'giveUp'>
  verification: Pick<Verification, 'run'>
  instance: { settings: () => Promise<{ name: string }> }
  mail: Pick<Mailer, 'endWaiting'>
  announcements: Pick<AnnouncementsService, 'endPending'>
  clock: () => Date
}

export interface RestoreDeps {
  connection: BackupConnection
  /** The deployment's own, empty. */
  storage: Storage
  secretKey: string
  clock: () => Date
  /** To this migration, or to the last. */
  migrate: (until?: string) => Promise<void>
  openDeployment: () => Promise<RestoredDeps>
  retryMs?: readonly number[]
}

export interface RestoreOptions {
  signal: AbortSignal
  /** The newest unless told otherwise. */
  backupId?: string
  /** Looks at everything, and changes nothing. */
  dryRun?: boolean
  /** Opens a backup that is encrypted. Without one only a dry run looks at it, as far as that goes. */
  opener?: Opener
  /** Restore although SECRET_KEY is another one: links cannot be shown again. An encrypted backup has the right one in it. */
  otherSecretKey?: boolean
  /** The store is the deployment's own and still has its files: what is right is kept, and what the backup does not know is kept aside. */
  keepStore?: boolean
  /** What is about to be restored, once nothing stands in the way. */
  onChosen?: (manifest: Manifest, resumed: boolean) => void
  onNote?: (line: string) => void
}

export interface Proof {
  tables: number
  rows: number
  objects: number
  bytes: number
  /** Which the backup could not get: their versions are marked as damaged. */
  damaged: number
  /** What `verify` finds, the bytes aside: each was read back as it was copied. */
  verified: Verified
  endedUploads: number
  jobs: number
  /** Addresses of links that were encrypted again, for this deployment's SECRET_KEY. */
  links: number
  /** What the store had and the backup does not know. */
  aside: { count: number, bytes: number }
}

export interface Restore {
  /** @returns what was proved; undefined after a dry run. @throws {BackupRefused} when the backup or the deployment is not as it has to be; {StoreFailure} */
  run: (target: BackupTarget, options: RestoreOptions) => Promise<{ manifest: Manifest, proof: Proof | undefined }>
  progress: Readonly<MoveProgress>
}

const markerOf = (backupId: string) => `restores/${backupId}`

export function createRestore({ connection, storage, secretKey, clock, migrate, openDeployment, retryMs }: RestoreDeps): Restore {
  const { client, inTurn } = connection
  const progress: MoveProgress = {
    done: { objects: 0, bytes: 0 },
    total: { objects: 0, bytes: 0 },
    bytesThisRun: 0,
    copiedThisRun: 0,
    damaged: 0,
  }

  /** @returns the instance key of the backup's deployment, where the backup tells it. Nothing is written before this and its like are through. */
  async function requireReadable(target: BackupTarget, manifest: Manifest, { otherSecretKey, opener, dryRun, signal }: RestoreOptions): Promise<string | undefined> {
    const { id, version, migration, encrypted } = manifest
    if (!listMigrations().some(({ tag }) => tag === migration))
      throw new BackupRefused(`The backup ${id} was made by ClientShare ${version}, whose database this version does not know (${migration}). Restore it with that version or a newer one.`)
    if (encrypted) {
      if (opener) {
        const { SECRET_KEY = '' } = (await readSettings(target, manifest, opener, signal)).secrets
        if (markOfSecretKey(SECRET_KEY) !== manifest.secretKeyMark) throw damagedBackup(`${encrypted.settings.key} is not of this backup: it has another SECRET_KEY than the manifest says.`)
        return SECRET_KEY
      }
      if (!dryRun) throw new BackupRefused(`The backup ${id} is encrypted for ${describeKeys(encrypted.recipients)}. Give the file with the secret key: --identity <file>.`)
      return undefined
    }
    if (manifest.secretKeyMark !== markOfSecretKey(secretKey) && !otherSecretKey)
      throw new BackupRefused(`The backup ${id} is of a deployment with another SECRET_KEY. Set the one that it had; or, when that is lost, add --other-secret-key: addresses of links that were made before can then not be shown again.`)
    return undefined
  }

  /** @returns what the database has when this backup may be restored into it */
  async function requireRoom({ id, identity }: Manifest, { keepStore }: RestoreOptions, signal: AbortSignal): Promise<Exclude<DatabaseContent, { content: 'filled' }>> {
    const found = await queries.lookAtDatabase(connection.db)
    if (found.content === 'filled') throw new BackupRefused(`The database is not empty: it has ${found.what}. Restore into an empty one.`)
    if (found.content === 'loaded' && (found.backupId !== id || found.isProved)) {
      throw new BackupRefused(`The database is not empty: it was restored from the backup ${found.backupId}${found.isProved
        ? ''
        : ', which has not ended. Go on with that one'}. Restore into an empty one.`)
    }
    if (found.content === 'empty') {
      const known = new Set(listMigrations().map(({ when }) => when))
      if (found.migratedAt.some(when => !known.has(when))) throw new BackupRefused('The database was migrated by a newer version of ClientShare. Start that version, or restore into an empty database.')
    }
    if (await storage.statObject(markerOf(id)).catch(atStore('target'))) return found
    if (keepStore) {
      const store = await readStoreIdentity(storage).catch(atStore('target'))
      if (store?.deployment !== identity) {
        throw new BackupRefused(`The store is not the one of the backup’s deployment (${identity}): ${store
          ? `it is of ${store.deployment}`
          : 'it does not say whose it is'}. Without --keep-store, restore into an empty one.`)
      }
      return found
    }
    for await (const { key } of storage.listObjects({ signal })) {
      if (!isOwnKey(key)) throw new BackupRefused(`The store is not empty: it has ${key}. Restore into an empty one; or, when it is the deployment’s own and only the database was lost, add --keep-store.`)
      if (key.startsWith(markerOf(''))) throw new BackupRefused(`Another backup was being restored into this store (${key.slice(markerOf('').length)}). Go on with that one, or empty the store.`)
    }
    return found
  }

  /** Reads all that is not an object and compares it with the manifest's sums, and what is to be there with what is. Most of it needs no key. */
  async function requireWhole({ storage: source }: BackupTarget, { tables, jobs, objects, encrypted, holds }: Manifest, { opener, signal }: RestoreOptions): Promise<void> {
    const parts = [
      ...tables,
      jobs,
      objects,
      ...encrypted
        ? [encrypted.objects, encrypted.settings]
        : [],
    ]
    for (const part of parts) await checkPart(source, part, signal)
    await queries.makeLists(connection.db)
    await queries.emptyLists(connection.db)
    const canRead = !encrypted || opener !== undefined
    if (canRead) await copyIn(client, `copy backup_objects (${queries.LISTED_COLUMNS}) from stdin`, await openPart(source, objects, signal, encrypted && opener))
    if (encrypted) await copyIn(client, `copy backup_stored (${queries.STORED_COLUMNS}) from stdin`, await openPart(source, encrypted.objects, signal))
    else await queries.storeThoseListed(connection.db)
    await queries.listTarget(connection.db, objectsOf(source, encrypted?.recipients).listObjects({ signal }))
    const absent = await queries.listAbsent(connection.db, NAMED + 1)
    if (absent.length > 0) {
      const named = absent.slice(0, NAMED).map(({ key, found }) => `${key} (${found === null
        ? 'missing'
        : `${found} bytes`})`)
      throw damagedBackup(`Objects of the backup are missing or cut off: ${named.join(', ')}${absent.length > NAMED
        ? ' and more'
        : ''}.`)
    }
    if (!canRead) return
    if (await queries.countUnpaired(connection.db) > 0) throw damagedBackup(`${objects.key} and ${encrypted?.objects.key} do not list the same objects.`)
    const totals = await queries.sumUpList(connection.db)
    if (totals.there.objects !== holds.objects || totals.there.bytes !== holds.bytes || totals.damaged !== holds.damaged) throw damagedBackup(`${objects.key} lists ${totals.there.objects} objects, the manifest ${holds.objects}.`)
    progress.total = totals.there
  }

  /** Every object, read back. What an earlier run has brought is compared and kept. */
  async function copyAll({ storage: source }: BackupTarget, { encrypted }: Manifest, { opener, signal: stop }: RestoreOptions): Promise<void> {
    const there = objectsOf(source, encrypted?.recipients)
    await queries.expectListed(connection.db)
    const onBytes = (count: number) => {
      progress.done.bytes += count
      progress.bytesThisRun += count
    }
    async function copyOne(object: ListedObject, signal: AbortSignal): Promise<void> {
      const { how, sha256 } = await copyWithRetries({
        source: encrypted
          ? openedSource(there, opener!, object)
          : there,
        target: storage,
      }, object, { signal, onBytes, retryMs }).catch((error: unknown) => {
        if (error instanceof DamagedSource) throw damagedBackup(`The backup’s object ${object.key} ${error.message}.`)
        throw error
      })
      await inTurn(() => queries.settleObject(connection.db, object.key, { sha256 }))
      progress.done.objects++
      if (how === 'copied') progress.copiedThisRun++
    }
    await inParallel(inPages(page => inTurn(() => queries.listOpen(connection.db, page)), PAGE), AT_ONCE, copyOne, stop)
  }

  /** All rows or none. */
  async function load({ storage: source }: BackupTarget, { id, migration, tables, encrypted }: Manifest, migratedAt: readonly number[], { signal, onNote, opener }: RestoreOptions): Promise<void> {
    const wanted = listMigrations().find(({ tag }) => tag === migration)!.when
    if (migratedAt.length > 0 && Math.max(...migratedAt) !== wanted) await queries.clearSchema(connection)
    await migrate(migration)
    const shapes = new Map((await queries.listTables(connection.db)).map(shape => [shape.table, shape]))
    await client.query('begin')
    try {
      const foreignKeys = await queries.dropForeignKeys(connection)
      await queries.emptyTables(connection, [
        ...shapes.values(),
      ])
      for (const { table, columns, rows, ...part } of tables) {
        signal.throwIfAborted()
        if (!shapes.has(table)) {
          onNote?.(`The table ${table} is none of ClientShare’s: it is left out.`)
          continue
        }
        const names = columns.map(column => client.escapeIdentifier(column)).join(', ')
        const loaded = await copyIn(client, `copy public.${client.escapeIdentifier(table)} (${names}) from stdin`, await openPart(source, part, signal, encrypted && opener))
        if (loaded !== rows) throw damagedBackup(`${part.key} has ${loaded} rows, the manifest says ${rows}.`)
      }
      for (const statement of foreignKeys) await client.query(statement)
      await queries.settleLoaded(connection, {
        backupId: id,
        storage: storage.kind,
        now: clock(),
      })
      await client.query('commit')
    }
    catch (error) {
      await client.query('rollback').catch(() => {}) // the connection may be what failed
      throw error
    }
  }

  /** Versions whose bytes the backup could not get are marked, as they would be where a store has lost them. */
  async function markMissing({ db, audit }: RestoredDeps, signal: AbortSignal): Promise<void> {
    for await (const { key, problem } of inPages(page => inTurn(() => queries.listMissing(connection.db, page)), PAGE)) {
      signal.throwIfAborted()
      await db.transaction(async (tx) => {
        const failed = await queries.failVersions(tx, [key])
        await audit.record(tx, systemCaller, ...failed.map(({ workspaceId, itemId, parentId, fileName, number }) => fileIntegrityFailed({
          workspaceId,
          subject: { kind: 'file', id: itemId, name: fileName },
          details: { parentId, version: number, problem: `not in the backup: ${problem}` },
        })))
      })
    }
  }

  /** Background work that had not ended. Its handlers look at the rows, so what was done meanwhile is not done again. @returns how much */
  async function sendJobs({ storage: source }: BackupTarget, { jobs: part, encrypted }: Manifest, { db, jobs, jobKinds }: RestoredDeps, { signal, opener }: RestoreOptions): Promise<number> {
    const lines = (await readPart(source, part, signal, encrypted && opener)).split('\n').filter(line => line !== '')
    let sent = 0
    for (const line of lines) {
      const [name, data] = line.split('\t').map(unescapeCopy)
      const job = jobKinds.get(name!)
      if (!job) continue
      await jobs.send(db, job, JSON.parse(data!) as object)
      sent++
    }
    return sent
  }

  /** What the backup's instance key encrypted opens with this deployment's own. @returns how many addresses of links were another one's */
  async function takeOverKey({ db, audit, instance }: RestoredDeps, from: string | undefined): Promise<number> {
    if (from === undefined || from === secretKey) return 0
    return db.transaction(async (tx) => {
      const { links } = await encryptAgain(tx, { from, to: secretKey })
      const { name } = await instance.settings()
      // Cut off and run again, nothing is left to do.
      if (links > 0) {
        await audit.record(tx, systemCaller, instanceKeyRotated({
          subject: { kind: 'instance', id: null, name },
          details: { links, endedSessions: 0 },
        }))
      }
      return links
    })
  }

  async function prove(target: BackupTarget, manifest: Manifest, deps: RestoredDeps, options: RestoreOptions, backedUpKey: string | undefined): Promise<Proof> {
    const { signal, onNote } = options
    let endedUploads = 0
    for (const upload of await queries.listOpenUploads(deps.db)) {
      signal.throwIfAborted()
      if (await deps.sessions.giveUp(systemCaller, upload, 'restored')) endedUploads++
    }
    const disagreements = await queries.listDisagreements(connection.db, NAMED)
    if (disagreements.length > 0) throw damagedBackup(`Database and objects of the backup do not belong together: ${disagreements.map(({ key, problem }) => `${key} ${problem}`).join(', ')}.`)
    await markMissing(deps, signal)
    const aside = await keepUnknown(deps, signal)
    await deps.identity.join()
    const verified = await deps.verification.run({
      signal,
      onWrong: ({ says }) => onNote?.(says),
    })
    const broken = verified.chains.find(({ brokenAt }) => brokenAt !== null)
    if (broken) throw damagedBackup(`The log ${broken.chainId} is broken at its event ${broken.brokenAt}.`)
    // They left meanwhile, most likely; and a copy made for a trial must write to nobody.
    await deps.mail.endWaiting()
    await deps.announcements.endPending()
    const links = await takeOverKey(deps, backedUpKey)
    const jobs = await sendJobs(target, manifest, deps, options)
    const { holds } = manifest
    const { name } = await deps.instance.settings()
    await deps.db.transaction(async (tx) => {
      await deps.audit.record(tx, systemCaller, instanceRestored({
        subject: { kind: 'instance', id: null, name },
        details: {
          backup: manifest.id,
          takenAt: manifest.takenAt,
          objects: holds.objects,
          bytes: holds.bytes,
          damaged: holds.damaged,
        },
      }))
      await queries.proveRestore(tx, manifest.id, clock())
    })
    return {
      tables: manifest.tables.length,
      rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
      objects: holds.objects,
      bytes: holds.bytes,
      damaged: holds.damaged,
      verified,
      endedUploads,
      jobs,
      links,
      aside,
    }
  }

  return {
    progress,
    async run(target, given) {
      const signal = AbortSignal.any([given.signal, connection.lost])
      const options = { ...given, signal }
      const manifest = await chooseBackup(target, given.backupId, signal)
      const backedUpKey = await requireReadable(target, manifest, options)
      if (!given.dryRun && !await connection.tryAlone()) throw new ExitError('Servers are running. Stop all of them, and run the same again.', EXIT_TEMPFAIL)
      const found = await requireRoom(manifest, given, signal)
      await requireWhole(target, manifest, options)
      given.onChosen?.(manifest, found.content === 'loaded')
      if (given.dryRun) return { manifest, proof: undefined }

      await storage.putObject(markerOf(manifest.id), Readable.from([]), { size: 0, signal }).catch(atStore('target'))
      await copyAll(target, manifest, options)
      if (found.content === 'empty') await load(target, manifest, found.migratedAt, options)
      await migrate()
      const proof = await prove(target, manifest, await openDeployment(), options, backedUpKey)
      await storage.deleteObject(markerOf(manifest.id)).catch(() => {}) // nobody misses it, nor minds it
      return { manifest, proof }
    },
  }
}

/** A column of COPY's text format. */
function unescapeCopy(column: string): string {
  const letters: Record<string, string> = {
    b: '\b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
    v: '\v',
  }
  return column.replaceAll(/\\(.)/g, (_, letter: string) => letters[letter] ?? letter)
}
