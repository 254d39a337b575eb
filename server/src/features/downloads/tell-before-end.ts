import type { Readable, TransformCallback } from 'node:stream'
import { pipeline, Transform } from 'node:stream'

/** So often at most is told that bytes flow. */
const FLOW_STEP_MS = 10 * 60_000

interface Told {
  /** Awaited before the last byte goes on; its error ends the body. */
  beforeEnd: () => Promise<unknown>
  /** Now and then while bytes flow; what it throws is not minded. */
  onFlow: () => Promise<unknown>
}

/** Passes a body of `size` bytes on and tells how far it is. */
export function tellBeforeEnd(source: Readable, size: number, told: Told): Readable {
  return pipeline(source, new Teller(size, told), () => {})
}

class Teller extends Transform {
  readonly #told: Told
  #left: number
  #toldAt = performance.now()

  constructor(size: number, told: Told) {
    super({ highWaterMark: 1 }) // one chunk, however large
    this.#told = told
    this.#left = size
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#left -= chunk.length
    if (this.#left === 0) {
      this.#told.beforeEnd().then(() => done(null, chunk), done)
      return
    }
    if (performance.now() - this.#toldAt > FLOW_STEP_MS) {
      this.#toldAt = performance.now()
      this.#told.onFlow().catch(() => {})
    }
    done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    if (this.#left > 0) return done(new Error(`the body ended ${this.#left} bytes early`))
    done()
  }
}
