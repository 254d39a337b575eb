import type { FaultProxy } from '../../test/fault-proxy.ts'
import type { Minio } from '../../test/minio.ts'
import type { SharedMinio } from '../../test/shared-minio.ts'
import type { S3Config } from './s3-connection.ts'
import { Client } from 'minio'

/** A bucket of a MinIO, by its root's key. */
export function s3ConfigOf({ endpoint, accessKey, secretKey }: Pick<Minio, 'endpoint' | 'accessKey' | 'secretKey'>, more: Partial<S3Config> = {}): S3Config {
  return {
    endpoint,
    region: 'us-east-1',
    bucket: 'clientshare',
    accessKey,
    secretKey,
    pathStyle: true,
    ...more,
  }
}

export const behind = (proxy: FaultProxy, minio: Minio) => s3ConfigOf({ ...minio, endpoint: proxy.url })

/** The store without the driver. */
export function bareClient({ port, accessKey, secretKey }: SharedMinio): Client {
  return new Client({
    endPoint: '127.0.0.1',
    port,
    useSSL: false,
    accessKey,
    secretKey,
  })
}
