import type { S3Connection } from './s3-connection.ts'
import type { S3Put } from './s3-put.ts'
import type { CompleteParts, MultipartEntry, MultipartRef, Storage } from './storage.ts'
import type { Tasks } from './tasks.ts'
import { readInRuns } from './body-reader.ts'
import { abortedBy, throwIfAborted } from './disk.ts'
import { assertObjectKey } from './object-key.ts'
import { countParts, locatePart, MAX_PARTS } from './part-layout.ts'
import { ifStored, onStore, refusalOf, SPOILT_KEY } from './s3-errors.ts'
import { isStorageError, StorageError } from './storage.ts'
import { createUploadGate } from './upload-gate.ts'

/** As long as an object is looked up after its making went wrong. */
const LOOK_UP_MS = 5000

export interface S3MultipartDeps {
  connection: S3Connection
  put: S3Put
  tasks: Tasks
}

export type S3Multipart = Pick<Storage, 'createMultipart' | 'putPart' | 'completeMultipart' | 'abortMultipart' | 'listMultiparts'>

/**
 * Uploads in parts are the store's own; `ref` is its upload id. A part passes through without a copy. That the newest of two sends
 * wins is kept in this process only; between processes the etag in the caller's hand decides, for the store joins no part with another.
 */
export function createS3Multipart({ connection, put, tasks }: S3MultipartDeps): S3Multipart {
  const { bucket, client, deadlines } = connection
  const gate = createUploadGate(tasks)

  /** @throws StorageError when the store does not tell */
  async function isWhole(key: string, size: number): Promise<boolean> {
    const action = 'look up the object'
    const stat = await ifStored(action, client({
      action,
      answerMs: Math.min(LOOK_UP_MS, deadlines.answerMs),
    }).statObject(bucket, key))
    return stat?.size === size
  }

  /**
   * The parts that the store does not have as acknowledged; none when it has them all.
   * @throws StorageError `not_found` when it does not have the upload
   */
  async function findWrongParts({ key, ref }: MultipartRef, parts: CompleteParts['parts'], signal: AbortSignal): Promise<number[]> {
    const action = 'list the parts'
    const stored = await onStore(action, client({ action, signal }).listParts(bucket, key, ref))
    const etags = new Map(stored.map(({ part, etag, size }) => [
      part,
      { etag, size },
    ]))
    return parts.filter(({ n, etag, size }) => etags.get(n)?.etag !== etag || etags.get(n)?.size !== size).map(({ n }) => n)
  }

  return {
    async createMultipart(key, layout) {
      assertObjectKey(key)
      countParts(layout)
      const action = 'begin the upload'
      return tasks.start(undefined, async (signal) => {
        throwIfAborted(signal)
        // Never sent twice: the other upload would be nobody's.
        return {
          ref: await onStore(action, client({ action, signal, fresh: true }).initiateNewMultipartUpload(bucket, key, {})),
        }
      }).result
    },

    async putPart({ key, ref }, { n, size }, body, { signal } = {}) {
      body.on('error', () => {}) // it may break before the first read
      try {
        assertObjectKey(key)
        if (!Number.isInteger(n) || n < 1 || n > MAX_PARTS)
          throw new RangeError(`no upload has a part ${n}`)
        return await gate.send(ref, n, signal, async (signal) => {
          throwIfAborted(signal)
          const onAbort = () => body.destroy(abortedBy(signal))
          signal.addEventListener('abort', onAbort, { once: true })
          try {
            return await put.fromStream({
              key,
              query: {
                uploadId: ref,
                partNumber: String(n),
              },
            }, readInRuns(body).take(Number.POSITIVE_INFINITY), {
              action: 'store the part',
              size,
              signal,
              interrupt: error => body.destroy(error),
            })
          }
          finally {
            signal.removeEventListener('abort', onAbort)
          }
        })
      }
      finally {
        body.destroy()
      }
    },

    async completeMultipart(upload, whole, { signal } = {}) {
      const { key, ref } = upload
      const { size, parts } = whole
      assertObjectKey(key)
      const missing = findMissingParts(size, parts)
      if (missing)
        throw new StorageError('part_mismatch', 'parts are missing or of another size', { parts: missing })
      const action = 'join the parts'
      await gate.alone(ref, () => tasks.start(signal, async (signal) => {
        throwIfAborted(signal)
        try {
          const joined = parts.toSorted((a, b) => a.n - b.n).map(({ n, etag }) => ({ part: n, etag }))
          await onStore(action, client({ action, signal, answerMs: deadlines.joinMs }).completeMultipartUpload(bucket, key, ref, joined))
        }
        catch (error) {
          // Keys are used once, so an object under this one is this upload's: made by an earlier call, or by this one, whose answer was lost.
          if (isStorageError(error, 'unavailable') && await isWhole(key, size).catch(() => false))
            return
          if (!isStorageError(error, 'part_mismatch') && !isStorageError(error, 'not_found'))
            throw error
          // MinIO forgets the parts of a join whose caller went away in the middle, and says either of the two from then on. As long as it
          // knows the upload, they can be sent again.
          const outcome = await findWrongParts(upload, parts, signal).then(
            wrong => new StorageError('part_mismatch', error.message, { cause: error, parts: wrong }),
            (unlisted: unknown) => unlisted,
          )
          // Only now: a join that still ended meanwhile made the object before it forgot the upload. Where nobody can tell, it is not lost.
          if (await isWhole(key, size))
            return
          if (refusalOf(error)?.code === SPOILT_KEY)
            throw error
          throw outcome
        }
      }).result)
    },

    async abortMultipart({ key, ref }) {
      assertObjectKey(key)
      const action = 'drop the upload'
      await gate.alone(ref, () => tasks.start(undefined, async (signal) => {
        throwIfAborted(signal)
        // The client puts the id into the query as it is.
        await ifStored(action, client({ action, signal }).abortMultipartUpload(bucket, key, encodeURIComponent(ref)))
      }).result)
    },

    async* listMultiparts({ key, signal } = {}) {
      if (key !== undefined)
        assertObjectKey(key)
      const action = 'list the uploads'
      let last: MultipartEntry | undefined
      for (let more = true; more;) {
        tasks.assertOpen()
        throwIfAborted(signal)
        // The client loses the mark that the store gives for the next page.
        const page = await onStore(action, client({ action, signal }).listIncompleteUploadsQuery(bucket, key ?? '', last?.key ?? '', last?.ref ?? '', ''))
        const entries = page.uploads.map(({ key, uploadId, initiated }) => ({
          key: String(key),
          ref: String(uploadId),
          modifiedAt: initiated,
        }))
        yield* entries.filter(entry => key === undefined || entry.key === key)
        more = page.isTruncated && entries.length > 0
        last = entries.at(-1)
      }
    },
  }
}

/** The numbers that are missing from a whole; `undefined` when none is. The store itself would join whatever it is told to. */
function findMissingParts(size: number, parts: CompleteParts['parts']): number[] | undefined {
  const layout = {
    size,
    partSize: Math.max(1, ...parts.map(part => part.size)),
  }
  const given = new Map(parts.map(part => [part.n, part.size]))
  const numbers = Array.from({
    length: countParts(layout),
  }, (_, i) => i + 1)
  const missing = numbers.filter(n => given.get(n) !== locatePart(layout, n).size)
  return missing.length > 0 || given.size !== numbers.length
    ? missing
    : undefined
}
