import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { describe, expect } from 'vitest'
import { newBucket, sharedMinio } from '../../test/shared-minio.ts'
import { openS3Storage } from './s3-storage.ts'
import { bareClient, s3ConfigOf } from './s3-support.ts'
import { describeStorageContract } from './storage.contract.ts'

describe.skipIf(!sharedMinio)('on a real MinIO (skipped without MINIO_BINARY)', () => {
  describeStorageContract('s3', async () => {
    const config = s3ConfigOf(sharedMinio!, {
      bucket: newBucket(),
    })
    await bareClient(sharedMinio!).makeBucket(config.bucket)
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
      dispose: async () => {},
    }
  })
})
