import type { Buffer } from 'node:buffer'
import type { CallOptions, Exchange, S3Connection } from './s3-connection.ts'
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { MeterError } from './meter.ts'
import { readAnswer, untilAnswered } from './s3-connection.ts'
import { StorageError } from './storage.ts'

/** Bytes handed to the socket at a time: the idle clock starts again with each. */
const STEP_BYTES = 64 * 1024

interface PutTarget { key: string, query?: Record<string, string> }

export interface S3Put {
  /**
   * Sends bytes that are in memory, with their MD5 for the store to check; on a new connection if the kept one was dead.
   * @returns the part's or object's etag, without quotes
   */
  fromMemory: (target: PutTarget, pieces: Buffer[], options: MemoryCall) => Promise<{ etag: string }>
  /**
   * Sends bytes as they come, exactly `size` of them, holding two chunks at most. The last chunk leaves when the end of the body is
   * known, so that the store never has a body whole that the other side has broken off or that a check at its end refuses.
   * @param interrupt ends the wait for more bytes with the store's error
   * @throws MeterError `short` or `long`
   * @throws StorageError `unavailable` when the store got other bytes than were sent; what it holds is then to be dropped
   */
  fromStream: (target: PutTarget, chunks: AsyncIterable<Buffer>, options: PutCall & { size: number, interrupt: (error: Error) => void }) => Promise<{ etag: string }>
}

interface PutCall { action: string, signal: AbortSignal }
/** `ifAbsent`: what the key has stays, and the store refuses with 412. */
interface MemoryCall extends PutCall { ifAbsent?: boolean }

export function createS3Put(connection: S3Connection): S3Put {
  const { deadlines } = connection

  async function begin({ key, query }: PutTarget, headers: Record<string, string | number>, options: CallOptions): Promise<Exchange> {
    return connection.open(await connection.sign('PUT', key, { query }), { method: 'PUT', headers }, options)
  }

  /** Hands one chunk to the socket and waits until it took it. */
  async function write({ request, closed, fail }: Exchange, chunk: Buffer, action: string): Promise<void> {
    for (let at = 0; at < chunk.length; at += STEP_BYTES) {
      if (request.destroyed || request.write(chunk.subarray(at, at + STEP_BYTES)))
        continue
      const timer = setTimeout(() => fail(new StorageError('unavailable', `cannot ${action}: the store took no byte for ${deadlines.idleMs} ms`)), deadlines.idleMs)
      const drained = Promise.withResolvers<void>()
      request.once('drain', drained.resolve)
      await Promise.race([drained.promise, closed])
      request.off('drain', drained.resolve)
      clearTimeout(timer)
    }
  }

  async function etagOf(exchange: Exchange, action: string): Promise<{ etag: string, isMd5: boolean }> {
    const { headers } = await readAnswer(exchange, action, deadlines.answerMs)
    const etag = String(headers.etag ?? '').replace(/^"|"$/g, '')
    if (etag === '')
      throw new StorageError('unavailable', `cannot ${action}: the store answered without an ETag`)
    return {
      etag,
      // Not where the store encrypts: then it is 32 digits of something else.
      isMd5: /^[0-9a-f]{32}$/i.test(etag) && !Object.keys(headers).some(name => name.startsWith('x-amz-server-side-encryption')),
    }
  }

  function compare({ etag, isMd5 }: { etag: string, isMd5: boolean }, md5: string, action: string): { etag: string } {
    if (isMd5 && etag.toLowerCase() !== md5)
      throw new StorageError('unavailable', `cannot ${action}: the store got other bytes than were sent`)
    return { etag }
  }

  const fromMemory: S3Put['fromMemory'] = async (target, pieces, { action, signal, ifAbsent }) => {
    const hash = createHash('md5')
    for (const piece of pieces)
      hash.update(piece)
    const md5 = hash.digest()
    const headers = {
      'content-length': pieces.reduce((sum, piece) => sum + piece.length, 0),
      'content-md5': md5.toString('base64'),
      ...ifAbsent && { 'if-none-match': '*' },
    }
    const send = async (exchange: Exchange) => {
      const answer = etagOf(exchange, action)
      answer.catch(() => {})
      for (const piece of pieces)
        await write(exchange, piece, action)
      exchange.request.end()
      exchange.sent()
      return answer
    }
    const answer = await untilAnswered({ action, signal }, async (options) => {
      const exchange = await begin(target, headers, options)
      return {
        exchange,
        value: send(exchange),
      }
    })
    return compare(answer, md5.toString('hex'), action)
  }

  return {
    fromMemory,

    async fromStream(target, chunks, { size, action, signal, interrupt }) {
      if (size === 0) {
        const { done } = await chunks[Symbol.asyncIterator]().next()
        if (!done)
          throw new MeterError('long', 0)
        return fromMemory(target, [], { action, signal })
      }
      // Until the store says that it wants the body nothing of it is taken, and a dead connection costs nothing.
      const headers = { 'content-length': size, 'expect': '100-continue' }
      const { exchange, answer } = await untilAnswered({ action, signal }, async (options) => {
        const exchange = await begin(target, headers, options)
        const answer = etagOf(exchange, action)
        const isWanted = Promise.race([
          new Promise(resolve => exchange.request.once('continue', resolve)),
          exchange.connected.then(() => delay(deadlines.continueMs, undefined, { ref: false })),
          answer,
        ])
        return {
          exchange,
          value: isWanted.then(() => ({ exchange, answer })),
        }
      })

      let isSent = false
      answer.then(() => {
        if (!isSent)
          interrupt(new StorageError('unavailable', `cannot ${action}: the store answered before it had the body`))
      }, interrupt)
      const hash = createHash('md5')
      try {
        let received = 0
        let held: Buffer | undefined
        for await (const chunk of chunks) {
          received += chunk.length
          if (received > size)
            throw new MeterError('long', size)
          hash.update(chunk)
          if (held)
            await write(exchange, held, action)
          held = chunk
        }
        if (received < size)
          throw new MeterError('short', size)
        isSent = true
        if (held)
          await write(exchange, held, action)
        exchange.request.end()
        exchange.sent()
      }
      catch (error) {
        exchange.fail(new StorageError('aborted', `cannot ${action}: the body broke off`))
        await exchange.closed
        throw error
      }
      return compare(await answer, hash.digest('hex'), action)
    },
  }
}
