import type { Db, Executor, Tx } from '../../db/database.ts'
import type { WorkspaceRole } from '../access/access.policy.ts'
import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { members } from '../members/members.table.ts'
import { unseenActivity } from './unseen.table.ts'

export interface Counted { memberId: string, userId: string, seenSeq: number }

/** Who may see the log of a workspace, with a row each, locked in an order that all keep. */
export async function lockCounted(tx: Tx, workspaceId: string, roles: readonly WorkspaceRole[]): Promise<Counted[]> {
  const counted = and(eq(members.workspaceId, workspaceId), inArray(members.role, [...roles]))
  await tx
    .insert(unseenActivity)
    .select(tx.select({
      memberId: members.id,
      count: sql`0`.as('count'),
      seenSeq: sql`0`.as('seen_seq'),
    }).from(members).where(counted).orderBy(asc(members.id)))
    .onConflictDoNothing()
  return tx
    .select({ memberId: unseenActivity.memberId, userId: members.userId, seenSeq: unseenActivity.seenSeq })
    .from(unseenActivity)
    .innerJoin(members, eq(members.id, unseenActivity.memberId))
    .where(counted)
    .orderBy(asc(unseenActivity.memberId))
    .for('update', { of: unseenActivity })
}

export async function addUnseen(tx: Tx, memberId: string, count: number): Promise<void> {
  await tx.update(unseenActivity).set({ count: sql`${unseenActivity.count} + ${count}` }).where(eq(unseenActivity.memberId, memberId))
}

export interface Looker { memberId: string, userId: string, workspaceId: string }

/** How many of a chain's events between two that somebody did not do, at most `limit`. */
const othersBetween = ({ workspaceId, userId }: Looker, after: ReturnType<typeof sql>, last: ReturnType<typeof sql>, limit: number | null) => sql`(
  select count(*) from (
    select from audit_events
    where chain_id = ${workspaceId}::uuid and seq > ${after} and seq <= ${last} and actor_id is distinct from ${userId}::uuid
    limit ${limit}
  ) as other)`

/**
 * What the reader has counted and what it has not come to yet: right at every moment, however far behind it is. Before it ever started, nothing is
 * unseen.
 */
export async function findUnseen(db: Db, looker: Looker, reader: string, limits: { instanceChain: string, most: number }): Promise<{ count: number, seenSeq: number }> {
  const { rows } = await db.execute<{ count: string, seen_seq: string }>(sql`
    with place as (
      select head.seq as head, coalesce(own.count, 0) as count, coalesce(own.seen_seq, 0) as seen_seq, coalesce(
        (select seq from audit_readers where reader = ${reader} and chain_id = head.id),
        (select 0 from audit_readers where reader = ${reader} and chain_id = ${limits.instanceChain}::uuid),
        head.seq) as seq
      from audit_chains as head left join unseen_activity as own on own.member_id = ${looker.memberId}::uuid
      where head.id = ${looker.workspaceId}::uuid
    )
    select place.count + ${othersBetween(looker, sql`greatest(place.seq, place.seen_seq)`, sql`place.head`, limits.most)} as count, place.seen_seq from place`)
  const [row] = rows
  return row
    ? {
        count: Math.min(Number(row.count), limits.most),
        seenSeq: Number(row.seen_seq),
      }
    : { count: 0, seenSeq: 0 }
}

export async function lockSeen(tx: Tx, memberId: string): Promise<number> {
  await tx.insert(unseenActivity).values({ memberId, count: 0, seenSeq: 0 }).onConflictDoNothing()
  const [row] = await tx.select({ seenSeq: unseenActivity.seenSeq }).from(unseenActivity).where(eq(unseenActivity.memberId, memberId)).for('update')
  return row!.seenSeq
}

/** Behind the lock: what the reader counts from now on is added to this. */
export async function setSeen(tx: Tx, looker: Looker, reader: string, seq: number): Promise<void> {
  await tx.execute(sql`
    update unseen_activity set seen_seq = ${seq}::bigint, count = ${othersBetween(looker, sql`${seq}::bigint`, sql`coalesce((select seq from audit_readers where reader = ${reader} and chain_id = ${looker.workspaceId}::uuid), 0)`, null)}
    where member_id = ${looker.memberId}::uuid`)
}

export async function findHeadSeq(db: Executor, workspaceId: string): Promise<number> {
  const { rows } = await db.execute<{ seq: string }>(sql`select seq from audit_chains where id = ${workspaceId}::uuid`)
  return Number(rows[0]?.seq ?? 0)
}
