import type { Executor, Tx } from '../../db/database.ts'
import { and, desc, eq } from 'drizzle-orm'
import { objects } from '../objects/objects.table.ts'
import { users } from '../users/users.table.ts'
import { fileVersions, items } from './items.table.ts'

/** A file's versions, newest first. */
export async function listVersions(db: Executor, workspaceId: string, fileId: string) {
  return db
    .select({
      version: fileVersions.number,
      restoredFrom: fileVersions.restoredFrom,
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

/**
 * A version of a file, to make another of its object. The object stays as it is until the end of the transaction, so that whoever finds it damaged
 * meanwhile waits, and then finds the new version too.
 */
export async function holdVersion(tx: Tx, workspaceId: string, fileId: string, number: number) {
  const isWanted = and(eq(fileVersions.workspaceId, workspaceId), eq(fileVersions.itemId, fileId), eq(fileVersions.number, number))
  await tx.select({ key: objects.key }).from(objects).innerJoin(fileVersions, eq(fileVersions.objectKey, objects.key)).where(isWanted).for('share', { of: objects })
  // Read after the wait: what was found of it meanwhile counts.
  const [row] = await tx
    .select({
      objectKey: fileVersions.objectKey,
      sizeBytes: fileVersions.sizeBytes,
      sha256: fileVersions.sha256,
      crc32: fileVersions.crc32,
      integrity: fileVersions.integrity,
      mediaType: fileVersions.mediaType,
      lastModifiedAt: fileVersions.lastModifiedAt,
    })
    .from(fileVersions)
    .where(isWanted)
  return row
}

/** The version that a file has now. */
export async function findCurrent(tx: Tx, fileId: string): Promise<{ number: number, objectKey: string }> {
  const [row] = await tx
    .select({ number: fileVersions.number, objectKey: fileVersions.objectKey })
    .from(items)
    .innerJoin(fileVersions, eq(fileVersions.id, items.versionId))
    .where(eq(items.id, fileId))
  return row!
}
