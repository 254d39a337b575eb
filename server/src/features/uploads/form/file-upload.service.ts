import type { Readable } from 'node:stream'
import type { Tx } from '../../../db/database.ts'
import type { Caller } from '../../../http/caller.ts'
import type { AccessibleItem, Member } from '../../access/access.service.ts'
import type { FileUploadQuery, Item } from '../../items/items.schemas.ts'
import type { ReceivedFile } from '../file-commit.ts'
import type { UploadsContext } from '../uploads.context.ts'
import { inGroups } from '../../../db/in-groups.ts'
import { sniffMediaType } from '../../../storage/sniff.ts'
import { SLACK_BYTES } from '../../../storage/storage.ts'
import { parseItemName } from '../../items/item-name.ts'
import { fileTooLarge } from '../../items/items.errors.ts'
import { TOUCH_STEP_MS } from '../../objects/objects.lifetime.ts'
import { commitReceived } from '../file-commit.ts'
import { receiveBody } from '../receive-body.ts'
import { assertNameFree, throwWithExisting } from '../upload-name.ts'

/** Room taken at a time for a body that does not say how long it is. */
const GROW_BYTES = 16 * 1024 * 1024
/** Of a body that is sent sooner than one could say that its name is taken: the end will tell. */
const SMALL_BYTES = 64 * 1024

export interface FileUploadOptions {
  /** Bytes that the request brings at most, if it says so; without it room is taken as the bytes come. */
  expectedSize?: number
  /** Resolves when the request has ended well; rejects when more came than the one file. Nothing becomes visible before. */
  endOfRequest: () => Promise<void>
  signal: AbortSignal
}

/** Whole files in one request. */
export interface FileUpload {
  /**
   * Takes one whole file from a stream.
   * @throws {AppError} `file.too_large`, `quota.exceeded`, `item.name_taken`, `upload.interrupted`, `upload.stalled`
   */
  uploadFile: (caller: Caller, member: Member, query: FileUploadQuery, body: Readable, options: FileUploadOptions) => Promise<Item>
}

export function createFileUpload(context: UploadsContext): FileUpload {
  const { db, storage, objects, access, clock, config } = context

  /** Takes room as the bytes come and keeps the object from the sweep; both seldom enough to cost nothing. */
  function keepUp(staged: { key: string, reservedBytes: number }): (total: number) => Promise<void> | undefined {
    let { reservedBytes } = staged
    let touchedAt = clock().getTime()
    async function grow(total: number): Promise<void> {
      while (reservedBytes < total) reservedBytes += await objects.grow(staged.key, GROW_BYTES)
    }
    return (total) => {
      if (total > reservedBytes) return grow(total)
      const now = clock().getTime()
      if (now - touchedAt < TOUCH_STEP_MS) return undefined
      touchedAt = now
      return objects.touch(staged.key)
    }
  }

  const requireFolder = (workspaceId: string, userId: string, folderId: string, tx?: Tx) => access.requireItem(userId, folderId, { action: 'upload', workspaceId, kind: 'folder' }, tx)

  /** Those who send many small files send several at once. */
  const commit = inGroups<Omit<ReceivedFile, 'parent' | 'userId'> & { parentId: string, userId: string }, Item>((workspaceId, received) => db.transaction(async (tx) => {
    // Once more: minutes may have passed, and the right with them.
    const parents = new Map<string, AccessibleItem>()
    const files: ReceivedFile[] = []
    for (const { parentId, ...file } of received) {
      const whose = `${file.userId} ${parentId}`
      const parent = parents.get(whose) ?? await requireFolder(workspaceId, file.userId, parentId, tx)
      parents.set(whose, parent)
      files.push({ ...file, parent })
    }
    return commitReceived(context, tx, files)
  }))

  return {
    async uploadFile(caller, member, query, body, { expectedSize, endOfRequest, signal }) {
      const mark = context.transfers.mark()
      const name = parseItemName(query.name)
      const onConflict = query.onConflict ?? 'fail'
      const parent = await requireFolder(member.workspaceId, member.userId, query.parentId)
      const explain = (error: unknown) => throwWithExisting(context, member, parent.id, name, error)
      if ((expectedSize ?? Number.POSITIVE_INFINITY) > SMALL_BYTES) await assertNameFree(context, member, parent.id, name, onConflict).catch(explain)
      const atLeast = Math.max(0, (expectedSize ?? 0) - SLACK_BYTES) // boundaries and part headers
      if (atLeast > config.maxFileBytes) throw fileTooLarge(`A file can have at most ${config.maxFileBytes} bytes`)

      const staged = await objects.stage(member.workspaceId, {
        wanted: Math.min(expectedSize ?? GROW_BYTES, config.maxFileBytes),
        needed: atLeast,
      })
      try {
        const transfer = {
          workspaceId: member.workspaceId,
          userId: member.userId,
          async check() {
            await context.accessTokens.requireStanding(caller.token?.id)
            await requireFolder(member.workspaceId, member.userId, query.parentId)
          },
        }
        const { received } = await context.transfers.during(transfer, mark, signal, during => receiveBody(body, {
          max: config.maxFileBytes,
          idleMs: config.bodyIdleSeconds * 1000,
          signal: during,
          onBytes: keepUp(staged),
        }, stream => storage.putObject(staged.key, stream, { atLeast, signal: during })))
        await endOfRequest()
        const mediaType = await sniffMediaType(received.head, name.name)
        return await commit(member.workspaceId, {
          caller,
          parentId: parent.id,
          userId: member.userId,
          name,
          onConflict,
          object: {
            key: staged.key,
            size: received.size,
            sha256: received.sha256,
            crc32: received.crc32,
            blocks: received.blocks,
            mediaType,
            lastModified: query.lastModified === undefined
              ? null
              : new Date(query.lastModified),
          },
        })
      }
      catch (error) {
        await objects.discard(staged.key)
        return explain(error)
      }
    },
  }
}
