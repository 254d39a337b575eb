import type { Config } from '../config/config.ts'
import type { S3Config } from './s3-connection.ts'
import type { S3StartOptions } from './s3-start.ts'
import type { Storage } from './storage.ts'
import { createLocalStorage } from './local-storage.ts'
import { createS3Storage } from './s3-start.ts'

export type StorageConfig
  = | { kind: 'local', /** The folder that holds everything; made when missing. */ root: string }
    | { kind: 's3' } & S3Config

/** What the settings say of the store that `config.storage` names. */
export function storageConfigOf(config: Config): StorageConfig {
  return config.storage === 'local'
    ? { kind: 'local', root: `${config.dataDir}/storage` }
    : {
        kind: 's3',
        endpoint: config.s3Endpoint!,
        publicEndpoint: config.s3PublicEndpoint,
        region: config.s3Region,
        bucket: config.s3Bucket,
        accessKey: config.s3AccessKey!,
        secretKey: config.s3SecretKey!,
        pathStyle: config.s3PathStyle,
      }
}

/** Where the store is, as those who run it call it; without secrets. */
export function describeStorage(config: StorageConfig): string {
  return config.kind === 'local'
    ? config.root
    : `${config.endpoint}/${config.bucket}`
}

/**
 * Opens the store that the configuration names, after proving that it can be written to.
 * @throws ConfigError, StorageError with one plain line for the operator
 */
export async function createStorage(config: StorageConfig, options: Pick<S3StartOptions, 'log' | 'patienceMs'> = {}): Promise<Storage> {
  switch (config.kind) {
    case 'local':
      return createLocalStorage({ root: config.root })
    case 's3':
      return createS3Storage(config, options)
  }
}
