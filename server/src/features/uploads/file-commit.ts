import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AccessibleItem } from '../access/access.service.ts'
import type { ParsedName } from '../items/item-name.ts'
import type { Item } from '../items/items.schemas.ts'
import type { UploadsContext } from './uploads.context.ts'
import { publishLive } from '../../live/live-bus.ts'
import { commitFile } from '../items/items.files.ts'
import { presentItem } from '../items/items.presenter.ts'
import { requireReplaceable } from './upload-name.ts'

export interface ReceivedFile {
  parent: AccessibleItem
  userId: string
  name: ParsedName
  onConflict: 'fail' | 'rename' | 'replace'
  object: { key: string, size: number, sha256: string | null, mediaType: string, lastModified: Date | null }
}

/**
 * Stored bytes become a file: item, version, usage, live event, audit event. The last thing in the caller's transaction: the locks that others
 * wait for, the workspace's and the audit chain's, are taken at its end.
 * @returns the file as it is with these bytes; a moment later it may have a newer version, which is not what was sent
 * @throws {AppError} what `commitFile` throws
 */
export async function commitReceived({ access, objects, audit, clock, newId }: UploadsContext, tx: Tx, caller: Caller, file: ReceivedFile, beforeAudit: (itemId: string) => Promise<void> = async () => {}): Promise<Item> {
  const { workspaceId, spaceId, id: parentId } = file.parent
  const { itemId, name, versionNumber, action } = await commitFile(tx, {
    workspaceId,
    spaceId,
    parentId,
    name: file.name,
    onConflict: file.onConflict,
    object: file.object,
    userId: file.userId,
    now: clock(),
    newId,
    requireChange: (tx, existingId) => requireReplaceable(access, { userId: file.userId, workspaceId }, existingId, file.name.name, tx),
  })
  const item = await presentItem(tx, await access.requireItem(file.userId, itemId, { action: 'see', workspaceId }, tx))
  await beforeAudit(itemId)
  await objects.settle(tx, file.object.key, file.object.size)
  await publishLive(tx, {
    topic: 'items',
    workspaceId,
    parentIds: [parentId],
  })
  await audit.record(tx, caller, {
    workspaceId,
    action,
    subject: { kind: 'file', id: itemId, name },
    details: {
      parentId,
      version: versionNumber,
      size: file.object.size,
      sha256: file.object.sha256,
    },
  })
  return item
}
