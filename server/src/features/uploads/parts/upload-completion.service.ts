import type { Caller } from '../../../http/caller.ts'
import type { Item } from '../../items/items.schemas.ts'
import type { ReceivedFile } from '../file-commit.ts'
import type { UploadsContext } from '../uploads.context.ts'
import type { PartRow, UploadRow } from '../uploads.queries.ts'
import type { CompleteInput } from '../uploads.schemas.ts'
import type { UploadSessions } from './upload-session.service.ts'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { notFound } from '../../../errors/common-errors.ts'
import { BLOCK_BYTES } from '../../../storage/block-sums.ts'
import { combineCrc32 } from '../../../storage/crc32.ts'
import { sniffMediaType } from '../../../storage/sniff.ts'
import { isStorageError } from '../../../storage/storage.ts'
import { parseItemName } from '../../items/item-name.ts'
import { presentItem } from '../../items/items.presenter.ts'
import { verifyFileJob } from '../../objects/objects.verify.ts'
import { commitReceived } from '../file-commit.ts'
import { fileDigestMismatch, uploadClosed, uploadIncomplete } from '../uploads.errors.ts'
import * as queries from '../uploads.queries.ts'
import { layOutParts } from './part-size.ts'
import { assertOpen, requireCreator, requireCreatorsRight, requireUpload } from './upload-guard.ts'
import { creatorOf, publishUpload } from './upload-session.service.ts'

/** As much of a file's start as tells its type. */
const HEAD_BYTES = 4100
const SHA256_OF_NOTHING = createHash('sha256').digest('hex')

export interface UploadCompletion {
  /**
   * Idempotent, also in parallel: a repeat answers the same item.
   * @throws {AppError} `upload.incomplete` (with the numbers: `missing`), `upload.digest_mismatch`; `item.name_taken` leaves the upload open, to be
   * completed with another `name` or `onConflict`
   */
  complete: (caller: Caller, uploadId: string, token: string, input: CompleteInput) => Promise<Item>
}

/**
 * Parts become a file. No lock is held while the store works, so every step can be repeated after a crash:
 * 1. seal: under the upload's lock, when all parts are there. From now on no part is taken, so none can go missing.
 * 2. the store makes the parts one object: idempotent. Parts that it does not have as acknowledged are forgotten and the seal is broken.
 * 3. one transaction, under the upload's lock again: the first to come makes the file, others answer the same one; after an abort nobody does.
 */
export function createUploadCompletion(context: UploadsContext, { giveUp }: Pick<UploadSessions, 'giveUp'>): UploadCompletion {
  const { db, storage, jobs, access, clock } = context

  /** @throws {AppError} `upload.incomplete`, `upload.digest_mismatch` */
  async function seal(upload: UploadRow, sha256: string | undefined): Promise<PartRow[]> {
    return db.transaction(async (tx) => {
      const locked = await queries.lockUpload(tx, upload.id, 'update')
      if (!locked) throw uploadClosed()
      assertOpen(locked, clock())
      const parts = await queries.listParts(tx, upload.id)
      const missing = missingNumbers(upload, parts)
      if (missing.length > 0) throw incomplete(missing)
      assertDigest(knownSha256(upload, parts), sha256)
      if (locked.sealedAt === null) await queries.setSealed(tx, upload.id, clock())
      return parts
    })
  }

  async function forgetParts(upload: UploadRow, parts: PartRow[], wrong: readonly number[]): Promise<never> {
    const numbers = wrong.length > 0
      ? [...wrong]
      : parts.map(part => part.n) // the store does not tell which
    await db.transaction(async (tx) => {
      const locked = await queries.lockUpload(tx, upload.id, 'update')
      if (locked?.state !== 'open') throw uploadClosed()
      await queries.deleteParts(tx, upload.id, numbers)
      await queries.setSealed(tx, upload.id, null)
    })
    throw incomplete(numbers)
  }

  async function assemble(upload: UploadRow, parts: PartRow[]): Promise<void> {
    const key = upload.objectKey!
    if (parts.length === 0) {
      await storage.putObject(key, Readable.from([]), { size: 0 })
      return
    }
    try {
      await storage.completeMultipart({ key, ref: upload.multipartRef! }, {
        size: upload.sizeBytes,
        parts: parts.map(({ n, etag, sizeBytes }) => ({ n, etag, size: sizeBytes })),
      })
    }
    catch (error) {
      if (isStorageError(error, 'part_mismatch')) await forgetParts(upload, parts, error.parts)
      throw error
    }
  }

  async function readHead(upload: UploadRow): Promise<Buffer> {
    if (upload.sizeBytes === 0) return Buffer.alloc(0)
    const { body } = await storage.getObject(upload.objectKey!, {
      range: { start: 0, end: Math.min(upload.sizeBytes, HEAD_BYTES) - 1 },
      expectedSize: upload.sizeBytes,
    })
    return buffer(body)
  }

  /** The first to come makes the file. @returns it, or the id of what another call made of the upload */
  function makeFile(caller: Caller, upload: UploadRow, parts: PartRow[], file: Pick<ReceivedFile, 'name' | 'onConflict'> & { mediaType: string, sha256: string | undefined }): Promise<Item | string | null> {
    const known = knownSha256(upload, parts)
    const objectKey = upload.objectKey!
    return db.transaction(async (tx) => {
      const locked = await queries.lockUpload(tx, upload.id, 'update')
      if (!locked) throw uploadClosed()
      if (locked.state === 'completed') return locked.itemId
      assertOpen(locked, clock())
      const [item] = await commitReceived(context, tx, [
        {
          caller,
          parent: await requireCreatorsRight(context, locked, tx),
          userId: upload.createdBy,
          name: file.name,
          onConflict: file.onConflict,
          object: {
            key: objectKey,
            size: upload.sizeBytes,
            sha256: known,
            crc32: knownCrc32(parts),
            blocks: knownBlocks(upload, parts),
            mediaType: file.mediaType,
            lastModified: upload.lastModifiedAt,
          },
        },
      ], async ([itemId]) => {
        await queries.endUpload(tx, upload.id, { state: 'completed', itemId: itemId!, sha256: file.sha256 ?? null })
        if (known === null) await jobs.send(tx, verifyFileJob, { objectKey, uploadId: upload.id })
        else await queries.deleteParts(tx, upload.id)
        await publishUpload(tx, upload, 'completed')
      })
      return item!
    })
  }

  async function present(upload: Pick<UploadRow, 'createdBy' | 'workspaceId'>, itemId: string | null) {
    if (itemId === null) throw notFound('The file was deleted')
    return presentItem(db, await access.requireItem(requireCreator(upload), itemId, { action: 'see', workspaceId: upload.workspaceId }), clock())
  }

  return {
    async complete(caller, uploadId, token, input: CompleteInput) {
      const upload = await requireUpload(context, uploadId, token)
      if (upload.state === 'completed') return present(upload, upload.itemId)
      assertOpen(upload, clock())
      await requireCreatorsRight(context, upload)
      const name = parseItemName(input.name ?? upload.name)
      const sha256 = input.sha256?.toLowerCase()

      try {
        const parts = await seal(upload, sha256)
        await assemble(upload, parts)
        const mediaType = await sniffMediaType(await readHead(upload), name.name)
        const made = await makeFile(creatorOf(upload, caller), upload, parts, {
          name,
          onConflict: input.onConflict ?? upload.onConflict,
          mediaType,
          sha256,
        })
        return made === null || typeof made === 'string'
          ? await present(upload, made)
          : made
      }
      catch (error) {
        // Another call may have made the file in the meantime: then this one answers the same.
        const now = await queries.findUploadByToken(db, upload.tokenHash, clock())
        if (now?.state === 'completed') return present(now, now.itemId)
        if (!isStorageError(error, 'not_found')) throw error
        await storage.probe() // a store that is not there at all has not lost anything
        await giveUp(creatorOf(upload, caller), upload, 'lost')
        throw uploadClosed({ detail: 'The store no longer has what was sent; start again', cause: error })
      }
    },
  }
}

/** Of one part or none the whole file's SHA-256 is known; of several only after reading them back. */
function knownSha256({ sizeBytes }: UploadRow, parts: PartRow[]): string | null {
  if (sizeBytes === 0) return SHA256_OF_NOTHING
  return parts.length === 1
    ? parts[0]!.sha256.toString('hex')
    : null
}

/** Null when a part came before it was noted. */
function knownCrc32(parts: PartRow[]): number | null {
  let whole: number | null = 0
  for (const { crc32, sizeBytes } of parts) {
    if (crc32 === null || whole === null) whole = null
    else whole = combineCrc32(whole, crc32, sizeBytes)
  }
  return whole
}

/** Parts are made of whole blocks, but for the last. Null as above. */
function knownBlocks({ partSizeBytes }: UploadRow, parts: PartRow[]): Buffer | null {
  const blocks = parts.map(part => part.blocks).filter(blocks => blocks !== null)
  return blocks.length === parts.length && partSizeBytes % BLOCK_BYTES === 0
    ? Buffer.concat(blocks)
    : null
}

function assertDigest(known: string | null, announced: string | undefined): void {
  if (known !== null && announced !== undefined && known !== announced) throw fileDigestMismatch(`The file has the SHA-256 ${known}`)
}

function missingNumbers({ sizeBytes }: UploadRow, parts: PartRow[]): number[] {
  const there = new Set(parts.map(part => part.n))
  return Array.from({ length: layOutParts(sizeBytes).partCount }, (_, i) => i + 1).filter(n => !there.has(n))
}

const incomplete = (missing: number[]) => uploadIncomplete({
  detail: `${missing.length} parts are to be sent`,
  extra: { missing },
})
