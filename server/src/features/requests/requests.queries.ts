import type { Executor } from '../../db/database.ts'
import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { deleteBatch } from '../../db/delete-batch.ts'
import { users } from '../users/users.table.ts'
import { requests } from './requests.table.ts'

export type RequestState = typeof requests.$inferSelect['state']
export interface RequestRow { request: typeof requests.$inferSelect, handlerName: string | null }
export interface RequestPosition { createdAt: Date, id: string }

const findRequests = (db: Executor) => db
  .select({ request: requests, handlerName: users.name })
  .from(requests)
  .leftJoin(users, eq(users.id, requests.handledBy))

export async function insertRequest(db: Executor, row: typeof requests.$inferInsert): Promise<void> {
  await db.insert(requests).values(row)
}

/** Newest first. */
export async function listRequests(db: Executor, filter: { state?: RequestState, after?: RequestPosition, limit: number }): Promise<RequestRow[]> {
  return findRequests(db)
    .where(and(
      filter.state && eq(requests.state, filter.state),
      filter.after && sql`(${requests.createdAt}, ${requests.id}) < (${filter.after.createdAt.toISOString()}::timestamptz, ${filter.after.id}::uuid)`,
    ))
    .orderBy(desc(requests.createdAt), desc(requests.id))
    .limit(filter.limit)
}

export async function countNew(db: Executor): Promise<number> {
  return db.$count(requests, eq(requests.state, 'new'))
}

export async function findRequest(db: Executor, requestId: string): Promise<RequestRow | undefined> {
  const [row] = await findRequests(db).where(eq(requests.id, requestId))
  return row
}

export async function lockState(db: Executor, requestId: string): Promise<RequestState | undefined> {
  const [row] = await db.select({ state: requests.state }).from(requests).where(eq(requests.id, requestId)).for('update')
  return row?.state
}

export async function updateState(db: Executor, requestId: string, change: { state: RequestState, handledAt: Date | null, handledBy: string | null }): Promise<void> {
  await db.update(requests).set(change).where(eq(requests.id, requestId))
}

/** What was answered, or marked as spam, before these times. */
export const deleteHandled = (tx: Executor, state: RequestState, before: Date): Promise<boolean> =>
  deleteBatch(tx, requests, and(eq(requests.state, state), lt(requests.handledAt, before)))
