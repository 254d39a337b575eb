import type { Static } from 'typebox'
import type { Storage } from '../../storage/storage.ts'
import type { ObjectStore } from '../storage-move/copy-object.ts'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { EXIT_CONFIG, ExitError } from '../../errors/exit-error.ts'
import { isStorageError } from '../../storage/storage.ts'
import { atStore } from '../storage-move/copy-object.ts'

/** Rises when an older version could not read a backup rightly. */
export const BACKUP_FORMAT = 1

/**
 * What a backup target holds:
 *
 *     backup-target            whose it is
 *     objects/…                objects as the store has them, each once for all backups
 *     backups/<id>/tables/<t>  a table's rows as COPY gives them, gzip
 *     backups/<id>/jobs        background work that had not ended: name and payload
 *     backups/<id>/objects     which objects belong to it: key, size, SHA-256, what is wrong with it
 *     backups/<id>/manifest    all of the above with its sums; written last, so what has none is no backup
 */
export const TARGET_KEY = 'backup-target'
const OBJECTS_PREFIX = 'objects/'
export const BACKUPS_PREFIX = 'backups/'
export const partKey = (id: string, part: string) => `${BACKUPS_PREFIX}${id}/${part}`
export const manifestKey = (id: string) => partKey(id, 'manifest')
export const backupIdOf = (key: string): string | undefined => /^backups\/([\w-]+)\//.exec(key)?.[1]

/** The objects of a target by the keys that the deployment's store has them by. */
export function objectsOf(target: Storage): ObjectStore & Pick<Storage, 'listObjects'> {
  const there = (key: string) => `${OBJECTS_PREFIX}${key}`
  return {
    putObject: (key, ...rest) => target.putObject(there(key), ...rest),
    getObject: (key, ...rest) => target.getObject(there(key), ...rest),
    statObject: key => target.statObject(there(key)),
    deleteObject: key => target.deleteObject(there(key)),
    async* listObjects(options) {
      for await (const entry of target.listObjects({ ...options, prefix: OBJECTS_PREFIX })) {
        yield {
          ...entry,
          key: entry.key.slice(OBJECTS_PREFIX.length),
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

/** No secret is in it, nor in the backup: a key of links and sessions is the instance key's to open. */
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
  /** What was set otherwise than by default, without secrets. */
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

/** Compresses what `body` gives into a file of the target. The body's own error is thrown on. */
export async function writePart(target: Storage, key: string, body: Readable, signal: AbortSignal): Promise<Omit<PartFile, 'rows'>> {
  const hash = createHash('sha256')
  let size = 0
  const gzip = createGzip()
  pipeline(body, gzip, () => {}) // an error reaches whoever reads the gzip
  async function* counted() {
    for await (const chunk of gzip as AsyncIterable<Buffer>) {
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

/** Opens a file of a backup, as it lies there. At its end the stream fails if it was not what was written. */
export async function openPart(target: Storage, { key, size, sha256 }: Omit<PartFile, 'rows'>, signal: AbortSignal): Promise<Readable> {
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
  return Readable.from(checked(), { objectMode: false })
}

/** @throws {BackupRefused} that names the file */
export async function checkPart(target: Storage, part: Omit<PartFile, 'rows'>, signal: AbortSignal): Promise<void> {
  const body = await openPart(target, part, signal)
  for await (const chunk of body) void chunk
}
