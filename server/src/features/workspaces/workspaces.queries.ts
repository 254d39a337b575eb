import type { Executor, Tx } from '../../db/database.ts'
import { and, asc, eq, sql } from 'drizzle-orm'
import { naturally } from '../../db/columns.ts'
import { hasFactor } from '../factors/factors.table.ts'
import { items } from '../items/items.table.ts'
import { members } from '../members/members.table.ts'
import { spaces } from '../spaces/spaces.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from './workspaces.table.ts'

/** A workspace, and what somebody is in it. */
export type WorkspaceRow = Awaited<ReturnType<typeof listOf>>[number]

const withRole = (db: Executor) => db
  .select({ workspace: workspaces, role: members.role })
  .from(workspaces)
  .innerJoin(members, eq(members.workspaceId, workspaces.id))

export async function listOf(db: Executor, userId: string) {
  return withRole(db).where(eq(members.userId, userId)).orderBy(asc(naturally(workspaces.name)), asc(workspaces.id))
}

export async function getFor(db: Executor, workspaceId: string, userId: string) {
  const [row] = await withRole(db).where(and(eq(workspaces.id, workspaceId), eq(members.userId, userId)))
  return row
}

export async function lockWorkspace(db: Executor, workspaceId: string): Promise<typeof workspaces.$inferSelect | undefined> {
  const [row] = await db.select().from(workspaces).where(eq(workspaces.id, workspaceId)).for('update')
  return row
}

export async function listSpaces(db: Executor, workspaceId: string) {
  return db.select().from(spaces).where(eq(spaces.workspaceId, workspaceId)).orderBy(asc(spaces.createdAt), asc(spaces.id))
}

/** A workspace with its team space, that space's root folder and its first owner. */
export async function insertWorkspace(tx: Tx, { workspace, space, root, owner }: {
  workspace: typeof workspaces.$inferInsert
  space: Omit<typeof spaces.$inferInsert, 'workspaceId' | 'kind' | 'rootFolderId' | 'createdAt'>
  root: Pick<typeof items.$inferInsert, 'id' | 'name' | 'nameKey' | 'searchText'>
  owner: { memberId: string, userId: string }
}): Promise<void> {
  const { id: workspaceId, createdAt } = workspace
  await tx.insert(workspaces).values(workspace)
  await tx.insert(spaces).values({
    ...space,
    workspaceId,
    kind: 'team',
    rootFolderId: root.id,
    createdAt,
  })
  await tx.insert(items).values({
    ...root,
    workspaceId,
    spaceId: space.id,
    parentId: null,
    kind: 'folder',
    createdBy: owner.userId,
    createdAt,
    updatedAt: createdAt,
  })
  await tx.insert(members).values({
    id: owner.memberId,
    workspaceId,
    userId: owner.userId,
    role: 'owner',
    createdAt,
  })
}

export async function renameWorkspace(tx: Tx, workspaceId: string, name: string): Promise<void> {
  await tx.update(workspaces).set({ name }).where(eq(workspaces.id, workspaceId))
}

/** Whether the person has a second factor. */
export async function isHolder(tx: Tx, userId: string): Promise<boolean> {
  return await tx.$count(users, and(eq(users.id, userId), hasFactor(users.id))) > 0
}

export async function changeSecondFactor(tx: Tx, workspaceId: string, change: Pick<typeof workspaces.$inferInsert, 'secondFactorRoles' | 'secondFactorSince' | 'secondFactorGraceDays'>): Promise<void> {
  await tx.update(workspaces).set(change).where(eq(workspaces.id, workspaceId))
}

/** The team space that is called so. @returns the root folders of those renamed */
export async function renameTeamSpace(tx: Tx, workspaceId: string, from: string, to: string): Promise<{ rootFolderId: string }[]> {
  return tx
    .update(spaces)
    .set({ name: to })
    .where(and(eq(spaces.workspaceId, workspaceId), eq(spaces.kind, 'team'), eq(spaces.name, from)))
    .returning({ rootFolderId: spaces.rootFolderId })
}

export async function renameRoot(tx: Tx, rootFolderId: string, root: { name: string, nameKey: string, searchText: string, updatedAt: Date }): Promise<void> {
  await tx.update(items).set(root).where(eq(items.id, rootFolderId))
}

export async function setQuota(tx: Tx, workspaceId: string, quotaBytes: number | null): Promise<void> {
  await tx.update(workspaces).set({ quotaBytes }).where(eq(workspaces.id, workspaceId))
}

/** Notes of each workspace the highest of the steps, in per cent, that it has reached. @returns those where it is another than `before` */
export async function noteStorageSteps(tx: Tx, steps: readonly number[]) {
  const percent = sql<number>`(select coalesce(max(step), 0) from unnest(${sql.param([...steps])}::int[]) as step where ${workspaces.usedBytes} * 100 >= ${workspaces.quotaBytes} * step)`.mapWith(Number)
  const moved = await tx
    .select({
      id: workspaces.id,
      name: workspaces.name,
      usedBytes: workspaces.usedBytes,
      quotaBytes: workspaces.quotaBytes,
      percent,
      before: workspaces.storageToldPercent,
    })
    .from(workspaces)
    .where(sql`${workspaces.storageToldPercent} <> ${percent}`)
    .orderBy(asc(workspaces.id))
    .for('update')
  for (const { id, percent: storageToldPercent } of moved) await tx.update(workspaces).set({ storageToldPercent }).where(eq(workspaces.id, id))
  return moved
}
