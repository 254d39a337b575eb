import type { Executor, Tx } from '../../db/database.ts'
import { publicFace } from './public-face.table.ts'

export type FaceRow = typeof publicFace.$inferSelect

export async function findFace(db: Executor): Promise<FaceRow | undefined> {
  const [row] = await db.select().from(publicFace)
  return row
}

export async function putFace(tx: Tx, row: Omit<FaceRow, 'singleton'>): Promise<void> {
  await tx.insert(publicFace).values(row).onConflictDoUpdate({ target: publicFace.singleton, set: row })
}
