import type { Buffer } from 'node:buffer'
import type { BodyReader } from './body-reader.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { S3Connection } from './s3-connection.ts'
import type { S3Multipart } from './s3-multipart.ts'
import type { S3Put } from './s3-put.ts'
import type { CompleteParts, MultipartRef, PartLayout } from './storage.ts'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { readInRuns } from './body-reader.ts'
import { MeterError } from './meter.ts'
import { countParts, locatePart, MAX_PARTS } from './part-layout.ts'
import { ifStored } from './s3-errors.ts'
import { SLACK_BYTES } from './storage.ts'

const MiB = 1024 * 1024
/** Held by any upload without asking, so that small files pass while large ones wait. */
const FREE_BYTES = 256 * 1024
/** A part of a body of unknown length, and the size of a buffer: with 10,000 parts, 78 GiB. */
const PART_BYTES = 8 * MiB
/** S3 takes no smaller part but the last. */
const SMALLEST_PART = 5 * MiB
/** S3 takes more than this in parts only. */
const LARGEST_PUT = 5 * 1024 * MiB
const STREAMED_PART_BYTES = 1024 * MiB
/** For taking back what may have come about; whoever keeps the register tries again later. */
const TIDY_MS = 3000

interface WriteOptions { size: number | undefined, atLeast: number | undefined, signal: AbortSignal }

/**
 * Writes whole objects. Of known length: one PUT, streamed. Of nearly known length: parts, streamed, but for the little that is not. Of unknown
 * length: as S3 wants to know it beforehand, parts are gathered in memory; what ends within the first is one PUT, anything longer an upload of its own.
 * What fails is taken back, as far as the store still answers.
 */
export function createS3Writer({ connection, put, multipart, budget }: { connection: S3Connection, put: S3Put, multipart: S3Multipart, budget: MemoryBudget }) {
  const { bucket, client, deadlines } = connection
  const answerMs = Math.min(TIDY_MS, deadlines.answerMs)
  const action = 'store the object'

  async function takeBack(key: string): Promise<void> {
    const action = 'take the object back'
    await ifStored(action, client({ action, answerMs }).removeObject(bucket, key)).catch(() => {})
  }

  async function streamWhole(key: string, body: Readable, reader: BodyReader, { size, signal }: { size: number, signal: AbortSignal }): Promise<void> {
    let atEnd = false
    async function* chunks() {
      yield* reader.take(Number.POSITIVE_INFINITY)
      atEnd = true
    }
    try {
      await put.fromStream({ key }, chunks(), {
        action,
        size,
        signal,
        interrupt: error => body.destroy(error),
      })
    }
    catch (error) {
      // The store may have had all of it.
      if (atEnd && !(error instanceof MeterError))
        await takeBack(key)
      throw error
    }
  }

  /** Sends the parts that `next` gives, the last of them marked, and joins them. */
  async function inParts(key: string, layout: PartLayout, send: (upload: MultipartRef) => Promise<CompleteParts>, signal: AbortSignal): Promise<void> {
    const upload = {
      key,
      ...await multipart.createMultipart(key, layout),
    }
    try {
      await multipart.completeMultipart(upload, await send(upload), { signal })
    }
    catch (error) {
      // Also while the driver closes, when its own calls are refused.
      const action = 'drop the upload'
      await ifStored(action, client({ action, answerMs }).abortMultipartUpload(bucket, key, encodeURIComponent(upload.ref))).catch(() => {})
      await takeBack(key) // joined all the same, with the answer lost
      throw error
    }
  }

  async function sendParts(upload: MultipartRef, reader: BodyReader, layout: PartLayout, signal: AbortSignal) {
    const parts = []
    for (let n = 1; n <= countParts(layout); n++) {
      const part = locatePart(layout, n)
      const { etag } = await multipart.putPart(upload, part, Readable.from(reader.take(part.size)), { signal })
      parts.push({ n, etag, size: part.size })
    }
    return parts
  }

  async function streamParts(key: string, reader: BodyReader, layout: PartLayout, signal: AbortSignal): Promise<void> {
    await inParts(key, layout, async (upload) => {
      const parts = await sendParts(upload, reader, layout, signal)
      if (!await reader.atEnd())
        throw new MeterError('long', layout.size)
      return { size: layout.size, parts }
    }, signal)
  }

  async function streamNearly(key: string, reader: BodyReader, atLeast: number, signal: AbortSignal): Promise<{ size: number }> {
    const partSize = Math.floor(atLeast / Math.ceil(atLeast / STREAMED_PART_BYTES))
    const known = { size: atLeast - atLeast % partSize, partSize }
    const most = atLeast + SLACK_BYTES
    let { size } = known
    await inParts(key, known, async (upload) => {
      const parts = await sendParts(upload, reader, known, signal)
      const rest = await buffer(reader.take(most - size))
      if (!await reader.atEnd())
        throw new MeterError('long', most)
      if (rest.length > 0) {
        const n = parts.length + 1
        parts.push({
          n,
          size: rest.length,
          ...await putPartFromMemory(upload, n, [rest], signal),
        })
        size += rest.length
      }
      return { size, parts }
    }, signal)
    return { size }
  }

  const putPartFromMemory = ({ key, ref }: MultipartRef, n: number, pieces: Buffer[], signal: AbortSignal) =>
    put.fromMemory({
      key,
      query: {
        uploadId: ref,
        partNumber: String(n),
      },
    }, pieces, { action, signal })

  /** The next part in memory. Beyond the first bytes it takes a buffer of the budget; `release` gives that back. */
  async function gather(reader: BodyReader, signal: AbortSignal) {
    const pieces: Buffer[] = []
    let size = 0
    const fill = async (bytes: number) => {
      for await (const piece of reader.take(bytes - size)) {
        size += piece.length
        pieces.push(piece)
      }
    }
    await fill(FREE_BYTES)
    if (await reader.atEnd()) {
      return {
        pieces,
        size,
        isLast: true,
        release: () => {},
      }
    }
    const release = await budget.take(signal)
    try {
      await fill(PART_BYTES)
      return {
        pieces,
        size,
        isLast: await reader.atEnd(),
        release,
      }
    }
    catch (error) {
      release()
      throw error
    }
  }

  async function writeGathered(key: string, reader: BodyReader, signal: AbortSignal): Promise<{ size: number }> {
    let part = await gather(reader, signal)
    try {
      if (part.isLast) {
        await put.fromMemory({ key }, part.pieces, { action, signal }).catch(async (error: unknown) => {
          await takeBack(key)
          throw error
        })
        return { size: part.size }
      }
      let size = 0
      await inParts(key, { size: PART_BYTES, partSize: PART_BYTES }, async (upload) => {
        const parts = []
        for (let n = 1; ; n++) {
          if (n > MAX_PARTS)
            throw new MeterError('too_large', MAX_PARTS * PART_BYTES)
          const { etag } = await putPartFromMemory(upload, n, part.pieces, signal)
          parts.push({ n, etag, size: part.size })
          size += part.size
          part.release()
          if (part.isLast)
            return { size, parts }
          part = await gather(reader, signal)
        }
      }, signal)
      return { size }
    }
    finally {
      part.release()
    }
  }

  return async (key: string, body: Readable, { size, atLeast = 0, signal }: WriteOptions): Promise<{ size: number }> => {
    const reader = readInRuns(body)
    if (size === undefined) {
      return atLeast >= SMALLEST_PART
        ? streamNearly(key, reader, atLeast, signal)
        : writeGathered(key, reader, signal)
    }
    if (size <= LARGEST_PUT) {
      await streamWhole(key, body, reader, { size, signal })
    }
    else {
      await streamParts(key, reader, {
        size,
        partSize: Math.max(STREAMED_PART_BYTES, Math.ceil(size / MAX_PARTS)),
      }, signal)
    }
    return { size }
  }
}
