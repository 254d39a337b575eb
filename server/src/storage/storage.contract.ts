import type { ContractContext, StorageFixture } from './contract-support.ts'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { watchMemory } from '../../test/memory-watch.ts'
import { isSoak } from '../../test/soak.ts'
import { describeAborts } from './aborts.contract.ts'
import { chunked, newKey, put, stalling, withoutLeak } from './contract-support.ts'
import { describeMultipart } from './multipart.contract.ts'
import { describeObjects } from './objects.contract.ts'

/**
 * What every driver must do, by its own interface only.
 * @param name of the driver
 * @param createFixture called once; an empty store
 */
export function describeStorageContract(name: string, createFixture: () => Promise<StorageFixture>): void {
  describe(`${name}: storage contract`, () => {
    const context = {} as ContractContext

    beforeAll(async () => {
      context.fixture = await createFixture()
      context.storage = await context.fixture.open()
    })
    afterAll(async () => {
      await context.storage?.close()
      await context.fixture?.dispose()
    })

    describeObjects(context)
    describeAborts(context)
    describeMultipart(context)

    const MEMORY_MIB = isSoak
      ? 512
      : 128
    it(`keeps its memory flat through ${MEMORY_MIB} MiB up and down`, async () => {
      const piece = randomBytes(64 * 1024)
      const total = MEMORY_MIB * 1024 * 1024
      const key = newKey()
      const memory = watchMemory()
      let held: number
      try {
        await context.storage.putObject(key, Readable.from((function* () {
          for (let sent = 0; sent < total; sent += piece.length)
            yield piece
        })(), { objectMode: false }))
        const { body, size } = await context.storage.getObject(key)
        expect(size).toBe(total)
        let read = 0
        for await (const chunk of body) {
          read += chunk.length
          if (read % (32 * 1024 * 1024) === 0)
            await delay(1) // a reader slower than the store
        }
        expect(read).toBe(total)
      }
      finally {
        held = memory.stop()
        await context.storage.deleteObject(key)
      }
      expect(held / 1024 / 1024).toBeLessThan(16)
    })

    it('proves that it takes writes', async () => {
      await withoutLeak(async () => {
        await Promise.all([
          context.storage.probe(),
          context.storage.probe(),
        ])
      })
    })

    it('closing stops what is under way, and what comes later is refused', async () => {
      await withoutLeak(async () => {
        const key = await put(context, randomBytes(9 * 1024 * 1024))
        const other = await context.fixture.open()
        const slow = stalling(randomBytes(1_000_000), 50)
        const putting = other.putObject(newKey(), slow)
        putting.catch(() => {})
        const { body } = await other.getObject(key)
        await slow.reached
        await other.close()
        await other.close()
        await expect(putting).rejects.toMatchObject({ kind: 'aborted' })
        await expect(buffer(body)).rejects.toMatchObject({ kind: 'aborted' })
        for (const late of [
          () => other.putObject(newKey(), chunked(randomBytes(1))),
          () => other.getObject(key),
          () => other.statObject(key),
          () => other.probe(),
        ])
          await expect(late()).rejects.toMatchObject({ kind: 'unavailable' })
      })
    })
  })
}
