import type { Storage } from '../../storage/storage.ts'
import { Readable } from 'node:stream'
import { isOwnKey } from '../../storage/object-key.ts'
import { atStore, StoreFailure } from '../storage-move/copy-object.ts'
import { BackupRefused, damagedBackup, putText, readText, TARGET_FORMAT, TARGET_KEY } from './backup-format.ts'

/** A store of its own, in which backups are. */
export interface BackupTarget {
  storage: Storage
  /** Where it is, as those who run the deployment call it. */
  place: string
}

/** Of a failure that came while the target was read: a restore reads from it, a backup writes to it. */
export function atTarget(error: unknown): never {
  throw error instanceof StoreFailure
    ? new StoreFailure('target', error.cause)
    : error
}

interface TargetMark { format: number, identity: string | null }

/** Whose backups are in it; undefined when it is no backup target. @throws {BackupRefused} when a newer version's */
export async function readTarget({ storage, place }: BackupTarget): Promise<TargetMark | undefined> {
  const text = await readText(storage, TARGET_KEY)
  if (text === undefined) return undefined
  let mark: Partial<TargetMark>
  try {
    mark = JSON.parse(text) as Partial<TargetMark>
  }
  catch {
    throw damagedBackup(`${TARGET_KEY} of ${place} was changed.`)
  }
  if (typeof mark.format !== 'number' || mark.format > TARGET_FORMAT) throw new BackupRefused(`${place} has backups of a newer version of ClientShare.`)
  return { format: mark.format, identity: mark.identity ?? null }
}

/**
 * Makes the target this deployment's own, when it is empty.
 * @throws {BackupRefused} when it is the deployment's store, another deployment's, or has something else in it
 */
export async function claimTarget(target: BackupTarget, { source, identity, probe, signal }: { source: Storage, identity: string | null, /** A key that nobody else uses. */ probe: string, signal: AbortSignal }): Promise<void> {
  const { storage, place } = target
  await storage.putObject(probe, Readable.from([]), { size: 0, signal }).catch(atStore('target'))
  try {
    if (await source.statObject(probe).catch(atStore('source'))) throw new BackupRefused(`${place} is the store that is to be backed up. A backup beside what it is of is lost with it: name another place.`)
  }
  finally {
    await storage.deleteObject(probe).catch(() => {}) // what failed is what is to be told
  }
  const mark = await readTarget(target).catch(atTarget)
  if (mark) {
    if (mark.identity !== identity) throw new BackupRefused(`${place} has backups of another deployment (${mark.identity}). Each needs a place of its own.`)
    return
  }
  for await (const { key } of storage.listObjects({ signal })) {
    if (!/^probe(?:[/-]|$)/.test(key)) {
      throw new BackupRefused(`${place} holds something that is no backup (${key}${isOwnKey(key)
        ? ', of a store'
        : ''}). Name a place that is empty.`)
    }
  }
  await putText(storage, TARGET_KEY, JSON.stringify({ format: TARGET_FORMAT, identity } satisfies TargetMark), signal)
}
