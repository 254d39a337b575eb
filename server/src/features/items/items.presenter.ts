import type { Executor } from '../../db/database.ts'
import type { WorkspaceRole } from '../access/access.policy.ts'
import type { AccessibleItem } from '../access/access.service.ts'
import type { PresentedItem } from './items.queries.ts'
import type { Item } from './items.schemas.ts'
import { notFound } from '../../errors/common-errors.ts'
import { revisionTag } from '../../http/etag.ts'
import { mayInWorkspace } from '../access/access.policy.ts'
import { listPresented } from './items.queries.ts'

/** Who reads it: what they may do with it, and what they are in its workspace; null: somebody without an account. */
export interface Reader { permissions: Item['permissions'], memberRole: WorkspaceRole | null }
export type Presentable = Pick<AccessibleItem, 'id' | 'workspaceId'> & Reader

/**
 * An item as the API shows it to the reader that it carries. Reads the row again: call it after the change.
 * @throws {AppError} `not_found` when it was deleted for ever in the meantime
 */
export async function presentItem(db: Executor, item: Presentable, now: Date): Promise<Item> {
  const [shown] = await presentItems(db, [item], now)
  if (!shown) throw notFound('There is no such file or folder')
  return shown
}

/** The same for many of one workspace, in the order given, with one query. What is gone by now is left out. */
export async function presentItems(db: Executor, list: readonly Presentable[], now: Date): Promise<Item[]> {
  if (list.length === 0) return []
  const rows = new Map((await listPresented(db, list[0]!.workspaceId, list.map(({ id }) => id), now)).map(row => [row.id, row]))
  return list.flatMap(({ id, ...reader }) => {
    const row = rows.get(id)
    return row
      ? [
          toItem(row, reader),
        ]
      : []
  })
}

export function toItem(row: PresentedItem, { permissions, memberRole }: Reader): Item {
  const isFile = row.kind === 'file'
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    parentId: row.parentId,
    workspaceId: row.workspaceId,
    spaceId: row.spaceId,
    size: row.sizeBytes,
    sha256: row.sha256,
    integrity: row.integrity,
    mediaType: isFile ? row.mediaType : null,
    version: row.version,
    etag: revisionTag(row.revision),
    createdBy: personOf(row.createdBy, row.createdByName),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ...toldSharing(row, memberRole),
    permissions,
  }
}

/** To a client's people it would tell that something was shared with others too. */
export function toldSharing({ linkCount, inheritedLinkCount }: Pick<PresentedItem, 'linkCount' | 'inheritedLinkCount'>, role: WorkspaceRole | null): Pick<Item, 'linkCount' | 'inheritedLinkCount'> {
  return role !== null && mayInWorkspace(role, 'links.see')
    ? { linkCount, inheritedLinkCount }
    : { linkCount: null, inheritedLinkCount: null }
}

export function personOf(id: string | null, name: string | null): { id: string, name: string } | null {
  return id !== null && name !== null
    ? { id, name }
    : null
}
