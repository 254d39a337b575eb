import type { ContractContext } from './contract-support.ts'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { begin, chunked, collect, get, newKey, PART_BYTES, put, sha256, stalling, withoutLeak } from './contract-support.ts'

/** What is cut off, by either side, leaves nothing behind. */
export function describeAborts(context: ContractContext): void {
  describe('aborts and broken bodies', () => {
    it.each([0, 50, 99])('a put aborted at %i percent leaves nothing', async (percent) => {
      const size = 9 * 1024 * 1024
      await withoutLeak(async () => {
        const key = newKey()
        const abort = new AbortController()
        const body = stalling(randomBytes(size), percent)
        const putting = context.storage.putObject(key, body, { signal: abort.signal })
        putting.catch(() => {})
        await body.reached
        abort.abort(new Error('client gone'))
        await expect(putting).rejects.toMatchObject({
          name: 'StorageError',
          kind: 'aborted',
          cause: { message: 'client gone' },
        })
        expect(body.destroyed).toBe(true)
        expect(await context.storage.statObject(key)).toBeUndefined()
        expect(await collect(context.storage.listMultiparts({ key }))).toEqual([])
      })
    })

    it.each([0, 50, 99])('a part aborted at %i percent can be sent again', async (percent) => {
      const bytes = randomBytes(PART_BYTES + 1000)
      await withoutLeak(async () => {
        const { send, sliceOf, upload, size } = await begin(context, bytes)
        const abort = new AbortController()
        const body = stalling(sliceOf(1), percent)
        const sending = send(1, body, abort.signal)
        sending.catch(() => {})
        await body.reached
        abort.abort()
        await expect(sending).rejects.toMatchObject({ kind: 'aborted' })
        const parts = [await send(1), await send(2)]
        await context.storage.completeMultipart(upload, { size, parts })
        expect(sha256(await get(context, upload.key))).toBe(sha256(bytes))
      })
    })

    it('a signal that is already aborted writes nothing', async () => {
      const key = newKey()
      const body = chunked(randomBytes(10))
      await expect(context.storage.putObject(key, body, {
        signal: AbortSignal.abort(),
      })).rejects.toMatchObject({ kind: 'aborted' })
      expect(body.destroyed).toBe(true)
      expect(await context.storage.statObject(key)).toBeUndefined()
      await expect(context.storage.getObject(await put(context, randomBytes(5)), {
        signal: AbortSignal.abort(),
      })).rejects.toMatchObject({ kind: 'aborted' })
    })

    it('an abort right after the call is heard', async () => {
      await withoutLeak(async () => {
        const key = newKey()
        const abort = new AbortController()
        const putting = context.storage.putObject(key, stalling(randomBytes(1000), 50), { signal: abort.signal })
        abort.abort()
        await expect(putting).rejects.toMatchObject({ kind: 'aborted' })
        expect(await context.storage.statObject(key)).toBeUndefined()
      })
    })

    it('throws the error of the body on as it is, whenever it comes', async () => {
      await withoutLeak(async () => {
        for (const moment of ['before', 'at once', 'midway']) {
          const key = newKey()
          const broken = new Error(moment)
          const body = stalling(randomBytes(2_000_000), 50)
          if (moment === 'before') {
            body.on('error', () => {})
            body.destroy(broken)
            await new Promise(resolve => body.once('close', resolve))
          }
          const putting = context.storage.putObject(key, body)
          putting.catch(() => {})
          if (moment === 'at once')
            body.destroy(broken)
          if (moment === 'midway') {
            await body.reached
            body.destroy(broken)
          }
          await expect(putting).rejects.toBe(broken)
          expect(await context.storage.statObject(key)).toBeUndefined()
        }
      })
    })

    it('a body that ends by a closed connection is not a whole one', async () => {
      const key = newKey()
      const body = new PassThrough()
      body.write(randomBytes(1000))
      const putting = context.storage.putObject(key, body)
      setTimeout(() => body.destroy(), 20)
      await expect(putting).rejects.toThrow()
      expect(await context.storage.statObject(key)).toBeUndefined()
    })

    it('a reader that goes away frees everything', async () => {
      const key = await put(context, randomBytes(9 * 1024 * 1024))
      await withoutLeak(async () => {
        const { body } = await context.storage.getObject(key)
        const reader = body[Symbol.asyncIterator]()
        expect((await reader.next()).value.length).toBeGreaterThan(0)
        await reader.return?.()
        const unread = await context.storage.getObject(key)
        unread.body.destroy()
        await once(unread.body, 'close')
      })
    })

    it('an abort ends a download with an error', async () => {
      const key = await put(context, randomBytes(9 * 1024 * 1024))
      await withoutLeak(async () => {
        const abort = new AbortController()
        const { body } = await context.storage.getObject(key, { signal: abort.signal })
        await once(body, 'readable')
        abort.abort()
        await expect(buffer(body)).rejects.toMatchObject({ kind: 'aborted' })
      })
    })

    it('an object of another size than its row is found before the first byte', async () => {
      const key = await put(context, randomBytes(1000))
      await context.fixture.truncateObject(key, 900)
      await withoutLeak(async () => {
        await expect(context.storage.getObject(key, { expectedSize: 1000 })).rejects.toMatchObject({ kind: 'corrupt' })
        await expect(context.storage.getObject(key, {
          range: { start: 0, end: 999 },
        })).rejects.toMatchObject({ kind: 'corrupt' })
      })
    })
  })
}
