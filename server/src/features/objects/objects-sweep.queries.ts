import type { Db } from '../../db/database.ts'
import { and, asc, eq, lt, ne, notExists } from 'drizzle-orm'
import { uploadParts, uploads } from '../uploads/uploads.table.ts'
import { objects } from './objects.table.ts'

export function listExpiredUploads(db: Db, now: Date, limit: number): Promise<{ id: string }[]> {
  return db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(eq(uploads.state, 'open'), lt(uploads.expiresAt, now)))
    .orderBy(asc(uploads.expiresAt))
    .limit(limit)
}

/** Tokens of ended uploads need no answer for longer than this; a file that is still to be verified keeps its parts. */
export async function deleteEndedUploads(db: Db, now: Date): Promise<void> {
  await db.delete(uploads).where(and(
    ne(uploads.state, 'open'),
    lt(uploads.expiresAt, now),
    notExists(db.select({ n: uploadParts.n }).from(uploadParts).where(eq(uploadParts.uploadId, uploads.id))),
  ))
}

/** Staged, of no open upload, and without a byte since then. */
export function listForgotten(db: Db, before: Date, limit: number): Promise<{ key: string }[]> {
  return db
    .select({ key: objects.key })
    .from(objects)
    .where(and(
      eq(objects.state, 'staged'),
      lt(objects.touchedAt, before),
      notExists(db.select({ id: uploads.id }).from(uploads).where(and(eq(uploads.objectKey, objects.key), eq(uploads.state, 'open')))),
    ))
    .limit(limit)
}
