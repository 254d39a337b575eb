import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AccessService } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { FileVersion, Item } from './items.schemas.ts'
import { notFound } from '../../errors/common-errors.ts'
import { requireMatch } from '../../http/etag.ts'
import { fileVersionRestored } from '../audit/audit.actions.ts'
import { insertVersion, lastVersionNumber } from './items-files.queries.ts'
import { lockItems } from './items-tree.queries.ts'
import * as queries from './items-versions.queries.ts'
import { fileCorrupt } from './items.errors.ts'
import { personOf, presentItem } from './items.presenter.ts'
import { publishFolders } from './items.tree.ts'

/** What a file was before. */
export interface ItemsVersions {
  /** Newest first. */
  listVersions: (userId: string, fileId: string) => Promise<FileVersion[]>
  /**
   * Makes the bytes of an earlier version those of a new one, the file's current: no version is lost, and no byte copied, for both are of one object.
   * A file that has these very bytes already stays as it is.
   * @throws {AppError} `precondition.failed`; `file.corrupt` where the stored bytes are known to be damaged
   */
  restoreVersion: (caller: Caller, userId: string, version: { fileId: string, number: number }, ifMatch: string | undefined) => Promise<Item>
}

export interface ItemsVersionsDeps {
  db: Db
  access: AccessService
  audit: AuditLog
  clock: () => Date
  newId: () => string
}

export function createItemsVersions({ db, access, audit, clock, newId }: ItemsVersionsDeps): ItemsVersions {
  return {
    async listVersions(userId, fileId) {
      const file = await access.requireItem(userId, fileId, { action: 'see', kind: 'file' })
      return (await queries.listVersions(db, file.workspaceId, file.id)).map(({ createdByName, ...version }) => ({
        ...version,
        createdBy: personOf(version.createdBy, createdByName),
        createdAt: version.createdAt.toISOString(),
      }))
    },

    async restoreVersion(caller, userId, { fileId, number }, ifMatch) {
      const { workspaceId } = await access.requireItem(userId, fileId, { action: 'change', kind: 'file' })
      return db.transaction(async (tx) => {
        await lockItems(tx, workspaceId, [fileId])
        const file = await access.requireItem(userId, fileId, { action: 'change', kind: 'file', workspaceId }, tx)
        requireMatch(ifMatch, file.revision)
        const version = await queries.holdVersion(tx, workspaceId, fileId, number)
        if (!version) throw notFound('The file has no such version')
        if (version.integrity === 'failed') throw fileCorrupt(`Version ${number} is damaged in the store, so it cannot be made the current one. Upload the file again.`)
        const current = await queries.findCurrent(tx, fileId)
        const now = clock()
        if (version.objectKey === current.objectKey) return presentItem(tx, file, now)

        const restored = await lastVersionNumber(tx, fileId) + 1
        await insertVersion(tx, {
          ...version,
          id: newId(),
          workspaceId,
          itemId: fileId,
          number: restored,
          restoredFrom: number,
          createdBy: userId,
          createdAt: now,
        })
        const shown = await presentItem(tx, file, now)
        await publishFolders(tx, workspaceId, [file.parentId])
        await audit.record(tx, caller, fileVersionRestored({
          workspaceId,
          subject: { kind: 'file', id: file.id, name: file.name },
          details: {
            parentId: file.parentId,
            parentName: file.path.at(-2)?.name,
            version: restored,
            restoredFrom: number,
            size: version.sizeBytes,
            sha256: version.sha256,
          },
        }))
        return shown
      })
    },
  }
}
