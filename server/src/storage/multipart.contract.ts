import type { ContractContext } from './contract-support.ts'
import { Buffer } from 'node:buffer'
import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { begin, chunked, collect, get, newKey, PART_BYTES, sha256, stalling, withoutLeak } from './contract-support.ts'

/** Uploads in parts: any order, again, in parallel, after a crash. */
export function describeMultipart(context: ContractContext): void {
  describe('uploads in parts', () => {
    const bytes = randomBytes(2 * PART_BYTES + 12_345)

    it('takes parts in any order', async () => {
      const { send, upload, size, count } = await begin(context, bytes)
      expect(count).toBe(3)
      const parts = [await send(3), await send(1), await send(2)]
      expect(await context.storage.statObject(upload.key)).toBeUndefined()
      await context.storage.completeMultipart(upload, { size, parts })
      expect(sha256(await get(context, upload.key))).toBe(sha256(bytes))
      expect(await stagedRefs(context, upload)).not.toContain(upload.ref)
    })

    it('takes parts in parallel and after a restart', async () => {
      const { send, upload, size } = await begin(context, bytes)
      const first = await send(2)
      const other = await context.fixture.open()
      try {
        const parts = await Promise.all([
          send(3, undefined, undefined, other),
          send(1, undefined, undefined, other),
        ])
        await other.completeMultipart(upload, {
          size,
          parts: [...parts, first],
        })
      }
      finally {
        await other.close()
      }
      expect(sha256(await get(context, upload.key))).toBe(sha256(bytes))
    })

    it('the last send of a part counts, and only its etag', async () => {
      const { send, upload, size } = await begin(context, bytes)
      const stale = await send(2, chunked(randomBytes(PART_BYTES)))
      const parts = [await send(1), await send(2), await send(3)]
      await expect(context.storage.completeMultipart(upload, {
        size,
        parts: [parts[0]!, stale, parts[2]!],
      })).rejects.toMatchObject({ kind: 'part_mismatch' })
      await context.storage.completeMultipart(upload, { size, parts })
      expect(sha256(await get(context, upload.key))).toBe(sha256(bytes))
    })

    it('of two sends at the same time the newest wins', async () => {
      await withoutLeak(async () => {
        const { send, sliceOf, upload, size } = await begin(context, bytes)
        const slow = stalling(randomBytes(PART_BYTES), 50)
        const older = send(2, slow)
        older.catch(() => {})
        await slow.reached
        const between = send(2, chunked(randomBytes(PART_BYTES)))
        between.catch(() => {})
        const newest = await send(2, chunked(sliceOf(2)))
        await expect(older).rejects.toMatchObject({ kind: 'aborted' })
        await expect(between).rejects.toMatchObject({ kind: 'aborted' })
        const parts = [await send(1), newest, await send(3)]
        await context.storage.completeMultipart(upload, { size, parts })
        expect(sha256(await get(context, upload.key))).toBe(sha256(bytes))
      })
    })

    it.each([
      ['short', -1],
      ['long', 1],
    ] as const)('a part that is too %s is an error and harms no other', async (kind, by) => {
      const { send, sliceOf, upload, size } = await begin(context, bytes)
      const [one, three] = [await send(1), await send(3)]
      await expect(send(2, chunked(randomBytes(sliceOf(2).length + by)))).rejects.toMatchObject({ name: 'MeterError', kind })
      await expect(context.storage.completeMultipart(upload, {
        size,
        parts: [one, three],
      })).rejects.toMatchObject({ kind: 'part_mismatch' })
      await context.storage.completeMultipart(upload, {
        size,
        parts: [one, await send(2), three],
      })
      expect(sha256(await get(context, upload.key))).toBe(sha256(bytes))
    })

    it('refuses a part that no upload has', async () => {
      const { upload } = await begin(context, bytes)
      for (const part of [
        { n: 0, offset: 0, size: PART_BYTES },
        { n: 10_001, offset: 10_000 * PART_BYTES, size: 1 },
      ]) {
        const body = chunked(randomBytes(part.size))
        await expect(context.storage.putPart(upload, part, body)).rejects.toThrow(RangeError)
        expect(body.destroyed).toBe(true)
      }
    })

    it('completes twice, also after a restart', async () => {
      const { send, upload, size } = await begin(context, bytes)
      const parts = await Promise.all([
        send(1),
        send(2),
        send(3),
      ])
      await Promise.all([
        context.storage.completeMultipart(upload, { size, parts }),
        context.storage.completeMultipart(upload, { size, parts }),
      ])
      const other = await context.fixture.open()
      try {
        await other.completeMultipart(upload, { size, parts })
      }
      finally {
        await other.close()
      }
      expect(sha256(await get(context, upload.key))).toBe(sha256(bytes))
      await expect(send(1)).rejects.toMatchObject({ kind: 'not_found' })
    })

    it('an empty file is one empty part', async () => {
      const { send, upload, count } = await begin(context, Buffer.alloc(0))
      expect(count).toBe(1)
      await context.storage.completeMultipart(upload, {
        size: 0,
        parts: [await send(1)],
      })
      expect(await context.storage.statObject(upload.key)).toEqual({ size: 0 })
      expect(await get(context, upload.key)).toHaveLength(0)
    })

    it('aborts, and again, and stops what is being sent', async () => {
      await withoutLeak(async () => {
        const { send, sliceOf, upload, size } = await begin(context, bytes)
        const parts = [await send(1)]
        const slow = stalling(sliceOf(2), 50)
        const sending = send(2, slow)
        sending.catch(() => {})
        await slow.reached
        await context.storage.abortMultipart(upload)
        await context.storage.abortMultipart(upload)
        await expect(sending).rejects.toMatchObject({ name: 'StorageError' })
        expect(await stagedRefs(context, upload)).not.toContain(upload.ref)
        await expect(send(1)).rejects.toMatchObject({ kind: 'not_found' })
        await expect(context.storage.completeMultipart(upload, { size, parts })).rejects.toMatchObject({ name: 'StorageError' })
        expect(await context.storage.statObject(upload.key)).toBeUndefined()
      })
    })

    it('an abort after the end leaves the object alone', async () => {
      const { send, upload, size } = await begin(context, bytes)
      await context.storage.completeMultipart(upload, { size, parts: await Promise.all([
        send(1),
        send(2),
        send(3),
      ]) })
      await context.storage.abortMultipart(upload)
      expect(await context.storage.statObject(upload.key)).toEqual({ size })
    })

    it('lists open uploads, and takes a ref of another store for one that is gone', async () => {
      const { upload } = await begin(context, bytes)
      const entry = (await collect(context.storage.listMultiparts({ key: upload.key }))).find(({ ref }) => ref === upload.ref)
      expect(await collect(context.storage.listMultiparts({
        key: newKey(),
      }))).toEqual([])
      expect(entry).toMatchObject({
        key: upload.key,
        modifiedAt: expect.any(Date),
      })
      await context.storage.abortMultipart(upload)
      const foreign = { key: upload.key, ref: `../${randomUUID()}` }
      await context.storage.abortMultipart(foreign)
      await expect(context.storage.putPart(foreign, { n: 1, offset: 0, size: 1 }, chunked(randomBytes(1)))).rejects.toMatchObject({ kind: 'not_found' })
    })

    it('refuses layouts that no upload can have', async () => {
      for (const layout of [
        { size: -1, partSize: 1 },
        { size: 1.5, partSize: 1 },
        { size: 10, partSize: 0 },
        { size: 10_001, partSize: 1 },
      ])
        await expect(context.storage.createMultipart(newKey(), layout)).rejects.toThrow(RangeError)
    })
  })
}

async function stagedRefs({ storage }: ContractContext, { key }: { key: string }): Promise<string[]> {
  return (await collect(storage.listMultiparts({ key }))).map(({ ref }) => ref)
}
