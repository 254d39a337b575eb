import type { MultipartRef } from './storage.ts'
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { newBucket, sharedMinio } from '../../test/shared-minio.ts'
import { begin, chunked, collect, get, newKey, PART_BYTES, sha256, stalling, withoutLeak } from './contract-support.ts'
import { createMemoryBudget } from './memory-budget.ts'
import { SPOILT_KEY } from './s3-errors.ts'
import { openS3Storage } from './s3-storage.ts'
import { bareClient, s3ConfigOf } from './s3-support.ts'
import { isStorageError } from './storage.ts'

const small = randomBytes(100_000)
const large = randomBytes(9 * 1024 * 1024)
const twoParts = randomBytes(PART_BYTES + 100_000)

const bucket = newBucket()
const config = () => s3ConfigOf(sharedMinio!, { bucket })
/** Two drivers on one bucket, as two replicas have them. */
let storage: ReturnType<typeof openS3Storage>
let direct: ReturnType<typeof openS3Storage>

beforeAll(async () => {
  if (!sharedMinio) return
  await bareClient(sharedMinio).makeBucket(bucket)
  const deadlines = { keepAliveMs: 100 }
  storage = openS3Storage(config(), { deadlines })
  direct = openS3Storage(config(), { deadlines })
})
afterAll(async () => {
  await storage?.close()
  await direct?.close()
})

async function readBack(key: string): Promise<Buffer> {
  return buffer((await direct.getObject(key)).body)
}

describe.skipIf(!sharedMinio)('s3: shared by many (skipped without MINIO_BINARY)', () => {
  it('two processes that join the parts at the same time both succeed', async () => {
    const bytes = randomBytes(1000)
    for (let round = 0; round < 10; round++) {
      const { send, upload, size } = await begin({ storage: direct } as never, bytes)
      const whole = {
        size,
        parts: [await send(1)],
      }
      await Promise.all([direct, storage, direct, storage].map(driver => driver.completeMultipart(upload, whole)))
      expect((await readBack(upload.key)).equals(bytes)).toBe(true)
    }
  })

  it('when the process that joins the parts goes away in the middle, another ends it, is told what to send again, or that it is lost', async () => {
    const bytes = randomBytes(1000)
    /** The two ends that MinIO leaves no way out of. What the driver says must be so. */
    const isLost = async (upload: MultipartRef, error: unknown) => {
      if (!isStorageError(error, 'not_found')) throw error
      const { code } = error.cause as { code: string }
      expect([SPOILT_KEY, 'NoSuchUpload']).toContain(code)
      if (code === 'NoSuchUpload') expect(await collect(direct.listMultiparts({ key: upload.key }))).toEqual([])
      expect(await direct.statObject(upload.key)).toBeUndefined()
      return 'lost'
    }
    for (let round = 0; round < 60; round++) {
      const { send, upload, size } = await begin({ storage: direct } as never, bytes)
      const complete = async (driver: typeof direct, signal?: AbortSignal) => driver.completeMultipart(upload, {
        size,
        parts: [await part],
      }, { signal })
      let part = send(1)
      await part
      const gone = new AbortController()
      const first = complete(storage, gone.signal).catch(() => {})
      await sleep(round % 15)
      gone.abort()
      await first
      const outcome = await complete(direct).catch(async (error: unknown) => {
        if (!isStorageError(error, 'part_mismatch')) return isLost(upload, error)
        expect(error.parts).toEqual([1])
        part = send(1)
        return complete(direct).catch(error => isLost(upload, error))
      })
      if (outcome !== 'lost') expect((await readBack(upload.key)).equals(bytes)).toBe(true)
    }
  })

  it('of two processes that send one part, only bytes that were acknowledged become the object', async () => {
    const { send, upload, size, sliceOf } = await begin({ storage: direct } as never, twoParts)
    const second = await send(2)
    const [mine] = await Promise.all([
      send(1),
      send(1, chunked(randomBytes(PART_BYTES)), undefined, storage),
    ])
    const complete = () => direct.completeMultipart(upload, {
      size,
      parts: [mine, second],
    })
    await complete().catch(async (error: unknown) => {
      expect(error).toMatchObject({
        kind: 'part_mismatch',
        parts: [1],
      })
      expect(await send(1, chunked(sliceOf(1)))).toEqual(mine)
      await complete()
    })
    expect((await readBack(upload.key)).equals(twoParts)).toBe(true)
  })

  it('an upload that another process gave up takes no part more', async () => {
    await withoutLeak(async () => {
      const { send, upload, sliceOf } = await begin({ storage } as never, twoParts)
      const slow = stalling(sliceOf(1), 99)
      const sending = send(1, slow)
      sending.catch(() => {})
      await slow.reached
      await direct.abortMultipart(upload)
      slow.push(sliceOf(1).subarray(Math.floor(PART_BYTES * 0.99)))
      slow.push(null)
      await expect(sending).rejects.toMatchObject({ kind: 'not_found' })
      await expect(send(2)).rejects.toMatchObject({ kind: 'not_found' })
      expect(await collect(direct.listMultiparts({ key: upload.key }))).toEqual([])
    })
  })

  it('holds no more memory for many uploads at once, lets small ones pass, and tells who waits too long', async () => {
    const tight = openS3Storage(config(), {
      budget: createMemoryBudget({ buffers: 1, waitMs: 500 }),
    })
    onTestFinished(() => tight.close())
    const hog = stalling(large, 20)
    const hogging = tight.putObject(newKey(), hog)
    hogging.catch(() => {})
    await hog.reached
    await tight.putObject(newKey(), chunked(small))
    await expect(tight.putObject(newKey(), chunked(large))).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('too many uploads'),
    })
    const abort = new AbortController()
    const waiting = tight.putObject(newKey(), chunked(large), { signal: abort.signal })
    setTimeout(() => abort.abort(), 50)
    await expect(waiting).rejects.toMatchObject({ kind: 'aborted' })
    hog.destroy(new Error('gone'))
    await expect(hogging).rejects.toThrow('gone')
    await tight.putObject(newKey(), chunked(large))

    const patient = openS3Storage(config(), {
      budget: createMemoryBudget({ buffers: 1, waitMs: 120_000 }),
    })
    onTestFinished(() => patient.close())
    await Promise.all(Array.from({ length: 3 }, () => patient.putObject(newKey(), chunked(large))))
  })

  it('takes no buffer for a body whose size is nearly known', async () => {
    const budget = createMemoryBudget({ buffers: 1, waitMs: 200 })
    const tight = openS3Storage(config(), { budget })
    onTestFinished(() => tight.close())
    const release = await budget.take(new AbortController().signal)
    const bytes = randomBytes(6 * 2 ** 20)
    for (const more of [0, 1, 128 * 1024]) {
      const key = newKey()
      expect(await tight.putObject(key, chunked(bytes), { atLeast: bytes.length - more })).toEqual({ size: bytes.length })
      expect(sha256(await get({ storage: tight } as never, key))).toBe(sha256(bytes))
    }
    await expect(tight.putObject(newKey(), chunked(bytes), { atLeast: 5 * 2 ** 20 - 1 }), 'too short for a part').rejects.toMatchObject({ kind: 'unavailable' })

    const key = newKey()
    await expect(tight.putObject(key, chunked(bytes), { atLeast: bytes.length + 1 })).rejects.toMatchObject({ name: 'MeterError', kind: 'short' })
    expect(await tight.statObject(key)).toBeUndefined()
    expect(await collect(tight.listMultiparts({ key }))).toEqual([])

    await expect(tight.putObject(key, chunked(bytes), { atLeast: bytes.length - 128 * 1024 - 1 })).rejects.toMatchObject({ name: 'MeterError', kind: 'long' })
    release()
  })
})
