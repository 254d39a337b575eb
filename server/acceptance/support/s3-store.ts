import type { FaultProxy } from '../../test/fault-proxy.ts'
import type { Minio } from '../../test/minio.ts'
import { createFaultProxy } from '../../test/fault-proxy.ts'
import { startMinio } from '../../test/minio.ts'

/** A MinIO server of its own, reached through a proxy that can go wrong. */
export interface S3Store {
  minio: Minio
  proxy: FaultProxy
  /** What the server under test is told. */
  settings: Record<string, string>
  dispose: () => Promise<void>
}

export async function startS3Store(): Promise<S3Store> {
  const minio = await startMinio()
  const proxy = await createFaultProxy(minio.endpoint)
  return {
    minio,
    proxy,
    settings: {
      STORAGE: 's3',
      S3_ENDPOINT: proxy.url,
      S3_BUCKET: 'acceptance',
      S3_ACCESS_KEY: minio.accessKey,
      S3_SECRET_KEY: minio.secretKey,
    },
    async dispose() {
      await proxy.close()
      await minio.dispose()
    },
  }
}
