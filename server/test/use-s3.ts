import type { S3Config } from '../src/storage/s3-connection.ts'
import type { Minio } from './minio.ts'
import type { TestApp } from './test-app.ts'
import { Client } from 'minio'
import { openS3Storage } from '../src/storage/s3-storage.ts'

export const s3ConfigOf = ({ accessKey, secretKey }: Minio, endpoint: string, publicEndpoint?: string): S3Config => ({
  endpoint,
  publicEndpoint,
  accessKey,
  secretKey,
  region: 'us-east-1',
  bucket: 'clientshare',
  pathStyle: true,
})

/** Makes the bucket, and MinIO the store of an app that has no file yet. */
export async function useS3(test: TestApp, minio: Minio, endpoint: string, publicEndpoint?: string): Promise<void> {
  const { hostname, port } = new URL(minio.endpoint)
  await new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: false,
    accessKey: minio.accessKey,
    secretKey: minio.secretKey,
  }).makeBucket('clientshare')
  await test.deps.storage.close()
  Object.assign(test.deps.storage, openS3Storage(s3ConfigOf(minio, endpoint, publicEndpoint)))
}
