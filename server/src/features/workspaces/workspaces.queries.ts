import type { Executor } from '../../db/database.ts'
import { and, asc, eq } from 'drizzle-orm'
import { members } from '../members/members.table.ts'
import { spaces } from '../spaces/spaces.table.ts'
import { workspaces } from './workspaces.table.ts'

const withRole = (db: Executor) => db
  .select({ workspace: workspaces, role: members.role })
  .from(workspaces)
  .innerJoin(members, eq(members.workspaceId, workspaces.id))

export async function listOf(db: Executor, userId: string) {
  return withRole(db).where(eq(members.userId, userId)).orderBy(asc(workspaces.name), asc(workspaces.id))
}

export async function getFor(db: Executor, workspaceId: string, userId: string) {
  const [row] = await withRole(db).where(and(eq(workspaces.id, workspaceId), eq(members.userId, userId)))
  return row
}

export async function lockWorkspace(db: Executor, workspaceId: string): Promise<typeof workspaces.$inferSelect> {
  const [row] = await db.select().from(workspaces).where(eq(workspaces.id, workspaceId)).for('update')
  return row!
}

export async function listSpaces(db: Executor, workspaceId: string) {
  return db.select().from(spaces).where(eq(spaces.workspaceId, workspaceId)).orderBy(asc(spaces.createdAt), asc(spaces.id))
}
