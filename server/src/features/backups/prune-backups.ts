import type { ObjectEntry, Storage } from '../../storage/storage.ts'
import type { BackupConnection } from './backup-connection.ts'
import type { Manifest } from './backup-format.ts'
import type { BackupTarget } from './backup-target.ts'
import type { Retention } from './backups.policy.ts'
import { copyIn } from '../../db/copy.ts'
import { atStore } from '../storage-move/copy-object.ts'
import { inPages, inParallel } from '../storage-move/in-parallel.ts'
import { BACKUPS_PREFIX, listBackupIds, manifestKey, OBJECT_PREFIXES, objectsPrefix, openPart, readManifest } from './backup-format.ts'
import { keptOf } from './backups.policy.ts'
import * as queries from './backups.queries.ts'

const AT_ONCE = 4
const PAGE = 500

export interface Pruned { backups: number, objects: number }

/** Every whole backup, the newest first. @throws {BackupRefused} when a manifest cannot be read */
export async function readManifests({ storage }: BackupTarget, signal: AbortSignal): Promise<{ manifests: Manifest[], unfinished: string[] }> {
  const manifests: Manifest[] = []
  const unfinished: string[] = []
  for (const { id, hasManifest } of await listBackupIds(storage, signal)) {
    const manifest = hasManifest
      ? await readManifest(storage, id, signal)
      : undefined
    if (manifest) manifests.push(manifest)
    else unfinished.push(id)
  }
  return { manifests, unfinished }
}

async function* listObjectsOfAll(storage: Storage, signal: AbortSignal): AsyncGenerator<ObjectEntry> {
  for (const prefix of OBJECT_PREFIXES) yield* storage.listObjects({ prefix, signal })
}

/**
 * Deletes the backups that the retention does not keep, those that were cut off, and the objects that none of the rest names. Whoever has the
 * connection is the only one who makes backups, so what has no manifest is not under way.
 * @throws {BackupRefused} and deletes no object, when a backup that is kept cannot be read: nobody knows then what it needs
 */
export async function pruneBackups(connection: BackupConnection, target: BackupTarget, retention: Retention, signal: AbortSignal): Promise<Pruned> {
  const { storage } = target
  const { db, client } = connection
  const { manifests, unfinished } = await readManifests(target, signal)
  const kept = keptOf(manifests.map(({ id, takenAt }) => ({
    id,
    takenAt: new Date(takenAt),
  })), retention)
  const gone = new Set([
    ...manifests.filter(({ id }) => !kept.has(id)).map(({ id }) => id),
    ...unfinished,
  ])
  const remove = (key: string) => storage.deleteObject(key).catch(atStore('target'))

  await queries.makeLists(db)
  await queries.emptyLists(db)
  for (const { id, objects, encrypted } of manifests) {
    if (gone.has(id)) continue
    const [list, columns] = encrypted
      ? [encrypted.objects, queries.STORED_COLUMNS]
      : [objects, queries.LISTED_COLUMNS]
    await queries.makeMergeList(db)
    await copyIn(client, `copy backup_list (${columns}) from stdin`, await openPart(storage, list, signal))
    await queries.mergeList(db, objectsPrefix(encrypted?.recipients))
  }

  // From its manifest on, so that a cut leaves no backup that lacks something.
  for (const id of gone) {
    await remove(manifestKey(id))
    const parts: string[] = []
    for await (const { key } of storage.listObjects({ prefix: `${BACKUPS_PREFIX}${id}/`, signal })) parts.push(key)
    for (const key of parts) await remove(key)
  }
  await queries.listTarget(db, listObjectsOfAll(storage, signal))
  let objects = 0
  await inParallel(inPages(page => connection.inTurn(() => queries.listUnnamed(db, page)), PAGE), AT_ONCE, async ({ key }) => {
    await remove(key)
    objects++
  }, signal)
  return { backups: manifests.length - kept.size, objects }
}
