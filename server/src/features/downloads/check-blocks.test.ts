import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, createBlockSums, SUM_BYTES } from '../../storage/block-sums.ts'
import { checkBlocks, wholeBlocks } from './check-blocks.ts'

const size = 3 * BLOCK_BYTES + 1000
const content = randomBytes(size)
const sums = createBlockSums()
sums.update(content)
const { blocks } = sums.result()

/** What comes through of `stored`, in chunks of some size, until it ends or breaks. */
async function read(stored: Buffer, range: { start: number, end: number }, chunkBytes = 100_000) {
  const whole = wholeBlocks(range, size)
  const bytes = stored.subarray(whole.start, whole.end + 1)
  const first = whole.start / BLOCK_BYTES
  const passed: Buffer[] = []
  let suspicions = 0
  const body = checkBlocks(Readable.from(Array.from({
    length: Math.ceil(bytes.length / chunkBytes),
  }, (_, n) => bytes.subarray(n * chunkBytes, (n + 1) * chunkBytes))), {
    size,
    range,
    sums: blocks.subarray(first * SUM_BYTES, Math.ceil((whole.end + 1) / BLOCK_BYTES) * SUM_BYTES),
    onDamaged: () => suspicions++,
  })
  const error = await (async () => {
    for await (const chunk of body) passed.push(chunk as Buffer)
  })().then(() => undefined, (error: unknown) => error)
  return {
    passed: Buffer.concat(passed),
    error,
    suspicions,
  }
}

describe('checkBlocks', () => {
  it.each([
    [0, size - 1],
    [0, 0],
    [size - 1, size - 1],
    [5, BLOCK_BYTES - 1],
    [BLOCK_BYTES, BLOCK_BYTES],
    [BLOCK_BYTES - 1, 2 * BLOCK_BYTES],
    [2 * BLOCK_BYTES + 7, size - 1],
  ])('passes on the bytes %i to %i and no other', async (start, end) => {
    for (const chunkBytes of [65_536, BLOCK_BYTES, 5 * BLOCK_BYTES]) {
      const { passed, error, suspicions } = await read(content, { start, end }, chunkBytes)
      expect([
        error,
        suspicions,
        passed.equals(content.subarray(start, end + 1)),
      ]).toEqual([undefined, 0, true])
    }
  })

  it.each([
    0,
    BLOCK_BYTES - 1,
    BLOCK_BYTES,
    2 * BLOCK_BYTES + 5,
    size - 1,
  ])('lets no byte of the block go that is wrong at %i', async (at) => {
    const other = Buffer.from(content)
    other[at]! ^= 1
    const blockStart = at - at % BLOCK_BYTES
    for (const start of [
      0,
      blockStart,
      Math.min(blockStart + 500, size - 1),
    ]) {
      const { passed, error, suspicions } = await read(other, { start, end: size - 1 })
      expect(error).toMatchObject({ code: 'file.corrupt', status: 500 })
      expect(suspicions).toBe(1)
      // What was right and not yet taken may be lost with the rest.
      expect(passed.length).toBeLessThanOrEqual(Math.max(0, blockStart - start))
      expect(passed.equals(content.subarray(start, start + passed.length))).toBe(true)
    }
  })

  it('lets go of the source when the reader does', async () => {
    const source = Readable.from([content])
    checkBlocks(source, {
      size,
      range: { start: 0, end: size - 1 },
      sums: blocks,
      onDamaged: () => {},
    }).destroy()
    await new Promise(resolve => setImmediate(resolve))
    expect(source.destroyed).toBe(true)
  })
})
