import type { Readable, TransformCallback } from 'node:stream'
import type { Meter, MeterResult } from '../../storage/meter.ts'
import { pipeline, Transform } from 'node:stream'
import { AppError } from '../../errors/app-error.ts'
import { requestInvalid } from '../../errors/common-errors.ts'
import { IdleTimeoutError, withIdleTimeout } from '../../storage/idle-timeout.ts'
import { createMeter, MeterError } from '../../storage/meter.ts'
import { isStorageError } from '../../storage/storage.ts'
import { fileTooLarge } from '../items/items.errors.ts'
import { partSize, partSuperseded, uploadInterrupted, uploadStalled } from './uploads.errors.ts'

export interface ReceiveOptions {
  /** Bytes at most, or exactly. */
  max?: number
  exact?: number
  idleMs: number
  signal: AbortSignal
  /** Awaited before bytes go on to the store: with all that came so far, these included. Its error ends the upload. */
  onBytes?: (total: number) => Promise<void> | void
  /** At the end of the body, before the store takes it as whole. Its error ends the upload. */
  onEnd?: (result: MeterResult) => Promise<void> | void
}

class Checkpoint extends Transform {
  readonly #meter: Meter
  readonly #options: ReceiveOptions

  constructor(meter: Meter, options: ReceiveOptions) {
    super()
    this.#meter = meter
    this.#options = options
  }

  #total = 0

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#total += chunk.length
    const wait = this.#options.onBytes?.(this.#total)
    if (wait) wait.then(() => done(null, chunk), done)
    else done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    this.#atEnd().then(() => done(), done)
  }

  async #atEnd(): Promise<void> {
    await this.#options.onEnd?.(this.#meter.result())
  }
}

/**
 * Hands a request's body to the store: counted, hashed, with back-pressure and an end for what stands still.
 * @returns what the store answered, and what came through
 * @throws {AppError} `file.too_large`, `upload.part_size`, `request.invalid`, `upload.stalled`, `upload.interrupted`, `upload.part_superseded`; whatever `onBytes`, `onEnd` and
 * the store threw otherwise
 */
export async function receiveBody<T>(source: Readable, options: ReceiveOptions, store: (body: Readable) => Promise<T>): Promise<{ stored: T, received: MeterResult }> {
  const meter = createMeter(options)
  const checkpoint = new Checkpoint(meter, options)
  pipeline(withIdleTimeout(source, options), meter, checkpoint, () => {}) // its error reaches the store's reader, and comes back from there
  try {
    return {
      stored: await store(checkpoint),
      received: meter.result(),
    }
  }
  catch (error) {
    throw explain(error, {
      isPart: options.exact !== undefined,
      cut: options.signal.aborted || (source.destroyed && !source.readableEnded),
    })
  }
}

function explain(error: unknown, { isPart, cut }: { isPart: boolean, cut: boolean }): unknown {
  if (error instanceof AppError) return error
  if (error instanceof IdleTimeoutError) return uploadStalled({ detail: `No byte came for ${error.idleMs / 1000} seconds`, cause: error })
  if (error instanceof MeterError) {
    if (error.kind === 'too_large') return fileTooLarge({ detail: `A file can have at most ${error.limit} bytes`, cause: error })
    return isPart
      ? partSize({ detail: `This part has ${error.limit} bytes`, cause: error })
      : requestInvalid({ detail: 'The form is much longer than the file in it', cause: error })
  }
  if (isStorageError(error) && error.kind !== 'aborted') return error
  if (cut) return uploadInterrupted({ cause: error })
  if (isStorageError(error, 'aborted')) return partSuperseded({ cause: error })
  return error
}
