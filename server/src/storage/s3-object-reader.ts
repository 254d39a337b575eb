import type { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Exchange } from './s3-connection.ts'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { countReader, LEAST_BYTES, readAhead } from './read-ahead.ts'
import { toS3StorageError } from './s3-errors.ts'
import { isStorageError, StorageError } from './storage.ts'

const ACTION = 'read the object'

/** An answer whose body is yet to be read. */
export interface OpenAnswer { exchange: Exchange, response: IncomingMessage }

export interface ReadOptions {
  /** Of the whole body, in bytes. */
  size: number
  /** Milliseconds without a byte. */
  idleMs: number
  /** Milliseconds to wait before each time that it goes on after a broken connection. */
  resumeMs: readonly number[]
  /** Asks for the body again, from this byte of it on. */
  reopen: (from: number, signal: AbortSignal) => Promise<OpenAnswer>
}

/**
 * The body of an answer as exactly `size` bytes, or an error. A connection that breaks is taken up where it broke, for an archive on its way cannot
 * be begun again. A slow reader stops the idle clock and the store with it. `close` is emitted once the socket is let go or given back.
 */
export function readObjectBody(first: OpenAnswer, { size, idleMs, resumeMs, reopen }: ReadOptions): Readable {
  let answer: OpenAnswer
  /** Between two answers. */
  let reopening: Promise<void> | undefined
  const gone = new AbortController()
  let breaks = 0
  let left = size
  let isWanted = false
  let timer: NodeJS.Timeout | undefined

  const stopClock = () => {
    clearTimeout(timer)
    timer = undefined
  }
  const startClock = () => {
    timer ??= setTimeout(() => body.destroy(new StorageError('unavailable', `cannot ${ACTION}: the store gave no byte for ${idleMs} ms`)), idleMs)
  }

  function take(next: OpenAnswer): void {
    answer = next
    const { response } = next
    const onBreak = (error: Error) => {
      if (answer === next && !reopening) resume(error)
    }
    // A connection that broke says nothing about the object.
    response.on('error', error => onBreak(toS3StorageError(error, ACTION)))
    response.on('close', () => {
      if (!response.complete)
        onBreak(new StorageError('unavailable', `cannot ${ACTION}: the connection broke ${left} bytes early`))
    })
    if (isWanted)
      begin()
  }

  function resume(error: Error): void {
    stopClock()
    const waitMs = resumeMs[breaks++]
    if (body.destroyed || waitMs === undefined || !isStorageError(error, 'unavailable'))
      return void body.destroy(error)
    reopening = delay(waitMs, undefined, { signal: gone.signal }).then(() => reopen(size - left, gone.signal)).then((next) => {
      reopening = undefined
      take(next)
      if (body.destroyed) next.response.destroy()
    }, (error) => {
      reopening = undefined
      resume(error)
    })
  }

  /** Not before somebody reads: an end that comes earlier would be one that nobody hears of. */
  function begin(): void {
    const { response } = answer
    startClock()
    if (response.listenerCount('data') > 0)
      return void response.resume()
    response.on('data', (chunk: Buffer) => {
      stopClock()
      left -= chunk.length
      if (left < 0)
        return void body.destroy(new StorageError('corrupt', `cannot ${ACTION}: it is longer than ${size} bytes`))
      isWanted = body.push(chunk) || body.readableLength < readAhead()
      if (isWanted)
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
      isWanted = true
      if (!reopening && !answer.response.readableEnded)
        begin()
    },
    destroy(error, done) {
      stopClock()
      gone.abort()
      void Promise.resolve(reopening).then(async () => {
        const { response, exchange } = answer
        if (response.complete)
          response.removeAllListeners('data').resume() // it is all here, though not all read
        else
          response.destroy()
        await exchange.closed
        done(error)
      })
    },
  }))
  take(first)
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
