import type { Tx } from '../../../db/database.ts'
import type { Caller } from '../../../http/caller.ts'
import type { Member } from '../../access/access.service.ts'
import type { UploadsContext } from '../uploads.context.ts'
import type { UploadRow } from '../uploads.queries.ts'
import type { CreatedUpload, OpenUpload, Upload, UploadInput } from '../uploads.schemas.ts'
import { hashSecret, newSecret } from '../../../crypto/secrets.ts'
import { notFound } from '../../../errors/common-errors.ts'
import { publishLive } from '../../../live/live-bus.ts'
import { uploadAborted } from '../../audit/audit.actions.ts'
import { parseItemName } from '../../items/item-name.ts'
import { fileTooLarge } from '../../items/items.errors.ts'
import { assertNameFree, throwWithExisting } from '../upload-name.ts'
import { uploadClosed } from '../uploads.errors.ts'
import * as queries from '../uploads.queries.ts'
import { LARGEST_UPLOAD, layOutParts } from './part-size.ts'
import { assertOpen, requireCreatorsRight, requireUpload } from './upload-guard.ts'
import { UPLOAD_LIFETIME_MS } from './upload-lifetime.ts'
import { quoteEtag } from './upload-part.service.ts'

/** Uploads from their beginning to their end without a file. */
export interface UploadSessions {
  /** @throws {AppError} `file.too_large`, `quota.exceeded`, `item.name_taken`, `item.name_invalid` */
  create: (caller: Caller, member: Member, input: UploadInput) => Promise<CreatedUpload>
  /** The person's own unfinished uploads. */
  listOpen: (member: Member) => Promise<OpenUpload[]>
  /** @throws {AppError} `upload.wrong_token` (401) for every token but this upload's, whether there is such an upload or not; so all calls by token */
  get: (uploadId: string, token: string) => Promise<Upload>
  /** Idempotent; nothing staged remains. @throws {AppError} `upload.closed` when it is already a file */
  abort: (caller: Caller, uploadId: string, token: string) => Promise<void>
  /** The same for its owner's session, when the token is lost. */
  abortOwn: (caller: Caller, member: Member, uploadId: string) => Promise<void>
  /** Gives an upload up, whoever asks. @returns false when it was given up before. @throws {AppError} `upload.closed` when it is a file */
  giveUp: (caller: Caller, upload: Pick<UploadRow, 'id'>, reason: 'aborted' | 'expired' | 'lost' | 'moved' | 'restored') => Promise<boolean>
}

export function createUploadSessions(context: UploadsContext): UploadSessions {
  const { db, storage, objects, access, audit, clock, newId, log, config } = context

  const giveUp: UploadSessions['giveUp'] = async (caller, { id }, reason) => {
    const key = await db.transaction(async (tx) => {
      const upload = await queries.lockUpload(tx, id, 'update')
      if (!upload || upload.state === 'aborted') return undefined
      if (upload.state === 'completed') throw uploadClosed('It is a file already')
      await queries.endUpload(tx, id, { state: 'aborted' })
      await queries.deleteParts(tx, id)
      if (upload.objectKey !== null) await objects.doom(tx, upload.objectKey)
      await publishUpload(tx, upload, 'aborted')
      const around = await queries.findSurroundings(tx, id)
      await audit.record(tx, caller, uploadAborted({
        workspaceId: upload.workspaceId,
        subject: { kind: 'upload', id, name: upload.name },
        details: {
          parentId: upload.parentId,
          parentName: around.parentName,
          reason,
          size: upload.sizeBytes,
          uploaderId: upload.createdBy,
          uploaderName: around.uploaderName,
        },
      }))
      return upload.objectKey
    })
    if (key === undefined) return false
    // Whoever gives up an upload may count on its bytes being gone; should the store not answer, the job does it.
    if (key !== null) await objects.remove(key).catch((error: unknown) => log.error({ err: error, key }, 'what an upload staged is left to its job'))
    return true
  }

  return {
    giveUp,

    async create(caller, member, input) {
      const name = parseItemName(input.name)
      const parent = await access.requireItem(member.userId, input.parentId, { action: 'upload', workspaceId: member.workspaceId, kind: 'folder' })
      const limit = Math.min(config.maxFileBytes, LARGEST_UPLOAD)
      if (input.size > limit) throw fileTooLarge(`A file can have at most ${limit} bytes`)
      const onConflict = input.onConflict ?? 'fail'
      await assertNameFree(context, member, parent.id, name, onConflict).catch(error => throwWithExisting(context, member, parent.id, name, error))

      const layout = layOutParts(input.size)
      const { key } = await objects.stage(member.workspaceId, { wanted: input.size })
      try {
        if (layout.partCount > 0) {
          const { ref } = await storage.createMultipart(key, { size: input.size, partSize: layout.partSize })
          await objects.keepMultipartRef(key, ref)
        }
        const id = newId()
        const token = newSecret()
        const createdAt = clock()
        const expiresAt = new Date(createdAt.getTime() + UPLOAD_LIFETIME_MS)
        await db.transaction(async (tx) => {
          await queries.insertUpload(tx, {
            id,
            workspaceId: member.workspaceId,
            parentId: parent.id,
            name: name.name,
            onConflict,
            sizeBytes: input.size,
            partSizeBytes: layout.partSize,
            mediaType: input.mediaType ?? null,
            lastModifiedAt: input.lastModified === undefined
              ? null
              : new Date(input.lastModified),
            tokenHash: hashSecret(token),
            objectKey: key,
            state: 'open',
            createdBy: member.userId,
            accessTokenId: caller.token?.id,
            createdAt,
            expiresAt,
          })
          await publishUpload(tx, { id, workspaceId: member.workspaceId, createdBy: member.userId }, 'open')
        })
        return {
          id,
          ...layout,
          uploadToken: token,
          expiresAt: expiresAt.toISOString(),
        }
      }
      catch (error) {
        await objects.discard(key)
        throw error
      }
    },

    listOpen: member => queries.listOpenUploads(db, member, clock()),

    async get(uploadId, token) {
      const upload = await requireUpload(context, uploadId, token)
      if (upload.state === 'open') assertOpen(upload, clock())
      const parent = await requireCreatorsRight(context, upload)
      return {
        id: upload.id,
        name: upload.name,
        parentId: parent.id,
        size: upload.sizeBytes,
        partSize: upload.partSizeBytes,
        partCount: layOutParts(upload.sizeBytes).partCount,
        state: upload.state,
        itemId: upload.itemId,
        parts: (await queries.listParts(db, upload.id)).map(({ n, sizeBytes, etag }) => ({
          n,
          size: sizeBytes,
          etag: quoteEtag(etag),
        })),
        expiresAt: upload.expiresAt.toISOString(),
      }
    },

    async abort(caller, uploadId, token) {
      const upload = await requireUpload(context, uploadId, token)
      await giveUp(creatorOf(upload, caller), upload, 'aborted')
    },

    async abortOwn(caller, member, uploadId) {
      const upload = await queries.findOwnUpload(db, member, uploadId)
      if (!upload) throw notFound('There is no such upload')
      await giveUp(caller, upload, 'aborted')
    },
  }
}

/** The token speaks for whoever began the upload: a person, or a visitor without an account. */
export function creatorOf(upload: Pick<UploadRow, 'createdBy' | 'creatorName' | 'accessTokenId' | 'accessTokenName'>, { origin }: Caller): Caller {
  return {
    actor: upload.createdBy === null
      ? { kind: 'visitor', id: null, name: '' }
      : { kind: 'user', id: upload.createdBy, name: upload.creatorName ?? '' },
    origin,
    ...upload.accessTokenId !== null && {
      token: { id: upload.accessTokenId, name: upload.accessTokenName ?? '' },
    },
  }
}

/** Tells the person's other windows; a visitor has none. */
export async function publishUpload(tx: Tx, upload: Pick<UploadRow, 'id' | 'workspaceId' | 'createdBy'>, state: UploadRow['state']): Promise<void> {
  if (upload.createdBy === null) return
  await publishLive(tx, {
    topic: 'uploads',
    workspaceId: upload.workspaceId,
    userId: upload.createdBy,
    uploadId: upload.id,
    state,
  })
}
