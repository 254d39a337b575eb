import type { Config } from '../../config/config.ts'
import type { S3StartOptions } from '../../storage/s3-start.ts'
import type { BackupTarget } from './backup-target.ts'
import { stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { missingForS3 } from '../../config/backups.ts'
import { ConfigError } from '../../config/config.ts'
import { EXIT_CONFIG } from '../../errors/exit-error.ts'
import { createStorage } from '../../storage/create-storage.ts'
import { BackupRefused } from './backup-format.ts'

export interface OpenOptions extends Pick<S3StartOptions, 'log' | 'patienceMs'> {
  /** It has backups already: a folder that is missing is not made. */
  mustExist?: boolean
}

/**
 * Opens what `to` names: a folder, or `s3` for the bucket of BACKUP_S3_….
 * @throws {ConfigError}, {BackupRefused}, {StorageError} with one plain line
 */
export async function openTarget(config: Config, to: string, { mustExist = false, log, patienceMs }: OpenOptions = {}): Promise<BackupTarget> {
  if (to === 's3') {
    const missing = missingForS3(config)
    if (missing.length > 0) throw new ConfigError(missing)
    const bucket = {
      endpoint: config.backupS3Endpoint!,
      region: config.backupS3Region,
      bucket: config.backupS3Bucket,
      accessKey: config.backupS3AccessKey!,
      secretKey: config.backupS3SecretKey!,
      pathStyle: config.backupS3PathStyle,
    }
    return {
      storage: await createStorage({ kind: 's3', ...bucket }, { log, patienceMs }),
      place: `${bucket.endpoint}/${bucket.bucket}`,
    }
  }
  const folder = resolve(to)
  if (config.storage === 'local' && (isWithin(folder, config.dataDir) || isWithin(config.dataDir, folder)))
    throw new BackupRefused(`${folder} lies in DATA_DIR, or around it. A backup beside what it is of is lost with it: name another place.`)
  if (mustExist && !(await stat(folder).catch(() => undefined))?.isDirectory()) throw new BackupRefused(`There is no folder ${folder}.`, EXIT_CONFIG)
  return {
    storage: await createStorage({ kind: 'local', root: folder }),
    place: folder,
  }
}

const isWithin = (inner: string, outer: string) => !/^\.\.(?:\/|$)/.test(relative(outer, inner).replaceAll('\\', '/'))
