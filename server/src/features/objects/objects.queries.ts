import type { Executor } from '../../db/database.ts'
import { asc, eq } from 'drizzle-orm'
import { uploadParts } from '../uploads/uploads.table.ts'

export type PartRow = typeof uploadParts.$inferSelect

/** What was noted of the parts that a file came in, until it is read back. */
export async function listParts(db: Executor, uploadId: string): Promise<PartRow[]> {
  return db.select().from(uploadParts).where(eq(uploadParts.uploadId, uploadId)).orderBy(asc(uploadParts.n))
}

export async function deleteParts(db: Executor, uploadId: string): Promise<void> {
  await db.delete(uploadParts).where(eq(uploadParts.uploadId, uploadId))
}
