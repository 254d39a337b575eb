import type { Readable, TransformCallback } from 'node:stream'
import type { ByteRange } from '../../storage/storage.ts'
import { pipeline, Transform } from 'node:stream'
import { crc32 } from 'node:zlib'
import { BLOCK_BYTES, SUM_BYTES } from '../../storage/block-sums.ts'
import { StorageError } from '../../storage/storage.ts'
import { objectDamaged } from './downloads.errors.ts'

/** The range that has all blocks of `range` whole. */
export function wholeBlocks({ start, end }: ByteRange, size: number): ByteRange {
  return {
    start: start - start % BLOCK_BYTES,
    end: Math.min(size, end - end % BLOCK_BYTES + BLOCK_BYTES) - 1,
  }
}

interface Checked {
  /** Of the object, in bytes. */
  size: number
  /** What is passed on; the source gives `wholeBlocks` of it. */
  range: ByteRange
  /** Of these blocks. */
  sums: Buffer
  onDamaged: () => void
}

/**
 * Passes a range on, no byte of a block before all of it has the CRC-32 that was noted. With another one the stream breaks off as
 * `file.corrupt`: what was sent is right, and shorter than announced.
 */
export function checkBlocks(source: Readable, checked: Checked): Readable {
  return pipeline(source, new BlockChecker(checked), () => {})
}

class BlockChecker extends Transform {
  readonly #checked: Checked
  /** Of the block under way: where it ends, what came of it. */
  #end: number
  #position: number
  #block = 0
  #sum = 0
  #held: Buffer[] = []

  constructor(checked: Checked) {
    super({ highWaterMark: 1 }) // one chunk, however large
    this.#checked = checked
    this.#position = wholeBlocks(checked.range, checked.size).start
    this.#end = this.#endOf(this.#position)
  }

  #endOf(start: number): number {
    return Math.min(start + BLOCK_BYTES, this.#checked.size)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let from = 0; from < chunk.length;) {
      const piece = chunk.subarray(from, from + this.#end - this.#position)
      if (piece.length === 0) return done(damaged('is longer than it should be'))
      this.#sum = crc32(piece, this.#sum)
      this.#hold(piece)
      from += piece.length
      this.#position += piece.length
      if (this.#position < this.#end) continue
      if (this.#sum !== this.#checked.sums.readUInt32BE(this.#block * SUM_BYTES)) {
        this.#checked.onDamaged()
        return done(damaged(`has other bytes than came in, before byte ${this.#end}`))
      }
      for (const right of this.#held) this.push(right)
      this.#held = []
      this.#sum = 0
      this.#block++
      this.#end = this.#endOf(this.#position)
    }
    done()
  }

  /** Keeps what of a piece was asked for. */
  #hold(piece: Buffer): void {
    const { start, end } = this.#checked.range
    const wanted = piece.subarray(Math.max(0, start - this.#position), Math.max(0, end + 1 - this.#position))
    if (wanted.length > 0) this.#held.push(wanted)
  }
}

const damaged = (problem: string) => objectDamaged({
  detail: 'Tell whoever runs this server.',
  cause: new StorageError('corrupt', `the object ${problem}`),
})
