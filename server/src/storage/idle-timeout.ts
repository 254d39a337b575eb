import type { Buffer } from 'node:buffer'
import type { Readable, TransformCallback } from 'node:stream'
import { finished, Transform } from 'node:stream'

/** The source gave no byte for too long. */
export class IdleTimeoutError extends Error {
  override readonly name = 'IdleTimeoutError'
  readonly idleMs: number

  constructor(idleMs: number) {
    super(`no byte came for ${idleMs} ms`)
    this.idleMs = idleMs
  }
}

/**
 * Passes `source` on and fails with `IdleTimeoutError` when no byte comes for `idleMs` milliseconds. Only waiting for the source counts: a
 * slow reader behind it stops the clock.
 *
 * Made for request bodies, so a failure on either side lets go of the source without destroying it: destroying a request destroys
 * its socket, and the answer with it. Who owns the source ends it (`Connection: close`).
 */
export function withIdleTimeout(source: Readable, { idleMs }: { idleMs: number }): Readable {
  const guard = new IdleGuard(idleMs)
  finished(source, { writable: false }, error => error && guard.destroy(error))
  source.on('error', () => {}) // a socket may still break after the guard has let go
  guard.on('error', () => {}) // nobody may ever read it: a body refused by its length alone
  // Which pauses it, unless somebody else reads it by now.
  guard.once('close', () => source.unpipe(guard))
  return source.pipe(guard)
}

class IdleGuard extends Transform {
  readonly #idleMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(idleMs: number) {
    super()
    this.#idleMs = idleMs
  }

  // Called when the reader wants more: from then on it is the source that keeps us waiting.
  override _read(size: number): void {
    this.#timer ??= setTimeout(() => this.destroy(new IdleTimeoutError(this.#idleMs)), this.#idleMs)
    super._read(size)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#stop()
    done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    this.#stop()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stop()
    done(error)
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
