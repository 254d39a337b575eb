import type { Executor } from '../../db/database.ts'
import { and, eq, or, sql } from 'drizzle-orm'
import { members } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { userPictures } from './pictures.table.ts'

export async function replacePicture(tx: Executor, userId: string, { image, version, createdAt }: { image: Buffer, version: string, createdAt: Date }): Promise<void> {
  await tx
    .insert(userPictures)
    .values({ userId, image, version, createdAt })
    .onConflictDoUpdate({
      target: userPictures.userId,
      set: { image, version, createdAt },
    })
}

export async function deletePicture(tx: Executor, userId: string): Promise<boolean> {
  const rows = await tx.delete(userPictures).where(eq(userPictures.userId, userId)).returning({ userId: userPictures.userId })
  return rows.length > 0
}

/** One's own, that of somebody in a workspace that one is in too, and everybody's for operators. */
export async function findPictureFor(db: Executor, viewerId: string, userId: string): Promise<{ image: Buffer, version: string } | undefined> {
  const isTogether = sql`exists(
    select from ${members} as own join ${members} as theirs on theirs.workspace_id = own.workspace_id
    where own.user_id = ${viewerId} and theirs.user_id = ${userPictures.userId}
  )`
  const isOperator = sql`exists(select from ${users} where ${users.id} = ${viewerId} and ${users.isOperator})`
  const [row] = await db
    .select({ image: userPictures.image, version: userPictures.version })
    .from(userPictures)
    .where(and(
      eq(userPictures.userId, userId),
      or(eq(userPictures.userId, viewerId), isTogether, isOperator),
    ))
  return row
}
