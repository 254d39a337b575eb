import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { combineCrc32 } from './crc32.ts'

/** What is checked at once: of every object, from its beginning on; the last block may be shorter. */
export const BLOCK_BYTES = 1024 * 1024
/** A block's CRC-32, big-endian. */
export const SUM_BYTES = 4

export const countBlocks = (size: number) => Math.ceil(size / BLOCK_BYTES)

/** Sums up what passes, block by block. */
export interface BlockSums {
  update: (chunk: Buffer) => void
  /** What there is so far: the sum of each block, and that of all. */
  result: () => { blocks: Buffer, crc32: number }
}

export function createBlockSums(): BlockSums {
  const full: number[] = []
  let sum = 0
  let bytes = 0

  return {
    update(chunk) {
      for (let from = 0; from < chunk.length;) {
        const piece = chunk.subarray(from, from + BLOCK_BYTES - bytes)
        sum = crc32(piece, sum)
        bytes += piece.length
        from += piece.length
        if (bytes < BLOCK_BYTES) continue
        full.push(sum)
        sum = bytes = 0
      }
    },

    result() {
      const sums = bytes > 0
        ? [...full, sum]
        : full
      const blocks = Buffer.alloc(sums.length * SUM_BYTES)
      for (const [n, sum] of sums.entries()) blocks.writeUInt32BE(sum, n * SUM_BYTES)
      const whole = full.reduce((before, sum) => combineCrc32(before, sum, BLOCK_BYTES), 0)
      return {
        blocks,
        crc32: combineCrc32(whole, sum, bytes),
      }
    },
  }
}
