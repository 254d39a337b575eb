import type { Executor } from '../../db/database.ts'
import { and, count, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { linkItems, links } from '../links/links.table.ts'
import { users } from '../users/users.table.ts'
import { fileVersions, items } from './items.table.ts'

const creators = alias(users, 'creators')
const trashers = alias(users, 'trashers')

export type PresentedItem = Awaited<ReturnType<typeof listPresented>>[number]

/** All that the API shows of items, in any order: version, people, links that name them and are open at `now`. */
export async function listPresented(db: Executor, workspaceId: string, itemIds: string[], now: Date) {
  const open = db
    .select({
      itemId: linkItems.itemId,
      linkCount: count().as('link_count'),
    })
    .from(linkItems)
    .innerJoin(links, eq(links.id, linkItems.linkId))
    .where(and(inArray(linkItems.itemId, itemIds), isNull(links.revokedAt), or(isNull(links.expiresAt), gt(links.expiresAt, now))))
    .groupBy(linkItems.itemId)
    .as('open_links')
  return db
    .select({
      id: items.id,
      kind: items.kind,
      name: items.name,
      parentId: items.parentId,
      workspaceId: items.workspaceId,
      spaceId: items.spaceId,
      sizeBytes: items.sizeBytes,
      mediaType: items.mediaType,
      revision: items.revision,
      createdBy: items.createdBy,
      createdByName: creators.name,
      createdAt: items.createdAt,
      updatedAt: items.updatedAt,
      trashedAt: items.trashedAt,
      trashedBy: items.trashedBy,
      trashedByName: trashers.name,
      version: fileVersions.number,
      sha256: fileVersions.sha256,
      integrity: fileVersions.integrity,
      linkCount: sql<number>`coalesce(${open.linkCount}, 0)`.mapWith(Number),
    })
    .from(items)
    .leftJoin(fileVersions, eq(fileVersions.id, items.versionId))
    .leftJoin(creators, eq(creators.id, items.createdBy))
    .leftJoin(trashers, eq(trashers.id, items.trashedBy))
    .leftJoin(open, eq(open.itemId, items.id))
    .where(and(eq(items.workspaceId, workspaceId), inArray(items.id, itemIds)))
}

/** A file's versions, newest first. */
export async function listVersions(db: Executor, workspaceId: string, fileId: string) {
  return db
    .select({
      version: fileVersions.number,
      size: fileVersions.sizeBytes,
      sha256: fileVersions.sha256,
      integrity: fileVersions.integrity,
      mediaType: fileVersions.mediaType,
      createdBy: fileVersions.createdBy,
      createdByName: users.name,
      createdAt: fileVersions.createdAt,
    })
    .from(fileVersions)
    .leftJoin(users, eq(users.id, fileVersions.createdBy))
    .where(and(eq(fileVersions.workspaceId, workspaceId), eq(fileVersions.itemId, fileId)))
    .orderBy(desc(fileVersions.number))
}
