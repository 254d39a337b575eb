import type { AnyColumn } from 'drizzle-orm'
import type { Executor } from '../../db/database.ts'
import type { WorkspaceRole } from '../access/access.policy.ts'
import { and, asc, eq, gt, isNotNull, isNull, or, sql } from 'drizzle-orm'
import { naturally } from '../../db/columns.ts'
import { isVouched, sessions } from '../auth/sessions.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { oidcProviders, vouchesFor } from './oidc-providers.table.ts'
import { oidcIdentities, oidcStates } from './oidc.table.ts'

export type ProviderRow = typeof oidcProviders.$inferSelect
export type StateRow = typeof oidcStates.$inferSelect

const person = {
  id: users.id,
  name: users.name,
  email: users.email,
  isOperator: users.isOperator,
  locale: users.locale,
}

/** Whose a provider is: a workspace's, or the deployment's own (null). */
export type Owner = string | null
const isOf = (owner: Owner) => owner === null
  ? isNull(oidcProviders.workspaceId)
  : eq(oidcProviders.workspaceId, owner)

/** The deployment's own that are on, as people see them, and a workspace's for whoever knows its name in addresses, which is random. */
export async function listShown(db: Executor, slug?: string): Promise<{ id: string, name: string }[]> {
  return db
    .select({ id: oidcProviders.slug, name: oidcProviders.name })
    .from(oidcProviders)
    .where(and(oidcProviders.isEnabled, or(isNull(oidcProviders.workspaceId), slug === undefined
      ? undefined
      : eq(oidcProviders.slug, slug))))
    .orderBy(asc(naturally(oidcProviders.name)), asc(oidcProviders.slug))
}

/** In the workspace where a provider's people join: the role of whoever gives them theirs; null: they have none any more, or are disabled. */
const giverRole = (workspaceId: AnyColumn, giverId: AnyColumn) => sql<WorkspaceRole | null>`(
  select giver.role from members giver join users on users.id = giver.user_id and users.disabled_at is null
  where giver.workspace_id = ${workspaceId} and giver.user_id = ${giverId}
)`

/** As it is now: whoever asks holds the workspace's lock. */
export async function findGiverRole(tx: Executor, providerId: string): Promise<WorkspaceRole | null> {
  const [row] = await tx.select({
    role: giverRole(oidcProviders.joinWorkspaceId, oidcProviders.rolesGivenBy),
  }).from(oidcProviders).where(eq(oidcProviders.id, providerId))
  return row?.role ?? null
}

/** All of one owner, with how many people are connected with each. */
export async function listProviders(db: Executor, owner: Owner) {
  return db
    .select({
      provider: oidcProviders,
      workspaceName: workspaces.name,
      giverRole: giverRole(oidcProviders.joinWorkspaceId, oidcProviders.rolesGivenBy),
      people: sql<number>`(select count(*)::int from ${oidcIdentities} where ${oidcIdentities.providerId} = ${oidcProviders.id})`,
    })
    .from(oidcProviders)
    .leftJoin(workspaces, eq(workspaces.id, oidcProviders.joinWorkspaceId))
    .where(isOf(owner))
    .orderBy(asc(naturally(oidcProviders.name)), asc(oidcProviders.slug))
}

export async function findProvider(db: Executor, by: { id: string } | { slug: string }): Promise<ProviderRow | undefined> {
  const [row] = await db.select().from(oidcProviders).where('id' in by
    ? eq(oidcProviders.id, by.id)
    : eq(oidcProviders.slug, by.slug))
  return row
}

export async function lockProvider(tx: Executor, owner: Owner, id: string): Promise<ProviderRow | undefined> {
  const [row] = await tx.select().from(oidcProviders).where(and(eq(oidcProviders.id, id), isOf(owner))).for('update')
  return row
}

/** @returns false when another has its slug */
export async function insertProvider(tx: Executor, provider: typeof oidcProviders.$inferInsert): Promise<boolean> {
  const { rowCount } = await tx.insert(oidcProviders).values(provider).onConflictDoNothing({ target: oidcProviders.slug })
  return rowCount === 1
}

export async function changeProvider(tx: Executor, id: string, change: Partial<typeof oidcProviders.$inferInsert>): Promise<void> {
  await tx.update(oidcProviders).set(change).where(eq(oidcProviders.id, id))
}

export async function deleteProvider(tx: Executor, id: string): Promise<void> {
  await tx.delete(oidcProviders).where(eq(oidcProviders.id, id))
}

export async function insertState(db: Executor, state: typeof oidcStates.$inferInsert): Promise<void> {
  await db.insert(oidcStates).values(state)
}

/** Of two at once, one has it. @returns undefined for one that is not there or too old */
export async function takeState(db: Executor, stateHash: Buffer, now: Date): Promise<StateRow | undefined> {
  const [row] = await db.delete(oidcStates).where(eq(oidcStates.stateHash, stateHash)).returning()
  return row && row.expiresAt > now
    ? row
    : undefined
}

/** Whose session it is, while it stands. */
export async function findSessionsPerson(db: Executor, sessionId: string, now: Date) {
  const [row] = await db
    .select(person)
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now), isNull(users.disabledAt), isVouched))
  return row
}

export async function findIdentityOwner(db: Executor, providerId: string, subject: string): Promise<string | undefined> {
  const [row] = await db.select({ userId: oidcIdentities.userId }).from(oidcIdentities).where(and(eq(oidcIdentities.providerId, providerId), eq(oidcIdentities.subject, subject)))
  return row?.userId
}

/** Whom a provider's person is here, locked against whoever disconnects them. */
export async function lockIdentity(tx: Executor, providerId: string, subject: string) {
  const [row] = await tx
    .select({ id: oidcIdentities.id, user: person, disabledAt: users.disabledAt })
    .from(oidcIdentities)
    .innerJoin(users, eq(users.id, oidcIdentities.userId))
    .where(and(eq(oidcIdentities.providerId, providerId), eq(oidcIdentities.subject, subject)))
    .for('update', { of: oidcIdentities })
  return row
}

/** @returns false when either has another one there already */
export async function insertIdentity(tx: Executor, identity: typeof oidcIdentities.$inferInsert): Promise<boolean> {
  const { rowCount } = await tx.insert(oidcIdentities).values(identity).onConflictDoNothing()
  return rowCount === 1
}

export async function touchIdentity(tx: Executor, id: string, { label, lastUsedAt }: { label: string, lastUsedAt: Date }): Promise<void> {
  await tx.update(oidcIdentities).set({ label, lastUsedAt }).where(eq(oidcIdentities.id, id))
}

/** Whether a provider's word counts for a person (`vouchesFor`). */
export async function doesVouchFor(db: Executor, providerId: string, userId: string): Promise<boolean> {
  const [row] = await db
    .select({ id: users.id })
    .from(users)
    .innerJoin(oidcProviders, eq(oidcProviders.id, providerId))
    .where(and(eq(users.id, userId), vouchesFor(oidcProviders.id, users.id)))
  return row !== undefined
}

/** Every provider that a person may connect, and those that they are connected with, on or not. */
export async function listOwn(db: Executor, userId: string) {
  return db
    .select({
      id: oidcProviders.slug,
      name: oidcProviders.name,
      workspaceName: workspaces.name,
      label: oidcIdentities.label,
      connectedAt: oidcIdentities.createdAt,
      lastUsedAt: oidcIdentities.lastUsedAt,
    })
    .from(oidcProviders)
    .innerJoin(users, eq(users.id, userId))
    .leftJoin(workspaces, eq(workspaces.id, oidcProviders.workspaceId))
    .leftJoin(oidcIdentities, and(eq(oidcIdentities.providerId, oidcProviders.id), eq(oidcIdentities.userId, userId)))
    .where(or(isNotNull(oidcIdentities.id), and(oidcProviders.isEnabled, vouchesFor(oidcProviders.id, users.id))))
    .orderBy(asc(naturally(oidcProviders.name)), asc(oidcProviders.slug))
}

/** Whoever changes how one person signs in waits for whoever else does. */
export async function lockPerson(tx: Executor, userId: string): Promise<void> {
  await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('update')
}

export async function hasPassword(db: Executor, userId: string): Promise<boolean> {
  return await db.$count(users, and(eq(users.id, userId), isNotNull(users.passwordHash))) > 0
}

/** @returns whether there was one */
export async function deleteIdentity(tx: Executor, userId: string, providerId: string): Promise<boolean> {
  const { rowCount } = await tx.delete(oidcIdentities).where(and(eq(oidcIdentities.userId, userId), eq(oidcIdentities.providerId, providerId)))
  return rowCount === 1
}

/** Where its members are. */
export async function findWorkspaceSlug(db: Executor, workspaceId: string): Promise<string> {
  const [row] = await db.select({ slug: workspaces.slug }).from(workspaces).where(eq(workspaces.id, workspaceId))
  return row!.slug
}

/** Of all that people may sign in by: whose provider it is, null for the deployment's. */
export async function listIssuers(db: Executor): Promise<{ issuer: string, workspaceId: string | null }[]> {
  return db.selectDistinct({ issuer: oidcProviders.issuer, workspaceId: oidcProviders.workspaceId }).from(oidcProviders).where(eq(oidcProviders.isEnabled, true)).orderBy(asc(oidcProviders.issuer))
}
