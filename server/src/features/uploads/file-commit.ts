import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AccessibleItem } from '../access/access.service.ts'
import type { ParsedName } from '../items/item-name.ts'
import type { FileCommit } from '../items/items.files.ts'
import type { Item } from '../items/items.schemas.ts'
import type { UploadsContext } from './uploads.context.ts'
import { publishLive } from '../../live/live-bus.ts'
import { permissionsIn } from '../access/access.service.ts'
import { fileUploaded, fileVersionAdded } from '../audit/audit.actions.ts'
import { commitFiles } from '../items/items.files.ts'
import { presentItems } from '../items/items.presenter.ts'
import { settleObjects } from '../objects/objects.service.ts'
import { requireReplaceable } from './upload-name.ts'

export interface ReceivedFile {
  caller: Caller
  parent: AccessibleItem
  /** Null: somebody without an account, who may add files and change none. */
  userId: string | null
  name: ParsedName
  onConflict: 'fail' | 'rename' | 'replace'
  object: FileCommit['object']
}

/**
 * Stored bytes become files of one workspace: item, version, usage, live event, audit event. All of them or, by the error of one, none. The
 * last thing in the caller's transaction: the locks that others wait for, the workspace's and the audit chain's, are taken at its end.
 * @param beforeAudit what else belongs into the transaction, with the files' ids in order
 * @returns each file as it is with these bytes; a moment later it may have a newer version, which is not what was sent
 * @throws {AppError} what `commitFiles` throws
 */
export async function commitReceived({ access, audit, clock, newId }: UploadsContext, tx: Tx, files: readonly ReceivedFile[], beforeAudit: (itemIds: string[]) => Promise<void> = async () => {}): Promise<Item[]> {
  const now = clock()
  const { workspaceId } = files[0]!.parent
  const committed = await commitFiles(tx, files.map(({ parent, userId, name, onConflict, object }) => ({
    workspaceId,
    spaceId: parent.spaceId,
    parentId: parent.id,
    name,
    onConflict,
    object,
    userId,
    now,
    newId,
    requireChange: (tx, existingId) => requireReplaceable(access, { userId, workspaceId }, existingId, name.name, tx),
  })))
  // Each answer shows the file as it is with its own bytes: versions of one file are made one after another, which taking a group apart does.
  if (new Set(committed.map(({ itemId }) => itemId)).size < files.length) throw new Error('two versions of one file in one transaction')
  const items = await presentItems(tx, committed.map(({ itemId, createdBy }, index) => {
    const { parent, userId } = files[index]!
    return {
      id: itemId,
      workspaceId,
      permissions: permissionsIn(parent, { kind: 'file', own: userId !== null && createdBy === userId }),
      memberRole: userId === null
        ? null
        : parent.memberRole,
    }
  }), now)
  await beforeAudit(committed.map(({ itemId }) => itemId))
  await settleObjects(tx, workspaceId, files.map(({ object }) => object), now)
  await publishLive(tx, {
    topic: 'items',
    workspaceId,
    parentIds: [
      ...new Set(files.map(({ parent }) => parent.id)),
    ],
  })
  await audit.recordAll(tx, files.map(({ caller, parent, object }, index) => {
    const { itemId, name, versionNumber, isVersion } = committed[index]!
    const arrived = isVersion
      ? fileVersionAdded
      : fileUploaded
    return {
      caller,
      event: arrived({
        workspaceId,
        subject: { kind: 'file', id: itemId, name },
        mentions: [parent.id],
        details: {
          parentId: parent.id,
          parentName: parent.name,
          version: versionNumber,
          size: object.size,
          sha256: object.sha256,
        },
      }),
    }
  }))
  return items
}
