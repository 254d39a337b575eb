import type { Executor, Tx } from '../../db/database.ts'
import { and, eq, inArray, isNull, lt, ne, sql } from 'drizzle-orm'
import { deleteBatch } from '../../db/delete-batch.ts'
import { managingRoles } from '../access/access.policy.ts'
import { sessions } from '../auth/sessions.table.ts'
import { items } from '../items/items.table.ts'
import { members } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { placeOfAddress } from './watch.policy.ts'
import { watchCounts, watchNetworks } from './watch.table.ts'

export type WatchCount = typeof watchCounts.$inferInsert

/** @returns how much it is with what was counted before */
export async function addCount(tx: Tx, added: WatchCount): Promise<number> {
  const [row] = await tx
    .insert(watchCounts)
    .values(added)
    .onConflictDoUpdate({
      target: [
        watchCounts.chainId,
        watchCounts.kind,
        watchCounts.subjectId,
        watchCounts.hour,
      ],
      set: { count: sql`${watchCounts.count} + excluded.count` },
    })
    .returning({ count: watchCounts.count })
  return row!.count
}

const thresholds = {
  refusals: workspaces.watchRefusals,
  downloads: workspaces.watchDownloads,
  deletions: workspaces.watchDeletions,
}
export interface Thresholds { refusals: number | null, downloads: number | null, deletions: number | null }

export async function findThresholds(db: Executor, workspaceId: string): Promise<Thresholds> {
  const [row] = await db.select(thresholds).from(workspaces).where(eq(workspaces.id, workspaceId))
  return row!
}

export async function lockThresholds(tx: Tx, workspaceId: string): Promise<Thresholds & { name: string }> {
  const [row] = await tx.select({ ...thresholds, name: workspaces.name }).from(workspaces).where(eq(workspaces.id, workspaceId)).for('update')
  return row!
}

export async function setThresholds(tx: Tx, workspaceId: string, { refusals, downloads, deletions }: Thresholds): Promise<void> {
  await tx.update(workspaces).set({ watchRefusals: refusals, watchDownloads: downloads, watchDeletions: deletions }).where(eq(workspaces.id, workspaceId))
}

/** How many files each of these folders holds, with all below it. */
export async function countFilesBelow(tx: Tx, workspaceId: string, folderIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await tx.execute<{ id: string, count: string }>(sql`
    with recursive below as (
      select items.id as folder_id, items.id, items.kind from ${items} where items.workspace_id = ${workspaceId}::uuid and items.id = any(${sql.param([...folderIds])}::uuid[])
      union all
      select below.folder_id, child.id, child.kind from below join ${items} as child on child.parent_id = below.id
    )
    select folder_id as id, count(*) filter (where kind = 'file') as count from below group by folder_id`)
  return new Map(rows.map(({ id, count }) => [
    id,
    Number(count),
  ]))
}

/** Those who are in the workspace still, as the log names them. */
export async function listSeats(tx: Tx, workspaceId: string, userIds: readonly string[]) {
  return tx
    .select({ id: members.id, userId: members.userId, name: users.name })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.workspaceId, workspaceId), inArray(members.userId, [...userIds])))
}

/** What a person manages: the deployment, and workspaces by their seats. */
export async function findManaged(tx: Tx, userId: string) {
  const [user] = await tx.select({ name: users.name, isOperator: users.isOperator }).from(users).where(and(eq(users.id, userId), isNull(users.disabledAt)))
  const seats = await tx.select({ id: members.id, workspaceId: members.workspaceId }).from(members).where(and(eq(members.userId, userId), inArray(members.role, [...managingRoles])))
  return user && { ...user, seats }
}

/**
 * @param noted.sessionId what was begun from there
 * @returns whether it is another than those that are known of the person: of who manages something only since lately, those that their sessions say. The first of all is no news
 */
export async function noteNetwork(tx: Tx, { userId, network, at, sessionId }: { userId: string, network: string, at: Date, sessionId: string }): Promise<boolean> {
  const noted = await tx.select({ network: watchNetworks.network }).from(watchNetworks).where(eq(watchNetworks.userId, userId))
  const known = noted.length > 0
    ? noted.map(row => row.network)
    : (await tx.selectDistinct({ ip: sessions.ip }).from(sessions).where(and(eq(sessions.userId, userId), ne(sessions.id, sessionId), lt(sessions.createdAt, at)))).flatMap(({ ip }) => placeOfAddress(ip) ?? [])
  await tx.insert(watchNetworks).values({ userId, network, seenAt: at }).onConflictDoUpdate({
    target: [watchNetworks.userId, watchNetworks.network],
    set: { seenAt: at },
  })
  return known.length > 0 && !known.includes(network)
}

export const deleteOldCounts = (tx: Executor, before: Date): Promise<boolean> => deleteBatch(tx, watchCounts, lt(watchCounts.hour, before))

export const deleteUnusedNetworks = (tx: Executor, before: Date): Promise<boolean> => deleteBatch(tx, watchNetworks, lt(watchNetworks.seenAt, before))
