import type { Storage } from '../../storage/storage.ts'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isStorageError, StorageError } from '../../storage/storage.ts'

/** Waits before a store that failed is asked again. */
export const RETRY_MS = [1000, 2000, 4000, 8000]
/** Bytes that are wrong are read again, lest they were so on the way only. */
const DAMAGED_RETRIES = 1

/** What of a store a copy needs. */
export type ObjectStore = Pick<Storage, 'putObject' | 'getObject' | 'statObject' | 'deleteObject'>

export interface Amount { objects: number, bytes: number }

export interface CopyableObject {
  key: string
  size: number
  /** What its bytes are known to have; null while that is not known. */
  sha256: string | null
}

export interface Copied {
  /** `kept`: it was there, and right. */
  how: 'copied' | 'kept'
  /** Of what the target gives back. */
  sha256: string
}

/** The source does not give the bytes that the version says. `missing`: it says so itself; otherwise another try may show that it was the way. */
export class DamagedSource extends Error {
  override readonly name = 'DamagedSource'
  readonly missing: boolean

  constructor(problem: string, { missing = false } = {}) {
    super(problem)
    this.missing = missing
  }
}

/** One of the two stores failed; it may do better later, unless it is full. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
  readonly at: 'source' | 'target'
  readonly full: boolean

  constructor(at: 'source' | 'target', cause: unknown) {
    super((cause as Error).message, { cause })
    this.at = at
    this.full = isStorageError(cause, 'full')
  }
}

export interface CopyOptions {
  signal: AbortSignal
  /** Bytes that were done since the last call; negative when they have to be done again. */
  onBytes: (count: number) => void
}

/**
 * Copies an object and proves it: what the target gives back has the SHA-256 of what the source gave, and that is the one of the version where it
 * is known. A copy that is there and right is kept. What is damaged is never put in place.
 * @throws {DamagedSource}
 * @throws {StoreFailure}
 */
export async function copyObject({ source, target }: { source: Pick<ObjectStore, 'getObject'>, target: ObjectStore }, object: CopyableObject, { signal, onBytes }: CopyOptions): Promise<Copied> {
  const { key, size, sha256 } = object
  let counted = 0
  const count = (bytes: number) => {
    counted += bytes
    onBytes(bytes)
  }
  try {
    if (sha256 !== null && await isThere(target, object)) {
      if (await hashOf(target, object, signal, count).catch(atStore('target', {
        corrupt: () => undefined,
      })) === sha256) {
        return { how: 'kept', sha256 }
      }
      count(-counted)
    }
    const { body } = await source.getObject(key, { expectedSize: size, signal }).catch(throwFromSource)
    const hash = createHash('sha256')
    let read = ''
    await target.putObject(key, Readable.from(readSource(body, (chunk) => {
      hash.update(chunk)
      count(chunk.length)
    }, () => {
      read = hash.digest('hex')
      if (sha256 !== null && read !== sha256) throw new DamagedSource(`has the SHA-256 ${read}, not ${sha256}`)
    }), { objectMode: false }), { size, signal }).catch(atStore('target'))

    const back = await hashOf(target, object, signal, () => {}).catch(atStore('target', {
      corrupt: () => undefined,
      not_found: () => undefined,
    }))
    if (back !== read) {
      await target.deleteObject(key).catch(atStore('target'))
      throw new StoreFailure('target', new StorageError('corrupt', `it does not give back what was written to it (${key})`))
    }
    return { how: 'copied', sha256: back }
  }
  catch (error) {
    onBytes(-counted)
    throw error
  }
}

/** The same, again after a while when a store failed or the source's bytes seemed wrong. @throws what the last try threw */
export async function copyWithRetries(stores: { source: Pick<ObjectStore, 'getObject'>, target: ObjectStore }, object: CopyableObject, { retryMs = RETRY_MS, ...options }: CopyOptions & { retryMs?: readonly number[] }): Promise<Copied> {
  for (let failures = 0; ; failures++) {
    try {
      return await copyObject(stores, object, options)
    }
    catch (error) {
      const last = error instanceof DamagedSource
        ? DAMAGED_RETRIES
        : retryMs.length
      if (!mayPass(error) || failures >= last || options.signal.aborted) throw error
      await sleep(retryMs[failures], undefined, { signal: options.signal })
    }
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof StoreFailure
    ? !error.full
    : error instanceof DamagedSource && !error.missing
}

/** What is wrong with the source's object, in words; undefined when it is not the source. */
export function problemOf(error: unknown): string | undefined {
  if (error instanceof DamagedSource) return error.message
  return error instanceof StoreFailure && error.at === 'source'
    ? `cannot be read: ${error.message}`
    : undefined
}

async function isThere(target: ObjectStore, { key, size }: CopyableObject): Promise<boolean> {
  const found = await target.statObject(key).catch(atStore('target', {
    corrupt: () => undefined,
  }))
  return found?.size === size
}

async function hashOf(storage: Pick<ObjectStore, 'getObject'>, { key, size }: CopyableObject, signal: AbortSignal, onBytes: (count: number) => void): Promise<string> {
  const hash = createHash('sha256')
  const { body } = await storage.getObject(key, { expectedSize: size, signal })
  for await (const chunk of body as AsyncIterable<Buffer>) {
    hash.update(chunk)
    onBytes(chunk.length)
  }
  return hash.digest('hex')
}

/** Passes the source's bytes on. Only what the source itself throws counts as its failure, not that the target has stopped reading. */
async function* readSource(body: Readable, onChunk: (chunk: Buffer) => void, onEnd: () => void): AsyncGenerator<Buffer> {
  const chunks = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { value, done } = await chunks.next().catch(throwFromSource)
      if (done) break
      onChunk(value)
      yield value
    }
    onEnd()
  }
  finally {
    body.destroy()
  }
}

function throwFromSource(error: unknown): never {
  if (isStorageError(error, 'not_found')) throw new DamagedSource('is missing', { missing: true })
  if (isStorageError(error, 'corrupt')) throw new DamagedSource(error.message)
  if (isStorageError(error, 'aborted')) throw error
  throw new StoreFailure('source', error)
}

/** Says which store it was that failed; `instead` gives a value for kinds of failure that are an answer. */
export function atStore<T = never>(at: 'source' | 'target', instead: { corrupt?: () => T, not_found?: () => T } = {}): (error: unknown) => T {
  return (error) => {
    if (!isStorageError(error) || error.kind === 'aborted') throw error
    const answer = instead[error.kind as 'corrupt' | 'not_found']
    if (answer) return answer()
    throw new StoreFailure(at, error)
  }
}
