import type { Readable, TransformCallback } from 'node:stream'
import { pipeline, Transform } from 'node:stream'
import { crc32 } from 'node:zlib'
import { StorageError } from '../../storage/storage.ts'
import { objectDamaged } from './downloads.errors.ts'

/**
 * Passes a whole file on and keeps its last chunk back until the CRC-32 of all of it agrees. Another one breaks the stream off
 * as `file.corrupt`, so that what was sent is shorter than announced: wrong bytes never look like a file.
 */
export function verifyBody(source: Readable, expected: number): Readable {
  return pipeline(source, new Verifier(expected), () => {})
}

class Verifier extends Transform {
  readonly #expected: number
  #crc32 = 0
  #held: Buffer | undefined

  constructor(expected: number) {
    super()
    this.#expected = expected
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#crc32 = crc32(chunk, this.#crc32)
    const held = this.#held
    this.#held = chunk
    done(null, held)
  }

  override _flush(done: TransformCallback): void {
    if (this.#crc32 === this.#expected) {
      done(null, this.#held)
    }
    else {
      done(objectDamaged({
        detail: 'Tell whoever runs this server.',
        cause: new StorageError('corrupt', 'the object’s bytes are not those of its CRC-32'),
      }))
    }
  }
}
