import type { Executor } from '../../db/database.ts'
import type { TokenScope } from '../access/access.policy.ts'
import type { Member } from '../access/access.service.ts'
import { and, desc, eq, getTableColumns, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { builtOnce } from '../../db/database.ts'
import { deleteBatch } from '../../db/delete-batch.ts'
import { owesAcceptance } from '../acceptances/acceptances.table.ts'
import { items } from '../items/items.table.ts'
import { members, shutsAt } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { accessTokens } from './tokens.table.ts'

const { tokenHash: _, userId: __, ...columns } = getTableColumns(accessTokens)
export type TokenRow = Omit<typeof accessTokens.$inferSelect, 'tokenHash' | 'userId'>

export interface Bearer {
  person: { userId: string, name: string, email: string, isOperator: boolean, owesAcceptance: boolean }
  member: Member | null
  token: { id: string, name: string, scopes: TokenScope[], workspaceId: string | null, lastUsedAt: Date | null }
}

const bearerQuery = builtOnce(db => db
  .select({
    person: {
      userId: users.id,
      name: users.name,
      email: users.email,
      isOperator: users.isOperator,
      owesAcceptance,
    },
    member: {
      id: members.id,
      workspaceId: members.workspaceId,
      userId: members.userId,
      role: members.role,
      shutsAt,
    },
    token: {
      id: accessTokens.id,
      name: accessTokens.name,
      scopes: accessTokens.scopes,
      workspaceId: accessTokens.workspaceId,
      lastUsedAt: accessTokens.lastUsedAt,
    },
  })
  .from(accessTokens)
  .innerJoin(users, eq(users.id, accessTokens.userId))
  .leftJoin(members, and(eq(members.userId, users.id), eq(members.workspaceId, sql.placeholder('workspaceId'))))
  .leftJoin(workspaces, eq(workspaces.id, members.workspaceId))
  .where(and(
    eq(accessTokens.tokenHash, sql.placeholder('tokenHash')),
    gt(accessTokens.expiresAt, sql.placeholder('now')),
    isNull(users.disabledAt),
  )))

/** The person behind a token that counts, with their seat in the workspace that is asked about. */
export async function findBearer(db: Executor, tokenHash: Buffer, workspaceId: string | null, now: Date): Promise<Bearer | undefined> {
  const [row] = await bearerQuery(db).execute({ tokenHash, workspaceId, now })
  return row
}

const workspaceOfItem = builtOnce(db => db.select({ workspaceId: items.workspaceId }).from(items).where(eq(items.id, sql.placeholder('itemId'))))

export async function findWorkspaceOfItem(db: Executor, itemId: string): Promise<string | undefined> {
  const [row] = await workspaceOfItem(db).execute({ itemId })
  return row?.workspaceId
}

/** Only when it was not noted since `unlessSince`: of many calls at once, one writes. */
export async function noteUse(db: Executor, tokenId: string, { now, unlessSince, ip }: { now: Date, unlessSince: Date, ip: string | null }): Promise<void> {
  await db
    .update(accessTokens)
    .set({ lastUsedAt: now, lastUsedIp: ip })
    .where(and(eq(accessTokens.id, tokenId), or(isNull(accessTokens.lastUsedAt), lt(accessTokens.lastUsedAt, unlessSince))))
}

/** Holds off others who would make one at the same time: counting is exact only under it. */
export async function lockOwner(tx: Executor, userId: string): Promise<void> {
  await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('update')
}

export function countTokens(db: Executor, userId: string): Promise<number> {
  return db.$count(accessTokens, eq(accessTokens.userId, userId))
}

export async function insertToken(tx: Executor, token: typeof accessTokens.$inferInsert): Promise<void> {
  await tx.insert(accessTokens).values(token)
}

/** The newest first; those that have expired, too, until they are cleared away. */
export function listTokens(db: Executor, userId: string): Promise<TokenRow[]> {
  return db.select(columns).from(accessTokens).where(eq(accessTokens.userId, userId)).orderBy(desc(accessTokens.createdAt), desc(accessTokens.id))
}

export async function findToken(db: Executor, userId: string, tokenId: string): Promise<TokenRow | undefined> {
  const [row] = await db.select(columns).from(accessTokens).where(and(eq(accessTokens.userId, userId), eq(accessTokens.id, tokenId)))
  return row
}

/** @returns its name; undefined: the person has no such token */
export async function deleteToken(tx: Executor, userId: string, tokenId: string): Promise<string | undefined> {
  const [row] = await tx.delete(accessTokens).where(and(eq(accessTokens.userId, userId), eq(accessTokens.id, tokenId))).returning({ name: accessTokens.name })
  return row?.name
}

/** @returns how many there were */
export async function deleteTokensOf(tx: Executor, userId: string): Promise<number> {
  const { rowCount } = await tx.delete(accessTokens).where(eq(accessTokens.userId, userId))
  return rowCount ?? 0
}

export async function isStanding(db: Executor, tokenId: string, now: Date): Promise<boolean> {
  return await db.$count(accessTokens, and(eq(accessTokens.id, tokenId), gt(accessTokens.expiresAt, now))) > 0
}

export const deleteExpired = (tx: Executor, before: Date): Promise<boolean> => deleteBatch(tx, accessTokens, lt(accessTokens.expiresAt, before))
