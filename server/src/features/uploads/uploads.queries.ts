import type { Executor, Tx } from '../../db/database.ts'
import type { OpenUpload } from './uploads.schemas.ts'
import { and, asc, eq, getTableColumns, gt, inArray, isNull, lt, sql } from 'drizzle-orm'
import { items } from '../items/items.table.ts'
import { objects } from '../objects/objects.table.ts'
import { accessTokens, tokenStands } from '../tokens/tokens.table.ts'
import { users } from '../users/users.table.ts'
import { uploadParts, uploadPartSends, uploads } from './uploads.table.ts'

export type UploadRow = typeof uploads.$inferSelect & {
  creatorName: string | null
  /** Of the access token that it was begun with. */
  accessTokenName: string | null
  /** The store's id of it; null for an empty file, and once the upload is over. */
  multipartRef: string | null
}
export type PartRow = typeof uploadParts.$inferSelect

/** More than anybody has under way at once. */
const MAX_LISTED = 1000

const selectUploads = (db: Executor) => db
  .select({
    ...getTableColumns(uploads),
    creatorName: users.name,
    accessTokenName: accessTokens.name,
    multipartRef: objects.multipartRef,
  })
  .from(uploads)
  .leftJoin(users, eq(users.id, uploads.createdBy))
  .leftJoin(accessTokens, eq(accessTokens.id, uploads.accessTokenId))
  .leftJoin(objects, eq(objects.key, uploads.objectKey))

/** Also by its own token, one that was begun with an access token is not found once that has ended. */
export async function findUploadByToken(db: Executor, tokenHash: Buffer, now: Date): Promise<UploadRow | undefined> {
  const [row] = await selectUploads(db).where(and(eq(uploads.tokenHash, tokenHash), tokenStands(uploads.accessTokenId, now)))
  return row
}

export async function findOwnUpload(db: Executor, scope: { workspaceId: string, userId: string }, uploadId: string): Promise<UploadRow | undefined> {
  const [row] = await selectUploads(db).where(and(eq(uploads.id, uploadId), eq(uploads.workspaceId, scope.workspaceId), eq(uploads.createdBy, scope.userId)))
  return row
}

/** `update`: to end it. `share`: to write a part, which others may do at the same time. */
export async function lockUpload(tx: Tx, uploadId: string, strength: 'update' | 'share'): Promise<typeof uploads.$inferSelect | undefined> {
  const [row] = await tx.select().from(uploads).where(eq(uploads.id, uploadId)).for(strength)
  return row
}

/** What the log calls an upload's surroundings. */
export async function findSurroundings(tx: Tx, uploadId: string): Promise<{ uploaderName: string | null, parentName: string | undefined }> {
  const [row] = await tx
    .select({ uploaderName: users.name, parentName: items.name })
    .from(uploads)
    .leftJoin(users, eq(users.id, uploads.createdBy))
    .leftJoin(items, eq(items.id, uploads.parentId))
    .where(eq(uploads.id, uploadId))
  return { uploaderName: row!.uploaderName, parentName: row!.parentName ?? undefined }
}

export async function listOpenUploads(db: Executor, scope: { workspaceId: string, userId: string }, now: Date): Promise<OpenUpload[]> {
  const rows = await db
    .select({
      id: uploads.id,
      name: uploads.name,
      parentId: uploads.parentId,
      size: uploads.sizeBytes,
      receivedBytes: sql<number>`coalesce(sum(${uploadParts.sizeBytes}), 0)`.mapWith(Number),
      createdAt: uploads.createdAt,
      expiresAt: uploads.expiresAt,
    })
    .from(uploads)
    .leftJoin(uploadParts, eq(uploadParts.uploadId, uploads.id))
    .where(and(eq(uploads.workspaceId, scope.workspaceId), eq(uploads.createdBy, scope.userId), eq(uploads.state, 'open'), gt(uploads.expiresAt, now)))
    .groupBy(uploads.id)
    .orderBy(asc(uploads.createdAt), asc(uploads.id))
    .limit(MAX_LISTED)
  return rows.flatMap(({ parentId, ...row }) => parentId === null
    ? [] // its folder is gone for ever
    : [
        {
          ...row,
          parentId,
          createdAt: row.createdAt.toISOString(),
          expiresAt: row.expiresAt.toISOString(),
        },
      ])
}

/** Moves the end of an upload on, but not with every part: `step` milliseconds are worth a write. */
export async function extendUpload(db: Executor, uploadId: string, expiresAt: Date, step: number): Promise<void> {
  await db
    .update(uploads)
    .set({ expiresAt })
    .where(and(eq(uploads.id, uploadId), eq(uploads.state, 'open'), lt(uploads.expiresAt, new Date(expiresAt.getTime() - step))))
}

export async function listParts(db: Executor, uploadId: string): Promise<PartRow[]> {
  return db.select().from(uploadParts).where(eq(uploadParts.uploadId, uploadId)).orderBy(asc(uploadParts.n))
}

/** The part is being sent anew: it does not count until `endSend`, and whoever was sending it before calls it durable no more. */
export async function beginSend(tx: Tx, send: typeof uploadPartSends.$inferInsert): Promise<void> {
  await tx.insert(uploadPartSends).values(send).onConflictDoUpdate({
    target: [uploadPartSends.uploadId, uploadPartSends.n],
    set: { sendId: send.sendId },
  })
  await tx.delete(uploadParts).where(and(eq(uploadParts.uploadId, send.uploadId), eq(uploadParts.n, send.n)))
}

export async function deleteParts(db: Executor, uploadId: string, numbers?: number[]): Promise<void> {
  await db.delete(uploadParts).where(and(eq(uploadParts.uploadId, uploadId), numbers && inArray(uploadParts.n, numbers)))
}

/** @returns whether the part is durable by this send; false: another one began after it */
export async function endSend(tx: Tx, { sendId, ...part }: PartRow & { sendId: string }): Promise<boolean> {
  const { rowCount } = await tx
    .delete(uploadPartSends)
    .where(and(eq(uploadPartSends.uploadId, part.uploadId), eq(uploadPartSends.n, part.n), eq(uploadPartSends.sendId, sendId)))
  if (rowCount === 0) return false
  await tx.insert(uploadParts).values(part)
  return true
}

/** What has a name in a folder now. */
export async function findNamed(db: Executor, scope: { workspaceId: string }, parentId: string, nameKey: string): Promise<{ id: string, kind: 'folder' | 'file' } | undefined> {
  const [row] = await db
    .select({ id: items.id, kind: items.kind })
    .from(items)
    .where(and(eq(items.workspaceId, scope.workspaceId), eq(items.parentId, parentId), eq(items.nameKey, nameKey), isNull(items.trashedAt)))
  return row
}

export async function insertUpload(tx: Tx, upload: typeof uploads.$inferInsert): Promise<void> {
  await tx.insert(uploads).values(upload)
}

/** From when on no part is taken; null: parts are taken again. */
export async function setSealed(tx: Tx, uploadId: string, sealedAt: Date | null): Promise<void> {
  await tx.update(uploads).set({ sealedAt }).where(eq(uploads.id, uploadId))
}

/** It has no object any more: that is a file's now, or doomed. */
export async function endUpload(tx: Tx, uploadId: string, end: { state: 'aborted' } | { state: 'completed', itemId: string, sha256: string | null }): Promise<void> {
  await tx.update(uploads).set({ ...end, objectKey: null }).where(eq(uploads.id, uploadId))
}
