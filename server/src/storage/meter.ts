import type { TransformCallback } from 'node:stream'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import { createBlockSums } from './block-sums.ts'

/** What `file-type` wants to see of a file's start. */
const HEAD_BYTES = 4100

export type MeterErrorKind = 'too_large' | 'short' | 'long'

/** The body is over the limit (`too_large`), or not as long as it was said to be (`short`, `long`). */
export class MeterError extends Error {
  override readonly name = 'MeterError'
  readonly kind: MeterErrorKind
  /** The limit or the promised size in bytes. */
  readonly limit: number

  constructor(kind: MeterErrorKind, limit: number) {
    super(kind === 'too_large'
      ? `the body exceeds ${limit} bytes`
      : `the body is ${kind === 'short'
        ? 'shorter'
        : 'longer'} than ${limit} bytes`)
    this.kind = kind
    this.limit = limit
  }
}

export interface MeterResult {
  size: number
  /** Lower-case hex, as `sha256sum` prints it. */
  sha256: string
  crc32: number
  /** The CRC-32 of each block of BLOCK_BYTES, see `block-sums.ts`. */
  blocks: Buffer
  /** The first bytes, at most 4100: enough to tell the type. */
  head: Buffer
}

export interface Meter extends Transform {
  /** Bytes passed so far. */
  readonly bytes: number
  /** @throws Error until the stream has ended well */
  result: () => MeterResult
}

/**
 * A pass-through that counts, hashes and keeps the head. It fails with a `MeterError` on the first byte beyond `max` (`too_large`) or
 * `exact` (`long`), and at an end before `exact` (`short`); nothing of the chunk that goes beyond is passed on.
 */
export function createMeter(limits: { max?: number, exact?: number } = {}): Meter {
  return new ByteMeter(limits)
}

class ByteMeter extends Transform implements Meter {
  bytes = 0
  readonly #max: number
  readonly #exact: number | undefined
  readonly #hash = createHash('sha256')
  readonly #sums = createBlockSums()
  readonly #head: Buffer[] = []
  #headBytes = 0
  #result: MeterResult | undefined

  constructor({ max = Number.POSITIVE_INFINITY, exact }: { max?: number, exact?: number }) {
    super()
    this.#max = max
    this.#exact = exact
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const bytes = this.bytes + chunk.length
    if (bytes > this.#max)
      return done(new MeterError('too_large', this.#max))
    if (this.#exact !== undefined && bytes > this.#exact)
      return done(new MeterError('long', this.#exact))
    this.bytes = bytes
    this.#hash.update(chunk)
    this.#sums.update(chunk)
    if (this.#headBytes < HEAD_BYTES) {
      const piece = Buffer.from(chunk.subarray(0, HEAD_BYTES - this.#headBytes)) // a copy: whoever reads on may change the chunk
      this.#head.push(piece)
      this.#headBytes += piece.length
    }
    done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    if (this.#exact !== undefined && this.bytes < this.#exact)
      return done(new MeterError('short', this.#exact))
    this.#result = {
      size: this.bytes,
      sha256: this.#hash.digest('hex'),
      ...this.#sums.result(),
      head: Buffer.concat(this.#head),
    }
    done()
  }

  result(): MeterResult {
    if (!this.#result)
      throw new Error('the meter has not seen the end of its stream')
    return this.#result
  }
}
