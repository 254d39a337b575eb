import type { Static } from 'typebox'
import type { Opener, Sealer } from '../../crypto/age.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ObjectStore } from '../storage-move/copy-object.ts'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGunzip, createGzip } from 'node:zlib'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { UnsealError } from '../../crypto/age.ts'
import { EXIT_CONFIG, ExitError } from '../../errors/exit-error.ts'
import { isStorageError } from '../../storage/storage.ts'
import { atStore } from '../storage-move/copy-object.ts'

/** Of the place as a whole. */
export const TARGET_FORMAT = 1
/** Rises when an older version could not read a backup rightly. One that is not encrypted is what the first version made. */
export const BACKUP_FORMAT = 2
export const formatOf = (isEncrypted: boolean) => isEncrypted
  ? BACKUP_FORMAT
  : 1

/**
 * What a backup target holds:
 *
 *     backup-target            whose it is
 *     objects/…                objects as the store has them, each once for all backups
 *     encrypted/<keys>/…       objects that are encrypted, each once for all backups with the same public keys
 *     backups/<id>/tables/<t>  a table's rows as COPY gives them, gzip
 *     backups/<id>/jobs        background work that had not ended: name and payload
 *     backups/<id>/objects     which objects belong to it: key, size, SHA-256, what is wrong with it
 *     backups/<id>/encrypted   of an encrypted one: how its objects lie here, key, size, SHA-256
 *     backups/<id>/settings    of an encrypted one: settings and secrets, as JSON
 *     backups/<id>/manifest    all of the above with its sums; written last, so what has none is no backup
 *
 * Of an encrypted backup only the manifest and the list `encrypted` can be read without a key: what finding, checking and deleting need.
 */
export const TARGET_KEY = 'backup-target'
const OBJECTS_PREFIX = 'objects/'
const ENCRYPTED_PREFIX = 'encrypted/'
/** Below these are all objects of all backups. */
export const OBJECT_PREFIXES = [OBJECTS_PREFIX, ENCRYPTED_PREFIX]
export const BACKUPS_PREFIX = 'backups/'
export const partKey = (id: string, part: string) => `${BACKUPS_PREFIX}${id}/${part}`
export const manifestKey = (id: string) => partKey(id, 'manifest')
export const backupIdOf = (key: string): string | undefined => /^backups\/([\w-]+)\//.exec(key)?.[1]

/** Where the objects are that only these can open; without recipients those that are not encrypted. So neither is ever taken for the other. */
export const objectsPrefix = (recipients: readonly string[] = []) => recipients.length === 0
  ? OBJECTS_PREFIX
  : `${ENCRYPTED_PREFIX}${sha256Of(recipients.join('\n')).slice(0, 16)}/`

/** The objects of a target by the keys that the deployment's store has them by, as they lie there. */
export function objectsOf(target: Storage, recipients?: readonly string[]): ObjectStore & Pick<Storage, 'listObjects'> {
  const prefix = objectsPrefix(recipients)
  const there = (key: string) => `${prefix}${key}`
  return {
    putObject: (key, ...rest) => target.putObject(there(key), ...rest),
    getObject: (key, ...rest) => target.getObject(there(key), ...rest),
    statObject: key => target.statObject(there(key)),
    deleteObject: key => target.deleteObject(there(key)),
    async* listObjects(options) {
      for await (const entry of target.listObjects({ ...options, prefix })) {
        yield {
          ...entry,
          key: entry.key.slice(prefix.length),
        }
      }
    },
  }
}

const Count = Type.Integer({ minimum: 0 })
const PartFile = Type.Object({
  key: Type.String(),
  /** Bytes and SHA-256 (hex) as they lie in the target. */
  size: Count,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  rows: Count,
})
const TableFile = Type.Interface([PartFile], {
  table: Type.String(),
  columns: Type.Array(Type.String()),
})

/** Nothing in it is secret or tells of people, but for the settings of a backup that is not encrypted. */
export const ManifestSchema = Type.Object({
  format: Type.Integer(),
  id: Type.String({ pattern: '^[\\w-]{1,80}$' }),
  version: Type.String(),
  commit: Type.Union([
    Type.String(),
    Type.Null(),
  ]),
  /** The last one that the database had. */
  migration: Type.String(),
  identity: Type.Union([
    Type.String(),
    Type.Null(),
  ]),
  /** By which an instance key is known again, and not found. */
  secretKeyMark: Type.String(),
  startedAt: Type.String(),
  /** The moment that it is of. */
  takenAt: Type.String(),
  endedAt: Type.String(),
  tables: Type.Array(TableFile),
  jobs: PartFile,
  objects: PartFile,
  /** Those that are in it, and the ones that could not be got: their list is in `objects`. */
  holds: Type.Object({
    workspaces: Count,
    users: Count,
    files: Count,
    objects: Count,
    bytes: Count,
    damaged: Count,
  }),
  /** Only of an encrypted one. */
  encrypted: Type.Optional(Type.Object({
    /** Who can open it: public keys, in an order of their own. */
    recipients: Type.Array(Type.String(), { minItems: 1 }),
    objects: PartFile,
    settings: PartFile,
  })),
  /** What was set otherwise than by default, without secrets; of an encrypted one they are in the file `settings`. */
  settings: Type.Record(Type.String(), Type.Union([
    Type.String(),
    Type.Number(),
    Type.Boolean(),
  ])),
  /** What has to be kept elsewhere. */
  secretsToKeep: Type.Array(Type.String()),
})
export type Manifest = Static<typeof ManifestSchema>
export type PartFile = Static<typeof PartFile>
export type TableFile = Static<typeof TableFile>

/** Public keys as a message has them: those of the classic kind are short. */
export const describeKeys = (recipients: readonly string[]) => recipients.map(key => key.length > 70
  ? `${key.slice(0, 20)}…${key.slice(-6)}`
  : key).join(' or ')

/** The backup, or the place that it was looked for in, cannot be used; the message names what it is about. */
export class BackupRefused extends ExitError {
  override readonly name = 'BackupRefused'
  constructor(message: string, exitCode: number = EXIT_CONFIG) {
    super(message, exitCode)
  }
}

/** sysexits.h EX_DATAERR: the backup itself is not as it was made. */
export const EXIT_DATAERR = 65
export const damagedBackup = (message: string) => new BackupRefused(message, EXIT_DATAERR)

const sha256Of = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')

/** Its own sum is its first line. */
export async function writeManifest(target: Storage, manifest: Manifest, signal: AbortSignal): Promise<void> {
  const json = JSON.stringify(manifest)
  await putText(target, manifestKey(manifest.id), `${sha256Of(json)}\n${json}`, signal)
}

export async function putText(target: Storage, key: string, text: string, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(text)
  await target.putObject(key, Readable.from([bytes]), { size: bytes.length, signal }).catch(atStore('target'))
}

/** @returns undefined when there is none. @throws {BackupRefused} when it was changed, or is a newer version's */
export async function readManifest(target: Storage, id: string, signal?: AbortSignal): Promise<Manifest | undefined> {
  const key = manifestKey(id)
  const text = await readText(target, key, signal)
  if (text === undefined) return undefined
  const [sum, json = ''] = [
    text.slice(0, 64),
    text.slice(65),
  ]
  if (sum !== sha256Of(json)) throw damagedBackup(`${key} was changed or cut off: it does not have its own SHA-256.`)
  const manifest = JSON.parse(json) as Partial<Manifest>
  if (typeof manifest.format !== 'number' || manifest.format > BACKUP_FORMAT)
    throw new BackupRefused(`The backup ${id} was made by a newer version of ClientShare (${manifest.version}). Restore it with that one.`)
  if (!Check(ManifestSchema, manifest) || manifest.id !== id) throw damagedBackup(`${key} is not the manifest of the backup ${id}.`)
  return manifest
}

export async function readText(target: Storage, key: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { body } = await target.getObject(key, { signal })
    return (await buffer(body)).toString()
  }
  catch (error) {
    if (isStorageError(error, 'not_found')) return undefined
    return atStore<never>('source')(error)
  }
}

/** Every backup that is begun in the target; those without a manifest are none. The newest first. */
export async function listBackupIds(target: Storage, signal?: AbortSignal): Promise<{ id: string, hasManifest: boolean }[]> {
  const found = new Map<string, boolean>()
  for await (const { key } of target.listObjects({ prefix: BACKUPS_PREFIX, signal })) {
    const id = backupIdOf(key)
    if (id !== undefined) found.set(id, found.get(id) === true || key === manifestKey(id))
  }
  return [...found].map(([id, hasManifest]) => ({ id, hasManifest })).sort((a, b) => (a.id < b.id
    ? 1
    : -1))
}

/** Compresses what `body` gives into a file of the target, and encrypts it with a sealer. The body's own error is thrown on. */
export async function writePart(target: Storage, key: string, body: Readable, signal: AbortSignal, sealer?: Sealer): Promise<Omit<PartFile, 'rows'>> {
  const hash = createHash('sha256')
  let size = 0
  const gzip = createGzip()
  pipeline(body, gzip, () => {}) // an error reaches whoever reads the gzip
  async function* counted() {
    for await (const chunk of (sealer?.seal(gzip) ?? gzip) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  await target.putObject(key, Readable.from(counted(), { objectMode: false }), { signal }).catch(atStore('target'))
  return {
    key,
    size,
    sha256: hash.digest('hex'),
  }
}

/** Opens a file of a backup, compressed; of an encrypted one with an opener, else as it lies there. At its end the stream fails if it was not what was written. */
export async function openPart(target: Storage, { key, size, sha256 }: Omit<PartFile, 'rows'>, signal: AbortSignal, opener?: Opener): Promise<Readable> {
  const { body } = await target.getObject(key, { expectedSize: size, signal }).catch((error: unknown) => {
    if (isStorageError(error, 'not_found')) throw damagedBackup(`${key} is missing.`)
    if (isStorageError(error, 'corrupt')) throw damagedBackup(`${key} was changed or cut off: ${error.message}.`)
    return atStore<never>('source')(error)
  })
  async function* checked() {
    const hash = createHash('sha256')
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk)
      yield chunk
    }
    if (hash.digest('hex') !== sha256) throw damagedBackup(`${key} was changed: its SHA-256 is not the one of the manifest.`)
  }
  const whole = Readable.from(checked(), { objectMode: false })
  if (!opener) return whole
  async function* opened() {
    try {
      yield* opener!.open(whole)
    }
    catch (error) {
      throw error instanceof UnsealError
        ? damagedBackup(`${key} cannot be decrypted: ${error.message}.`)
        : error
    }
  }
  return Readable.from(opened(), { objectMode: false })
}

/** What was written into a file of a backup, as text: one that is small. @throws {BackupRefused} that names the file */
export async function readPart(target: Storage, part: Omit<PartFile, 'rows'>, signal: AbortSignal, opener?: Opener): Promise<string> {
  const gunzip = createGunzip()
  pipeline(await openPart(target, part, signal, opener), gunzip, () => {}) // an error reaches whoever reads the gunzip
  return (await buffer(gunzip)).toString()
}

/** @throws {BackupRefused} that names the file */
export async function checkPart(target: Storage, part: Omit<PartFile, 'rows'>, signal: AbortSignal): Promise<void> {
  const body = await openPart(target, part, signal)
  for await (const chunk of body) void chunk
}
