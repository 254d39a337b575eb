import type { Executor, Tx } from '../../db/database.ts'
import type { Due } from '../../retention/define-retention.ts'
import type { RequestState } from './requests.policy.ts'
import { and, asc, count, desc, eq, inArray, isNotNull, isNull, lt, lte, or, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { deleteBatch } from '../../db/delete-batch.ts'
import { containing } from '../../db/like.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { requestMessages, requestProofs, requests, requestTemplates, requestTokens } from './requests.table.ts'

type Request = typeof requests.$inferSelect
export interface RequestRow { request: Request, handlerName: string | null, assigneeName: string | null }
export interface RequestPosition { receivedAt: Date, id: string }
export type MessageRow = typeof requestMessages.$inferSelect & { byName: string | null }
export type Template = typeof requestTemplates.$inferSelect

const handlers = alias(users, 'handlers')
const assignees = alias(users, 'assignees')

/** With the names of who handles them. */
const findRequests = (db: Executor) => db
  .select({
    request: requests,
    handlerName: handlers.name,
    assigneeName: assignees.name,
  })
  .from(requests)
  .leftJoin(handlers, eq(handlers.id, requests.handledBy))
  .leftJoin(assignees, eq(assignees.id, requests.assigneeId))

export async function insertRequest(tx: Tx, row: typeof requests.$inferInsert): Promise<void> {
  await tx.insert(requests).values(row)
}

/** The last that came first. */
export async function listRequests(db: Executor, { state, kind, q, after, limit }: { state?: RequestState, kind?: Request['kind'], q?: string, after?: RequestPosition, limit: number }): Promise<RequestRow[]> {
  const like = q === undefined || q.trim() === ''
    ? undefined
    : containing(q.trim())
  return findRequests(db)
    .where(and(
      isNotNull(requests.receivedAt),
      state && eq(requests.state, state),
      kind && eq(requests.kind, kind),
      like === undefined
        ? undefined
        : or(...[
            requests.reference,
            requests.name,
            requests.email,
            requests.company,
            requests.message,
          ].map(column => sql`${column} ilike ${like}`)),
      after && sql`(${requests.receivedAt}, ${requests.id}) < (${after.receivedAt.toISOString()}::timestamptz, ${after.id}::uuid)`,
    ))
    .orderBy(desc(requests.receivedAt), desc(requests.id))
    .limit(limit)
}

export async function countByState(db: Executor): Promise<{ state: RequestState, count: number }[]> {
  return db.select({
    state: requests.state,
    count: count(),
  }).from(requests).where(isNotNull(requests.receivedAt)).groupBy(requests.state)
}

export async function findRequest(db: Executor, requestId: string): Promise<RequestRow | undefined> {
  const [row] = await findRequests(db).where(and(eq(requests.id, requestId), isNotNull(requests.receivedAt)))
  return row
}

/** One that came to the inbox; with `isWaiting` also one that did not yet. */
export async function lockRequest(tx: Tx, requestId: string, isWaiting = false): Promise<Request | undefined> {
  const [row] = await tx.select().from(requests).where(and(
    eq(requests.id, requestId),
    isWaiting
      ? undefined
      : isNotNull(requests.receivedAt),
  )).for('update')
  return row
}

export async function changeRequest(tx: Tx, requestId: string, change: Partial<typeof requests.$inferInsert>): Promise<void> {
  await tx.update(requests).set(change).where(eq(requests.id, requestId))
}

export async function insertMessage(tx: Tx, row: typeof requestMessages.$inferInsert): Promise<void> {
  await tx.insert(requestMessages).values(row)
}

/** Oldest first. */
export async function listMessages(db: Executor, requestId: string): Promise<MessageRow[]> {
  const rows = await db
    .select({ message: requestMessages, byName: users.name })
    .from(requestMessages)
    .leftJoin(users, eq(users.id, requestMessages.by))
    .where(eq(requestMessages.requestId, requestId))
    .orderBy(asc(requestMessages.at), asc(requestMessages.id))
  return rows.map(({ message, byName }) => ({ ...message, byName }))
}

export async function insertToken(tx: Tx, row: typeof requestTokens.$inferInsert): Promise<void> {
  await tx.insert(requestTokens).values(row)
}

export async function findByToken(db: Executor, tokenHash: Buffer): Promise<Request | undefined> {
  const [row] = await db
    .select({ request: requests })
    .from(requestTokens)
    .innerJoin(requests, eq(requests.id, requestTokens.requestId))
    .where(eq(requestTokens.tokenHash, tokenHash))
  return row?.request
}

export async function findByReference(db: Executor, reference: string): Promise<Request | undefined> {
  const [row] = await db.select().from(requests).where(eq(requests.reference, reference))
  return row
}

/** Whose thread has one of these Message-IDs. */
export async function findByMessageId(db: Executor, messageIds: readonly string[]): Promise<Request | undefined> {
  const [row] = await db
    .select({ request: requests })
    .from(requestMessages)
    .innerJoin(requests, eq(requests.id, requestMessages.requestId))
    .where(inArray(requestMessages.messageId, [...messageIds]))
    .limit(1)
  return row?.request
}

/** @returns false when a message with its Message-ID is there already */
export async function insertMailedMessage(tx: Tx, row: typeof requestMessages.$inferInsert): Promise<boolean> {
  const { rowCount } = await tx.insert(requestMessages).values(row).onConflictDoNothing()
  return rowCount === 1
}

/** @returns false when the proof was used before */
export async function takeProof(db: Executor, proof: typeof requestProofs.$inferInsert): Promise<boolean> {
  const { rowCount } = await db.insert(requestProofs).values(proof).onConflictDoNothing()
  return rowCount === 1
}

export async function isOperator(db: Executor, userId: string): Promise<boolean> {
  return await db.$count(users, and(eq(users.id, userId), users.isOperator, isNull(users.disabledAt))) > 0
}

export async function findWorkspaceName(db: Executor, workspaceId: string): Promise<string | undefined> {
  const [row] = await db.select({ name: workspaces.name }).from(workspaces).where(eq(workspaces.id, workspaceId))
  return row?.name
}

/** When the person showed that they read mail at the address that they have; null: they did not. */
export async function findEmailProvedAt(db: Executor, userId: string): Promise<Date | null> {
  const [row] = await db.select({ at: users.emailVerifiedAt }).from(users).where(eq(users.id, userId))
  return row?.at ?? null
}

export async function listTemplates(db: Executor): Promise<Template[]> {
  return db.select().from(requestTemplates).orderBy(asc(requestTemplates.language), asc(requestTemplates.title))
}

export async function replaceTemplates(tx: Tx, templates: Template[]): Promise<void> {
  await tx.delete(requestTemplates)
  if (templates.length > 0) await tx.insert(requestTemplates).values(templates)
}

/** Those whose day is over and that nobody was told of; locked. */
export async function lockOverdue(tx: Tx, now: Date): Promise<Pick<Request, 'id' | 'kind'>[]> {
  return tx
    .select({ id: requests.id, kind: requests.kind })
    .from(requests)
    .where(and(lte(requests.dueAt, now), isNull(requests.handledAt), isNull(requests.overdueToldAt), isNotNull(requests.receivedAt)))
    .orderBy(asc(requests.id))
    .for('update')
}

export async function noteOverdueTold(tx: Tx, requestIds: readonly string[], at: Date): Promise<void> {
  await tx.update(requests).set({ overdueToldAt: at }).where(inArray(requests.id, [...requestIds]))
}

/** Whose address nobody confirmed, and proofs that would not be good any more. */
export async function deleteUnconfirmed(tx: Executor, { before, now }: Due): Promise<boolean> {
  const hasMore = [
    await deleteBatch(tx, requests, and(isNull(requests.receivedAt), lt(requests.createdAt, before))),
    await deleteBatch(tx, requestProofs, lt(requestProofs.expiresAt, now)),
  ]
  return hasMore.includes(true)
}

/** What was brought into one of these states before then. */
export const deleteHandled = (tx: Executor, states: readonly RequestState[], before: Date): Promise<boolean> =>
  deleteBatch(tx, requests, and(inArray(requests.state, [...states]), lt(requests.handledAt, before)))
