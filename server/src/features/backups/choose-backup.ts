import type { Opener } from '../../crypto/age.ts'
import type { Manifest } from './backup-format.ts'
import type { BackupTarget } from './backup-target.ts'
import type { BackedUpSettings } from './backup.service.ts'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { BackupRefused, damagedBackup, describeKeys, listBackupIds, readManifest, readPart } from './backup-format.ts'
import { readTarget } from './backup-target.ts'

const BackedUp = Type.Object({
  settings: Type.Record(Type.String(), Type.Union([
    Type.String(),
    Type.Number(),
    Type.Boolean(),
  ])),
  secrets: Type.Record(Type.String(), Type.String()),
})

/**
 * What an encrypted backup has of settings and secrets: that it can be read proves the key.
 * @throws {BackupRefused} when it is not encrypted, or this is not the key
 */
export async function readSettings({ storage }: BackupTarget, { id, encrypted }: Manifest, opener: Opener, signal: AbortSignal): Promise<BackedUpSettings> {
  if (!encrypted) throw new BackupRefused(`The backup ${id} is not encrypted, so it has no secrets; its settings are in its manifest.`)
  if (!encrypted.recipients.some(recipient => opener.recipients.includes(recipient)))
    throw new BackupRefused(`The backup ${id} is encrypted for ${describeKeys(encrypted.recipients)}. The identity file has the key of ${describeKeys(opener.recipients)}: give the one that belongs to the backup.`)
  const found = parsed(await readPart(storage, encrypted.settings, signal, opener))
  if (!Check(BackedUp, found)) throw damagedBackup(`${encrypted.settings.key} has no settings.`)
  return found
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  }
  catch {
    return undefined
  }
}

/** @throws {BackupRefused} */
export async function chooseBackup(target: BackupTarget, backupId: string | undefined, signal: AbortSignal): Promise<Manifest> {
  const { storage, place } = target
  if (!await readTarget(target)) throw new BackupRefused(`${place} has no backups of ClientShare.`)
  if (backupId !== undefined) {
    const manifest = await readManifest(storage, backupId, signal)
    if (!manifest) throw new BackupRefused(`${place} has no backup ${backupId}, or it was cut off: it has no manifest.`)
    return manifest
  }
  const [newest] = (await listBackupIds(storage, signal)).filter(({ hasManifest }) => hasManifest)
  const manifest = newest && await readManifest(storage, newest.id, signal)
  if (!manifest) throw new BackupRefused(`${place} has no backup that is whole.`)
  return manifest
}
