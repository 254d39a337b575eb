import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { BLOCK_BYTES, countBlocks, createBlockSums, SUM_BYTES } from './block-sums.ts'

it.each([
  0,
  1,
  BLOCK_BYTES - 1,
  BLOCK_BYTES,
  BLOCK_BYTES + 1,
  3 * BLOCK_BYTES + 12_345,
])('sums up %i bytes by blocks and as a whole, however they come', (size) => {
  const bytes = randomBytes(size)
  for (const step of [70_000, BLOCK_BYTES, 5 * BLOCK_BYTES]) {
    const sums = createBlockSums()
    for (let at = 0; at < size; at += step) sums.update(bytes.subarray(at, at + step))
    const { blocks, crc32: whole } = sums.result()
    expect(whole).toBe(crc32(bytes))
    expect(blocks.length).toBe(countBlocks(size) * SUM_BYTES)
    for (let n = 0; n < countBlocks(size); n++) expect(blocks.readUInt32BE(n * SUM_BYTES)).toBe(crc32(bytes.subarray(n * BLOCK_BYTES, (n + 1) * BLOCK_BYTES)))
  }
})
