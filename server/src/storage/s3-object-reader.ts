import type { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Exchange } from './s3-connection.ts'
import { Readable } from 'node:stream'
import { countReader, LEAST_BYTES, readAhead } from './read-ahead.ts'
import { toS3StorageError } from './s3-errors.ts'
import { StorageError } from './storage.ts'

const ACTION = 'read the object'

/**
 * The body of an answer as exactly `size` bytes, or an error. A slow reader stops the idle clock and the store with it. `close` is
 * emitted once the socket is let go or given back.
 */
export function readObjectBody(exchange: Exchange, response: IncomingMessage, { size, idleMs }: { size: number, idleMs: number }): Readable {
  let left = size
  let timer: NodeJS.Timeout | undefined

  const stopClock = () => {
    clearTimeout(timer)
    timer = undefined
  }
  const startClock = () => {
    timer ??= setTimeout(() => body.destroy(new StorageError('unavailable', `cannot ${ACTION}: the store gave no byte for ${idleMs} ms`)), idleMs)
  }

  let hasBegun = false
  /** Not before somebody reads: an end that comes earlier would be one that nobody hears of. */
  function begin(): void {
    if (hasBegun)
      return
    hasBegun = true
    response.on('data', (chunk: Buffer) => {
      stopClock()
      left -= chunk.length
      if (left < 0)
        body.destroy(new StorageError('corrupt', `cannot ${ACTION}: it is longer than ${size} bytes`))
      else if (body.push(chunk) || body.readableLength < readAhead())
        startClock()
      else
        response.pause()
    })
    response.on('end', () => {
      stopClock()
      if (left > 0)
        body.destroy(new StorageError('corrupt', `the object ends ${left} bytes early`))
      else
        body.push(null)
    })
  }

  const body = countReader(new Readable({
    highWaterMark: LEAST_BYTES, // more is asked for when less is left
    read() {
      if (response.readableEnded)
        return
      startClock()
      begin()
      response.resume()
    },
    destroy(error, done) {
      stopClock()
      if (response.complete)
        response.removeAllListeners('data').resume() // it is all here, though not all read
      else
        response.destroy()
      void exchange.closed.then(() => done(error))
    },
  }))
  // A connection that broke says nothing about the object.
  response.on('error', error => body.destroy(toS3StorageError(error, ACTION)))
  response.on('close', () => {
    if (!response.complete)
      body.destroy(new StorageError('unavailable', `cannot ${ACTION}: the connection broke ${left} bytes early`))
  })
  return body
}

/** What `Content-Range` says (RFC 9110 §14.4). */
export function parseContentRange(text: string | undefined): { start: number, end: number, total: number } | undefined {
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(text ?? '') ?? []
  return total === undefined
    ? undefined
    : {
        start: Number(start),
        end: Number(end),
        total: Number(total),
      }
}
