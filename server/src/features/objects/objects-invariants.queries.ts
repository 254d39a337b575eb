import type { Db } from '../../db/database.ts'
import { eq } from 'drizzle-orm'
import { fileVersions } from '../items/items.table.ts'
import { uploads } from '../uploads/uploads.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { objects } from './objects.table.ts'

/** Every version that there is, with its object. */
export const listVersions = (db: Db) => db
  .select({
    key: fileVersions.objectKey,
    itemId: fileVersions.itemId,
    restoredFrom: fileVersions.restoredFrom,
    size: fileVersions.sizeBytes,
    sha256: fileVersions.sha256,
    crc32: fileVersions.crc32,
    integrity: fileVersions.integrity,
    state: objects.state,
    workspaceId: fileVersions.workspaceId,
    objectWorkspaceId: objects.workspaceId,
  })
  .from(fileVersions)
  .innerJoin(objects, eq(objects.key, fileVersions.objectKey))

export const listObjects = (db: Db) => db
  .select({
    key: objects.key,
    workspaceId: objects.workspaceId,
    state: objects.state,
    multipartRef: objects.multipartRef,
    reservedBytes: objects.reservedBytes,
  })
  .from(objects)

export const listOpenUploads = (db: Db) => db.select({ key: uploads.objectKey }).from(uploads).where(eq(uploads.state, 'open'))

export const listCounters = (db: Db) => db
  .select({
    id: workspaces.id,
    usedBytes: workspaces.usedBytes,
    reservedBytes: workspaces.reservedBytes,
    quotaBytes: workspaces.quotaBytes,
  })
  .from(workspaces)
