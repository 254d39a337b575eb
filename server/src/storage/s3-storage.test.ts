import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { Client } from 'minio'
import { describe, expect } from 'vitest'
import { minioBinary, startMinio } from '../../test/minio.ts'
import { openS3Storage } from './s3-storage.ts'
import { describeStorageContract } from './storage.contract.ts'

describe.skipIf(!minioBinary)('on a real MinIO (skipped without MINIO_BINARY)', () => {
  describeStorageContract('s3', async () => {
    const minio = await startMinio()
    const config = {
      endpoint: minio.endpoint,
      region: 'us-east-1',
      bucket: 'contract',
      accessKey: minio.accessKey,
      secretKey: minio.secretKey,
      pathStyle: true,
    }
    await new Client({
      endPoint: '127.0.0.1',
      port: minio.port,
      useSSL: false,
      accessKey: minio.accessKey,
      secretKey: minio.secretKey,
    }).makeBucket('contract')
    return {
      open: async () => openS3Storage(config, {
        deadlines: { keepAliveMs: 300 },
      }),
      async truncateObject(key, size) {
        const storage = openS3Storage(config)
        await storage.putObject(key, Readable.from([
          Buffer.alloc(size),
        ]))
        await storage.close()
      },
      async readLocation(location, { start, end }) {
        const answer = await fetch((location as { url: URL }).url, {
          headers: { range: `bytes=${start}-${end}` },
        })
        expect(answer.status).toBe(206)
        return Buffer.from(await answer.arrayBuffer())
      },
      dispose: () => minio.dispose(),
    }
  })
})
