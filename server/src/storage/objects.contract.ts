import type { ContractContext } from './contract-support.ts'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { chunked, collect, get, newKey, PART_BYTES, put, sha256, withoutLeak } from './contract-support.ts'

/** Whole objects: what goes in comes out. */
export function describeObjects(context: ContractContext): void {
  describe('whole objects', () => {
    it.each([0, 1, 65_536, 9 * 1024 * 1024 + 7])('gives back %i bytes as they were', async (size) => {
      const bytes = randomBytes(size)
      const key = newKey()
      expect(await context.storage.putObject(key, chunked(bytes))).toEqual({ size })
      expect(await context.storage.statObject(key)).toEqual({ size })
      expect(sha256(await get(context, key))).toBe(sha256(bytes))
    })

    it('tells of the first byte, or of the end, whoever comes late to hear it', async () => {
      for (const size of [0, 10]) {
        const { body } = await context.storage.getObject(await put(context, randomBytes(size)))
        await delay(100)
        await once(body, 'readable')
        expect(await buffer(body)).toHaveLength(size)
      }
    })

    it('takes bodies of strings, crumbs and a socket-like stream', async () => {
      const key = newKey()
      const crumbs = Array.from({ length: 3000 }, (_, i) => String(i % 10))
      await context.storage.putObject(key, Readable.from(crumbs))
      expect((await get(context, key)).toString()).toBe(crumbs.join(''))
    })

    it('writes what is not there yet once, of many calls at once', async () => {
      const key = newKey()
      const other = await context.fixture.open()
      try {
        const words = Array.from({ length: 12 }, (_, n) => Buffer.from(`word ${n}`))
        const put = await Promise.all(words.map((word, n) => (n % 2 === 0
          ? context.storage
          : other).putIfAbsent(key, word)))
        expect(put.filter(Boolean)).toHaveLength(1)
        const first = words[put.indexOf(true)]!
        expect((await get(context, key)).equals(first)).toBe(true)
        expect(await context.storage.putIfAbsent(key, Buffer.from('later'))).toBe(false)
        expect((await get(context, key)).equals(first)).toBe(true)
        await context.storage.deleteObject(key)
        expect(await context.storage.putIfAbsent(key, Buffer.from('anew'))).toBe(true)
        expect((await get(context, key)).toString()).toBe('anew')
        expect(await collect(context.storage.listMultiparts({ key }))).toEqual([])
      }
      finally {
        await other.close()
      }
    })

    it('holds a body to a size that was given', async () => {
      for (const [size, kind] of [
        [99, 'long'],
        [101, 'short'],
      ] as const) {
        const key = newKey()
        await expect(context.storage.putObject(key, chunked(randomBytes(100)), { size })).rejects.toMatchObject({ name: 'MeterError', kind })
        expect(await context.storage.statObject(key)).toBeUndefined()
      }
    })

    it('gives any range byte for byte', async () => {
      const bytes = randomBytes(3 * 1024 * 1024 + 11)
      const key = await put(context, bytes)
      const last = bytes.length - 1
      for (const [start, end] of [
        [0, 0],
        [last, last],
        [0, last],
        [1_000_000, 2_000_000],
        [524_287, 524_288],
        [last - 600_000, last],
      ] as const)
        expect((await get(context, key, { start, end })).equals(bytes.subarray(start, end + 1)), `${start}-${end}`).toBe(true)
    })

    it('refuses a range that the object does not have, and one that is none', async () => {
      const key = await put(context, randomBytes(10))
      await expect(context.storage.getObject(key, {
        range: { start: 5, end: 10 },
      })).rejects.toMatchObject({ kind: 'corrupt' })
      for (const range of [
        { start: -1, end: 2 },
        { start: 3, end: 2 },
        { start: 0.5, end: 2 },
      ])
        await expect(context.storage.getObject(key, { range })).rejects.toThrow(RangeError)
    })

    it('tells where an object is, for somebody else to fetch', async () => {
      const bytes = randomBytes(100_000)
      const key = await put(context, bytes)
      const location = await context.storage.locateObject(key, { expectedSize: bytes.length, expiresSeconds: 60 })
      expect((await context.fixture.readLocation(location, { start: 10, end: 99_000 })).equals(bytes.subarray(10, 99_001))).toBe(true)
      await expect(context.storage.locateObject(key, { expectedSize: 99_999, expiresSeconds: 60 })).rejects.toMatchObject({ kind: 'corrupt' })
      await expect(context.storage.locateObject(newKey(), { expectedSize: 1, expiresSeconds: 60 })).rejects.toMatchObject({ kind: 'not_found' })
    })

    it('knows no object that was never written', async () => {
      const key = newKey()
      expect(await context.storage.statObject(key)).toBeUndefined()
      await expect(context.storage.getObject(key)).rejects.toMatchObject({ name: 'StorageError', kind: 'not_found' })
    })

    it('deletes, and again', async () => {
      const key = await put(context, randomBytes(100))
      await context.storage.deleteObject(key)
      await context.storage.deleteObject(key)
      expect(await context.storage.statObject(key)).toBeUndefined()
    })

    it.each([
      '',
      '/',
      'a//b',
      '/a',
      'a/',
      '..',
      'a/../b',
      '.',
      'a.b',
      'a b',
      'a\\b',
      'a\0b',
      'ä',
      'a~b',
      'a\n',
      'x'.repeat(161),
    ])('refuses the key %j', async (key) => {
      await expect(context.storage.putObject(key, chunked(randomBytes(1)))).rejects.toThrow(TypeError)
      await expect(context.storage.createMultipart(key, { size: 1, partSize: PART_BYTES })).rejects.toThrow(TypeError)
      await expect(context.storage.getObject(key)).rejects.toThrow(TypeError)
      await expect(context.storage.statObject(key)).rejects.toThrow(TypeError)
      await expect(context.storage.deleteObject(key)).rejects.toThrow(TypeError)
    })

    it('keeps a key and one below it apart', async () => {
      const key = newKey()
      await context.storage.putObject(key, Readable.from(['above']))
      await context.storage.putObject(`${key}/below`, Readable.from(['below']))
      expect((await get(context, key)).toString()).toBe('above')
      expect((await get(context, `${key}/below`)).toString()).toBe('below')
    })

    it('lists what is there with size and time', async () => {
      const before = Date.now() - 2000
      const keys = [await put(context, randomBytes(1)), await put(context, randomBytes(22))]
      const entries = (await collect(context.storage.listObjects())).filter(({ key }) => keys.includes(key))
      expect(entries.map(({ key, size }) => [key, size]).sort()).toEqual([
        [keys[0], 1],
        [keys[1], 22],
      ].sort())
      for (const { modifiedAt } of entries)
        expect(modifiedAt.getTime()).toBeGreaterThan(before)
      const listed = async (prefix: string) => (await collect(context.storage.listObjects({ prefix }))).map(({ key }) => key)
      expect(await listed(keys[0]!)).toEqual([keys[0]])
      expect((await listed(keys[1]!.slice(0, -1)))).toContain(keys[1])
      expect(await listed('nothing-begins-so')).toEqual([])
    })

    it('stops listing when told or left', async () => {
      await put(context, randomBytes(1))
      await put(context, randomBytes(1))
      await withoutLeak(async () => {
        const list = context.storage.listObjects()[Symbol.asyncIterator]()
        expect((await list.next()).value.key).toBeTruthy()
        await list.return?.()
        await expect(collect(context.storage.listObjects({
          signal: AbortSignal.abort(),
        }))).rejects.toMatchObject({ kind: 'aborted' })
      })
    })
  })
}
