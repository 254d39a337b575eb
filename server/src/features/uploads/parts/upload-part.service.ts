import type { Readable } from 'node:stream'
import type { UploadsContext } from '../uploads.context.ts'
import type { UploadRow } from '../uploads.queries.ts'
import { locatePart } from '../../../storage/part-layout.ts'
import { isStorageError } from '../../../storage/storage.ts'
import { receiveBody } from '../receive-body.ts'
import { lengthRequired, partDigestMismatch, partNumber, partSize, partSuperseded, uploadClosed } from '../uploads.errors.ts'
import * as queries from '../uploads.queries.ts'
import { parseContentDigest } from './content-digest.ts'
import { layOutParts } from './part-size.ts'
import { assertOpen, requireCreatorsRight, requireUpload } from './upload-guard.ts'
import { EXTEND_STEP_MS, UPLOAD_LIFETIME_MS } from './upload-lifetime.ts'

export interface PartBody {
  body: Readable
  /** From Content-Length; a part must say how long it is. */
  contentLength: number | undefined
  /** RFC 9530 Content-Digest, raw header; sha-256 is checked, other algorithms are ignored. */
  contentDigest: string | undefined
  signal: AbortSignal
}

/** Parts on their way into the store. */
export interface PartReceiver {
  /** Any order, parallel, repeatable; 200 means durable. @throws {AppError} `upload.part_number`, `upload.part_size`, `upload.length_required`, `upload.digest_mismatch`, `upload.closed`, `upload.stalled`, `upload.interrupted`, `upload.part_superseded` */
  putPart: (uploadId: string, token: string, n: number, part: PartBody) => Promise<{ etag: string }>
}

export function createPartReceiver(context: UploadsContext): PartReceiver {
  const { db, storage, clock, newId, config } = context

  /** In a transaction that keeps the upload from being ended or sealed meanwhile. */
  async function whileOpen(uploadId: string, work: (tx: Parameters<Parameters<typeof db.transaction>[0]>[0]) => Promise<void>): Promise<void> {
    await db.transaction(async (tx) => {
      const upload = await queries.lockUpload(tx, uploadId, 'share')
      if (!upload) throw uploadClosed()
      assertOpen(upload, clock())
      if (upload.sealedAt !== null) throw uploadClosed('Every part has arrived; complete it')
      await work(tx)
    })
  }

  return {
    async putPart(uploadId, token, n, part) {
      context.uploadTurn.require()
      const mark = context.transfers.mark()
      const upload = await requireUpload(context, uploadId, token)
      assertOpen(upload, clock())
      await requireCreatorsRight(context, upload)
      const range = locate(upload, n)
      assertLength(part, range.size)
      const announced = parseContentDigest(part.contentDigest)
      if (upload.objectKey === null || upload.multipartRef === null) throw uploadClosed()

      // From here until it is durable again, the part does not count: a crash in between must not leave a row for half a part. Of sends at the same time
      // only the last that began counts: the store may have its bytes when another's row comes.
      const sendId = newId()
      await whileOpen(upload.id, tx => queries.beginSend(tx, { uploadId: upload.id, n, sendId }))
      const transfer = {
        workspaceId: upload.workspaceId,
        userId: upload.createdBy,
        check: async () => void await requireCreatorsRight(context, await requireUpload(context, uploadId, token)),
      }
      const { stored, received } = await context.transfers.during(transfer, mark, part.signal, signal => receiveBody(part.body, {
        exact: range.size,
        idleMs: config.bodyIdleSeconds * 1000,
        signal,
        onEnd({ sha256 }) {
          if (announced !== undefined && announced !== sha256) throw partDigestMismatch(`Part ${n} has the SHA-256 ${sha256}`)
        },
      }, body => storage.putPart({ key: upload.objectKey!, ref: upload.multipartRef! }, range, body, { signal }))).catch((error: unknown) => {
        throw isStorageError(error, 'not_found')
          ? uploadClosed({ cause: error })
          : error
      })
      await whileOpen(upload.id, async (tx) => {
        const isDurable = await queries.endSend(tx, {
          sendId,
          uploadId: upload.id,
          n,
          sizeBytes: range.size,
          etag: stored.etag,
          sha256: Buffer.from(received.sha256, 'hex'),
          crc32: received.crc32,
          blocks: received.blocks,
        })
        if (!isDurable) throw partSuperseded()
      })
      await queries.extendUpload(db, upload.id, new Date(clock().getTime() + UPLOAD_LIFETIME_MS), EXTEND_STEP_MS)
      return {
        etag: quoteEtag(stored.etag),
      }
    },
  }
}

/** As in the ETag field (RFC 9110 §8.8.3). */
export const quoteEtag = (etag: string) => `"${etag}"`

function locate(upload: UploadRow, n: number) {
  const { partCount } = layOutParts(upload.sizeBytes)
  if (n < 1 || n > partCount) throw partNumber(`This upload has ${partCount} parts`)
  return locatePart({ size: upload.sizeBytes, partSize: upload.partSizeBytes }, n)
}

function assertLength({ contentLength }: PartBody, size: number): void {
  if (contentLength === undefined) throw lengthRequired('Send Content-Length')
  if (contentLength !== size) throw partSize(`This part has ${size} bytes`)
}
