import type { Readable } from 'node:stream'
import { Buffer } from 'node:buffer'

/** A body taken in runs. */
export interface BodyReader {
  /** The next bytes as they come, `bytes` at most; fewer only at the end of the body. Leave off early and the rest is lost. */
  take: (bytes: number) => AsyncGenerator<Buffer>
  /** Waits for the next byte or the end. */
  atEnd: () => Promise<boolean>
}

/** The body's own error is thrown on; to end the body is its owner's. */
export function readInRuns(body: Readable): BodyReader {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>
  let rest: Buffer | undefined

  async function fill(): Promise<Buffer | undefined> {
    while (!rest?.length) {
      const next = await chunks.next()
      if (next.done)
        return rest = undefined
      rest = Buffer.isBuffer(next.value)
        ? next.value
        : Buffer.from(next.value)
    }
    return rest
  }

  return {
    async* take(bytes) {
      for (let left = bytes; left > 0;) {
        const chunk = await fill()
        if (!chunk)
          return
        const piece = chunk.subarray(0, left)
        rest = chunk.subarray(piece.length)
        left -= piece.length
        yield piece
      }
    },
    atEnd: async () => await fill() === undefined,
  }
}
