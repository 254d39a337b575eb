import type { Readable } from 'node:stream'
import type { MemoryBudget } from './memory-budget.ts'
import type { S3Config, S3Deadlines } from './s3-connection.ts'
import type { OpenAnswer } from './s3-object-reader.ts'
import type { GetOptions, Storage } from './storage.ts'
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { withDeadline } from './deadline.ts'
import { abortedBy, throwIfAborted } from './disk.ts'
import { createMemoryBudget } from './memory-budget.ts'
import { assertObjectKey, isObjectKey } from './object-key.ts'
import { createS3Connection, readAnswer, S3_DEADLINES, untilAnswered } from './s3-connection.ts'
import { ifStored, onStore, refusalOf } from './s3-errors.ts'
import { createS3Multipart } from './s3-multipart.ts'
import { parseContentRange, readObjectBody } from './s3-object-reader.ts'
import { createS3Put } from './s3-put.ts'
import { createS3Writer } from './s3-writer.ts'
import { isStorageError, StorageError } from './storage.ts'
import { createTasks } from './tasks.ts'

const PROBE_TIMEOUT_MS = 5000
const PRECONDITION_FAILED = 412
const NOT_IMPLEMENTED = 501
/** 64 MiB for bodies of unknown length, however many come at once. */
const BUFFERS = 8
const BUFFER_WAIT_MS = 30_000

export interface S3StorageOptions {
  deadlines?: Partial<S3Deadlines>
  budget?: MemoryBudget
}

/**
 * Objects in one bucket of an S3 server. Any number of processes may work on it. Only plain calls of S3 are used: PUT, GET, HEAD, DELETE,
 * ListObjectsV2 and the multipart ones. Does not look whether the bucket can be used; see `s3-start.ts`.
 */
export function openS3Storage(config: S3Config, options: S3StorageOptions = {}): Storage {
  const connection = createS3Connection(config, {
    ...S3_DEADLINES,
    ...options.deadlines,
  })
  const budget = options.budget ?? createMemoryBudget({ buffers: BUFFERS, waitMs: BUFFER_WAIT_MS })
  const { bucket, client, deadlines } = connection
  const tasks = createTasks()
  const put = createS3Put(connection)
  const multipart = createS3Multipart({ connection, put, tasks })
  const write = createS3Writer({ connection, put, multipart, budget })
  const probeKey = `probe-${randomUUID()}`
  let probing: Promise<void> | undefined

  const remove = (key: string, signal?: AbortSignal) => {
    const action = 'delete the object'
    return ifStored(action, client({ action, signal }).removeObject(bucket, key))
  }
  const stat = (key: string, signal?: AbortSignal) => {
    const action = 'look up the object'
    return ifStored(action, client({ action, signal }).statObject(bucket, key))
  }

  return {
    kind: 's3',
    ...multipart,

    async putObject(key, body, { size, atLeast, signal } = {}) {
      body.on('error', () => {}) // it may break before the first read
      try {
        assertObjectKey(key)
        return await tasks.start(signal, async (signal) => {
          throwIfAborted(signal)
          const onAbort = () => body.destroy(abortedBy(signal))
          signal.addEventListener('abort', onAbort, { once: true })
          try {
            return await write(key, body, { size, atLeast, signal })
          }
          finally {
            signal.removeEventListener('abort', onAbort)
          }
        }).result
      }
      finally {
        body.destroy()
      }
    },

    async putIfAbsent(key, bytes) {
      assertObjectKey(key)
      return tasks.start(undefined, async (signal) => {
        const write = (ifAbsent: boolean) => put.fromMemory({ key }, [bytes], {
          action: 'store the object',
          signal,
          ifAbsent,
        })
        try {
          await write(true)
        }
        catch (error) {
          const status = refusalOf(error)?.status
          if (status === PRECONDITION_FAILED) return false
          if (status !== NOT_IMPLEMENTED) throw error
          await write(false)
        }
        return true
      }).result
    },

    async getObject(key, { range, expectedSize, patient, signal } = {}) {
      assertObjectKey(key)
      if (range && !(Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end) && range.start >= 0 && range.end >= range.start))
        throw new RangeError(`not a range: ${range.start}-${range.end}`)
      return tasks.start(signal, async (opening) => {
        throwIfAborted(opening)
        const { body, size } = await openObject(key, {
          range,
          expectedSize,
          patient,
          signal: opening,
        })
        body.on('error', () => {}) // an abort may come before the reader does
        const onAbort = () => body.destroy(abortedBy(signal!))
        signal?.addEventListener('abort', onAbort, { once: true })
        const closed = new Promise<void>(resolve => body.once('close', resolve))
        void closed.then(() => signal?.removeEventListener('abort', onAbort))
        tasks.add({
          abort: reason => body.destroy(reason as Error),
          settled: closed,
        })
        if (opening.aborted)
          body.destroy(abortedBy(opening))
        return { body, size }
      }).result
    },

    async statObject(key) {
      assertObjectKey(key)
      tasks.assertOpen()
      const found = await stat(key)
      return found && { size: found.size }
    },

    async deleteObject(key) {
      assertObjectKey(key)
      tasks.assertOpen()
      await remove(key)
    },

    async* listObjects({ prefix = '', signal } = {}) {
      const action = 'list the objects'
      let token = ''
      do {
        tasks.assertOpen()
        throwIfAborted(signal)
        const page = await onStore(action, client({ action, signal }).listObjectsV2Query(bucket, prefix, token, '', 1000, ''))
        for (const { name, size, lastModified } of page.objects) {
          if (name !== undefined && isObjectKey(name))
            yield { key: name, size, modifiedAt: lastModified! }
        }
        token = page.isTruncated
          ? page.nextContinuationToken
          : ''
      } while (token !== '')
    },

    async locateObject(key, { expectedSize, expiresSeconds, browser }) {
      assertObjectKey(key)
      tasks.assertOpen()
      const found = await stat(key)
      if (!found)
        throw new StorageError('not_found', 'no such object')
      if (found.size !== expectedSize)
        throw new StorageError('corrupt', `the object is ${found.size} bytes, not ${expectedSize}`)
      return {
        kind: 'url',
        url: await connection.sign('GET', key, {
          seconds: expiresSeconds,
          ...(browser && {
            endpoint: config.publicEndpoint,
            query: { 'response-content-type': browser.contentType, 'response-content-disposition': browser.contentDisposition },
          }),
        }),
      }
    },

    async probe({ timeoutMs = PROBE_TIMEOUT_MS } = {}) {
      tasks.assertOpen()
      // All who ask share one. A key of its own that the sweep finds, should a crash leave it.
      probing ??= tasks.start(undefined, async (signal) => {
        const late = new AbortController()
        const timer = setTimeout(() => late.abort(new StorageError('unavailable', `the store took more than ${PROBE_TIMEOUT_MS} ms to write`)), PROBE_TIMEOUT_MS)
        const until = AbortSignal.any([signal, late.signal])
        try {
          await put.fromMemory({ key: probeKey }, [
            Buffer.from('probe'),
          ], { action: 'write', signal: until })
          await remove(probeKey, until)
        }
        finally {
          clearTimeout(timer)
        }
      }).result.finally(() => probing = undefined)
      probing.catch(() => {})
      await withDeadline(probing, timeoutMs)
    },

    async close() {
      await tasks.close()
      connection.close()
    },
  }

  async function openObject(key: string, { range, patient = false, ...options }: GetOptions & { signal: AbortSignal }): Promise<{ body: Readable, size: number }> {
    const { total, size, ...answer } = await requestAgain(patient
      ? deadlines.resumeMs
      : [], options.signal, () => requestObject(key, { range, ...options }))
    const start = range?.start ?? 0
    const body = readObjectBody(answer, {
      size,
      idleMs: deadlines.idleMs,
      resumeMs: deadlines.resumeMs,
      reopen: (from, signal) => requestObject(key, {
        range: { start: start + from, end: start + size - 1 },
        expectedSize: total,
        signal,
      }),
    })
    return { body, size }
  }

  async function requestAgain<T>([waitMs, ...waits]: readonly number[], signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    }
    catch (error) {
      if (waitMs === undefined || !isStorageError(error, 'unavailable'))
        throw error
      await delay(waitMs, undefined, { signal }).catch(() => {})
      throwIfAborted(signal)
      return requestAgain(waits, signal, request)
    }
  }

  /** @returns an answer whose head is right: `size` bytes of an object of `total` */
  async function requestObject(key: string, { range, expectedSize, signal }: GetOptions & { signal: AbortSignal }): Promise<OpenAnswer & { size: number, total: number }> {
    const action = 'read the object'
    const headers = range && { range: `bytes=${range.start}-${range.end}` }
    const { exchange, response } = await untilAnswered({ action, signal }, async (options) => {
      const exchange = connection.open(await connection.sign('GET', key), { method: 'GET', headers }, options)
      exchange.request.end()
      exchange.sent()
      return {
        exchange,
        value: exchange.head.then(response => ({ exchange, response })),
      }
    })
    if (response.statusCode !== 200 && response.statusCode !== 206) {
      await readAnswer(exchange, action, deadlines.answerMs)
      throw new StorageError('unavailable', `cannot ${action}: status ${response.statusCode}`)
    }
    const length = Number(response.headers['content-length'] ?? Number.NaN)
    const given = parseContentRange(response.headers['content-range'])
    const total = given?.total ?? length
    const wrong = expectedSize !== undefined && total !== expectedSize
      ? `the object is ${total} bytes, not ${expectedSize}`
      : range && !(response.statusCode === 206 && given?.start === range.start && given.end === range.end && length === range.end - range.start + 1)
        ? `the object is ${total} bytes and has not the bytes ${range.start}-${range.end}`
        : undefined
    if (wrong !== undefined || !Number.isSafeInteger(length)) {
      response.destroy()
      await exchange.closed
      throw wrong === undefined
        ? new StorageError('unavailable', `cannot ${action}: the store does not say how long it is`)
        : new StorageError('corrupt', wrong)
    }
    return {
      exchange,
      response,
      size: length,
      total,
    }
  }
}
