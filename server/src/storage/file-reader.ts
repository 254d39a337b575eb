import type { FileHandle } from 'node:fs/promises'
import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { toStorageError } from './disk.ts'
import { countReader, readAhead } from './read-ahead.ts'
import { StorageError } from './storage.ts'

/**
 * Reads `size` bytes from `start` and closes the handle, however it ends. Unlike a plain file stream it errors when the file
 * ends early. The handle is closed when the stream emits `close`.
 */
export function readFileRange(handle: FileHandle, { start, size }: { start: number, size: number }): Readable {
  let position = start
  let left = size
  let reading: Promise<void> = Promise.resolve()

  async function readNext(stream: Readable): Promise<void> {
    try {
      // Not from the shared pool: a slow reader would hold on to it.
      const chunk = Buffer.allocUnsafeSlow(Math.min(left, readAhead()))
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
      if (bytesRead === 0)
        throw new StorageError('corrupt', `the object ends ${left} bytes early`)
      position += bytesRead
      left -= bytesRead
      stream.push(bytesRead === chunk.length
        ? chunk
        : chunk.subarray(0, bytesRead))
    }
    catch (error) {
      stream.destroy(toStorageError(error, 'read'))
    }
  }

  return countReader(new Readable({
    highWaterMark: 1, // one chunk ahead, however large
    read() {
      if (left === 0)
        this.push(null)
      else
        reading = readNext(this)
    },
    destroy(error, done) {
      reading.then(() => handle.close()).then(() => done(error), closeError => done(error ?? toStorageError(closeError, 'close')))
    },
  }))
}
