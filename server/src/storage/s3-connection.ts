import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http'
import { Buffer } from 'node:buffer'
import { EventEmitter } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import { Client } from 'minio'
import { abortedBy, errorCode } from './disk.ts'
import { findRefusal, toS3StorageError } from './s3-errors.ts'
import { StorageError } from './storage.ts'

export interface S3Config {
  /** Origin of the server as this process reaches it. */
  endpoint: string
  region: string
  bucket: string
  accessKey: string
  secretKey: string
  /** The same server's, as browsers reach it. */
  publicEndpoint?: string
  /** `http://host/bucket/key`; else `http://bucket.host/key`. */
  pathStyle: boolean
}

/** Milliseconds. Whoever waits for the store waits no longer than these; waiting for the other side of a transfer does not count. */
export interface S3Deadlines {
  /** TCP and TLS. */
  connectMs: number
  /** From the last byte of a request to the head of its answer; and for the whole of an answer that is read into memory. */
  answerMs: number
  /** The same for joining parts, which moves data in some stores. */
  joinMs: number
  /** Between two steps of a body that the store takes or gives. */
  idleMs: number
  /** For `100 Continue`, before a body is sent all the same (RFC 9110 §10.1.1). */
  continueMs: number
  /** Before each time that a body is taken up again where its connection broke: long enough in all for a store to start anew. */
  resumeMs: readonly number[]
  /** How long a connection is kept unused: less than servers and balancers do, so that they seldom close one just as it is taken. */
  keepAliveMs: number
}

export const S3_DEADLINES: S3Deadlines = {
  connectMs: 5000,
  answerMs: 20_000,
  joinMs: 30_000,
  idleMs: 30_000,
  continueMs: 1000,
  resumeMs: [0, 1000, 2000, 4000, 8000],
  keepAliveMs: 4000,
}

/** Signed URLs are used at once; this allows for clocks that differ. */
const SIGNED_SECONDS = 900
/** A page of 1000 entries has half of it. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** The `minio` client, with the list of an upload's parts that it keeps to itself. */
export class S3Client extends Client {
  override listParts(bucket: string, key: string, ref: string): ReturnType<Client['listParts']> {
    return super.listParts(bucket, key, ref)
  }
}

export interface CallOptions {
  /** What is tried, for the message of a failure: "read the object". */
  action: string
  signal?: AbortSignal
  answerMs?: number
  /** On a connection of its own: for what must not be sent twice. */
  fresh?: boolean
}

/** One request on its way. */
export interface Exchange {
  readonly request: ClientRequest
  /** The head of the answer; rejects with a `StorageError`. */
  readonly head: Promise<IncomingMessage>
  /** Settles once there is a connection, or never will be. */
  readonly connected: Promise<void>
  /** Settles once the socket is let go. */
  readonly closed: Promise<void>
  /** A kept connection turned out to be dead before the store had said a word. */
  readonly stale: boolean
  /** The request is all sent: from now on the store keeps us waiting. */
  sent: () => void
  fail: (error: Error) => void
}

export interface Answer { status: number, headers: IncomingHttpHeaders, body: Buffer }

export interface S3Connection {
  readonly bucket: string
  readonly deadlines: S3Deadlines
  /** The `minio` client for one call: with our connections, deadlines and errors instead of its own. */
  client: (options: CallOptions) => S3Client
  /** @param options.endpoint of the same server, as whoever uses the URL reaches it */
  sign: (method: 'GET' | 'PUT', key: string, options?: { query?: Record<string, string>, seconds?: number, endpoint?: string }) => Promise<URL>
  open: (target: URL | RequestOptions, request: RequestOptions, options: CallOptions) => Exchange
  close: () => void
}

/**
 * Connections to one S3 server. Everything that leaves it as an error is a `StorageError` without a URL or a secret in it.
 *
 * Of the client's own transport nothing is used: it has no deadline, leaves the bodies of 503s unread (and their sockets open), and
 * loses the codes of errors.
 */
export function createS3Connection(config: S3Config, deadlines: S3Deadlines): S3Connection {
  const secure = new URL(config.endpoint).protocol === 'https:'
  const protocol = secure
    ? https
    : http
  // No limit of sockets: a slow reader of one object would keep others from theirs. Who asks is limited before.
  const agent = new protocol.Agent({ keepAlive: true, maxFreeSockets: 32, timeout: deadlines.keepAliveMs })

  function clientFor(endpoint: string, transport?: Pick<typeof http, 'request'>): S3Client {
    const url = new URL(endpoint)
    return new S3Client({
      endPoint: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === ''
        ? undefined
        : Number(url.port),
      useSSL: url.protocol === 'https:',
      region: config.region,
      accessKey: config.accessKey,
      secretKey: config.secretKey,
      pathStyle: config.pathStyle,
      transport,
      retryOptions: { disableRetry: true },
    })
  }

  function open(target: URL | RequestOptions, more: RequestOptions, { action, signal, answerMs = deadlines.answerMs, fresh = false }: CallOptions): Exchange {
    const request = protocol.request({
      ...(target instanceof URL
        ? {
            host: target.hostname.replace(/^\[|\]$/g, ''),
            port: target.port,
            path: target.pathname + target.search,
            headers: {},
          }
        : target),
      ...more,
      agent: fresh
        ? false
        : agent,
    })
    let response: IncomingMessage | undefined
    let stale = false
    let isSent = false
    let isConnected = false
    let timer: NodeJS.Timeout | undefined

    const fail = (error: Error) => (response ?? request).destroy(error)
    const allow = (ms: number, what: string) => {
      clearTimeout(timer)
      timer = setTimeout(() => fail(new StorageError('unavailable', `cannot ${action}: ${what} within ${ms} ms`)), ms)
    }
    const awaitAnswer = () => {
      clearTimeout(timer)
      if (isSent && isConnected && !response)
        allow(answerMs, 'the store did not answer')
    }

    const closed = new Promise<void>(resolve => request.once('close', resolve))
    const connected = new Promise<void>((resolve) => {
      const done = () => {
        isConnected = true
        awaitAnswer()
        resolve()
      }
      allow(deadlines.connectMs, 'no connection to the store')
      request.once('socket', (socket) => {
        if (socket.connecting) {
          socket.once(secure
            ? 'secureConnect'
            : 'connect', done)
        }
        else {
          done()
        }
      })
      request.once('close', resolve)
    })
    const head = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', (incoming) => {
        clearTimeout(timer)
        response = incoming
        incoming.on('error', () => {}) // also told to whoever reads it
        resolve(incoming)
      })
      request.on('error', (error) => {
        stale = !response && request.reusedSocket && /^(?:ECONNRESET|EPIPE)$/.test(errorCode(error) ?? '')
        reject(toS3StorageError(error, action))
      })
      request.once('close', () => { if (!response) reject(new StorageError('unavailable', `cannot ${action}: the connection was closed`)) })
    })
    head.catch(() => {})

    const onAbort = () => fail(abortedBy(signal!))
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted)
      onAbort()
    void closed.then(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    })

    return {
      request,
      head,
      connected,
      closed,
      get stale() {
        return stale
      },
      sent() {
        isSent = true
        awaitAnswer()
      },
      fail,
    }
  }

  /** As the client sees `node:http`: answers that are errors never reach it, those that are not come whole from memory. */
  function transportFor(options: CallOptions): Pick<typeof http, 'request'> {
    const request = (target: RequestOptions, onAnswer: (answer: Readable) => void) => Object.assign(new EventEmitter(), {
      end(this: EventEmitter, body?: Buffer | string) {
        untilAnswered(options, async (options) => {
          const exchange = open(target, {}, options)
          exchange.request.end(body)
          exchange.sent()
          return {
            exchange,
            value: readAnswer(exchange, options.action, options.answerMs ?? deadlines.answerMs),
          }
        }).then(({ status, headers, body }) => onAnswer(Object.assign(Readable.from([body]), { statusCode: status, headers })), error => this.emit('error', error))
      },
    })
    return { request } as unknown as Pick<typeof http, 'request'>
  }

  const signers = new Map<string, S3Client>()

  return {
    bucket: config.bucket,
    deadlines,
    open,
    client: options => clientFor(config.endpoint, transportFor(options)),
    async sign(method, key, { query = {}, seconds = SIGNED_SECONDS, endpoint = config.endpoint } = {}) {
      const signer = signers.get(endpoint) ?? clientFor(endpoint)
      signers.set(endpoint, signer)
      return new URL(await signer.presignedUrl(method, config.bucket, key, seconds, query))
    },
    close: () => agent.destroy(),
  }
}

/** A dead connection was taken and nothing was done yet: begins again, once, on a new one. */
export async function untilAnswered<T>(options: CallOptions, begin: (options: CallOptions) => Promise<{ exchange: Exchange, value: Promise<T> }>): Promise<T> {
  const { exchange, value } = await begin(options)
  try {
    return await value
  }
  catch (error) {
    await exchange.closed
    if (!exchange.stale)
      throw error
    return (await begin({
      ...options,
      fresh: true,
    })).value
  }
}

/** Reads an answer to its end, whatever it is, and so gives the connection back. @throws StorageError also for what S3 calls an error */
export async function readAnswer(exchange: Exchange, action: string, deadlineMs: number): Promise<Answer> {
  const response = await exchange.head
  const timer = setTimeout(() => exchange.fail(new StorageError('unavailable', `cannot ${action}: the answer did not come to its end within ${deadlineMs} ms`)), deadlineMs)
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      bytes += piece.length
      if (bytes > MAX_ANSWER_BYTES)
        throw new StorageError('unavailable', `cannot ${action}: the answer is longer than any of S3`)
      pieces.push(piece)
    }
  }
  catch (error) {
    await exchange.closed
    throw toS3StorageError(error, action)
  }
  finally {
    clearTimeout(timer)
  }
  // Refused before it was all sent: nobody will read the rest.
  if (!exchange.request.writableFinished)
    exchange.request.destroy()
  const body = Buffer.concat(pieces)
  const refusal = findRefusal(response.statusCode!, response.headers, body.subarray(0, 16 * 1024).toString())
  if (refusal)
    throw toS3StorageError(refusal, action)
  return {
    status: response.statusCode!,
    headers: response.headers,
    body,
  }
}
