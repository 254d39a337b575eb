import type { Executor, Tx } from '../../db/database.ts'
import { and, asc, eq, isNull } from 'drizzle-orm'
import { fileVersions, items } from '../items/items.table.ts'
import { uploadParts, uploads } from '../uploads/uploads.table.ts'

export type PartRow = typeof uploadParts.$inferSelect

const pending = (objectKey: string) => and(eq(fileVersions.objectKey, objectKey), eq(fileVersions.integrity, 'pending'))

export async function findPending(db: Executor, objectKey: string): Promise<{ sizeBytes: number } | undefined> {
  const [row] = await db.select({ sizeBytes: fileVersions.sizeBytes }).from(fileVersions).where(and(pending(objectKey), isNull(fileVersions.restoredFrom)))
  return row
}

/** @param objectKey of an object that the transaction holds (`holdObject`). @returns undefined when it was deleted, or settled by another run */
export async function settlePending(tx: Tx, objectKey: string, verdict: { integrity: 'verified', sha256: string } | { integrity: 'failed' }): Promise<{ itemId: string, versions: number[] } | undefined> {
  const rows = await tx.update(fileVersions).set(verdict).where(pending(objectKey)).returning({ itemId: fileVersions.itemId, number: fileVersions.number })
  return rows[0] && {
    itemId: rows[0].itemId,
    versions: rows.map(({ number }) => number),
  }
}

export async function findFile(tx: Tx, itemId: string): Promise<{ id: string, name: string, workspaceId: string, parentId: string | null } | undefined> {
  const [row] = await tx
    .select({
      id: items.id,
      name: items.name,
      workspaceId: items.workspaceId,
      parentId: items.parentId,
    })
    .from(items)
    .where(eq(items.id, itemId))
  return row
}

/** The SHA-256 that the client announced, if any. */
export async function findAnnounced(db: Executor, uploadId: string): Promise<string | null> {
  const [row] = await db.select({ sha256: uploads.sha256 }).from(uploads).where(eq(uploads.id, uploadId))
  return row?.sha256 ?? null
}

/** What was noted of the parts that a file came in, until it is read back. */
export async function listParts(db: Executor, uploadId: string): Promise<PartRow[]> {
  return db.select().from(uploadParts).where(eq(uploadParts.uploadId, uploadId)).orderBy(asc(uploadParts.n))
}

export async function deleteParts(db: Executor, uploadId: string): Promise<void> {
  await db.delete(uploadParts).where(eq(uploadParts.uploadId, uploadId))
}
