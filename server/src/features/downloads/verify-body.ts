import type { Readable, TransformCallback } from 'node:stream'
import { pipeline, Transform } from 'node:stream'
import { crc32 } from 'node:zlib'
import { StorageError } from '../../storage/storage.ts'
import { objectDamaged } from './downloads.errors.ts'

/**
 * Passes a whole file of `size` bytes on, the last of them only when the CRC-32 of all is `expected`. With another one the stream breaks off
 * as `file.corrupt`, so that what was sent is shorter than announced: wrong bytes never look like a file.
 */
export function verifyBody(source: Readable, whole: { size: number, crc32: number }): Readable {
  return pipeline(source, new Verifier(whole), () => {})
}

class Verifier extends Transform {
  readonly #expected: number
  #left: number
  #crc32 = 0

  constructor({ size, crc32 }: { size: number, crc32: number }) {
    super({ highWaterMark: 1 }) // one chunk, however large
    this.#expected = crc32
    this.#left = size
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#crc32 = crc32(chunk, this.#crc32)
    this.#left -= chunk.length
    if (this.#left > 0 || this.#crc32 === this.#expected) {
      done(null, chunk)
    }
    else {
      done(objectDamaged({
        detail: 'Tell whoever runs this server.',
        cause: new StorageError('corrupt', 'the object’s bytes are not those of its CRC-32'),
      }))
    }
  }
}
