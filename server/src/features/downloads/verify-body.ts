import type { Readable, TransformCallback } from 'node:stream'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { pipeline, Transform } from 'node:stream'
import { StorageError } from '../../storage/storage.ts'
import { objectDamaged } from './downloads.errors.ts'

/**
 * Passes a whole file on and keeps its last chunk back until the SHA-256 (hex) of all of it agrees. Another one breaks the stream off
 * as `file.corrupt`, so that what was sent is shorter than announced: wrong bytes never look like a file.
 */
export function verifyBody(source: Readable, sha256: string): Readable {
  return pipeline(source, new Verifier(sha256), () => {})
}

class Verifier extends Transform {
  readonly #hash = createHash('sha256')
  readonly #expected: Buffer
  #held: Buffer | undefined

  constructor(sha256: string) {
    super()
    this.#expected = Buffer.from(sha256, 'hex')
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk)
    const held = this.#held
    this.#held = chunk
    done(null, held)
  }

  override _flush(done: TransformCallback): void {
    if (this.#hash.digest().equals(this.#expected)) {
      done(null, this.#held)
    }
    else {
      done(objectDamaged({
        detail: 'Tell whoever runs this server.',
        cause: new StorageError('corrupt', 'the object’s bytes are not those of its SHA-256'),
      }))
    }
  }
}
