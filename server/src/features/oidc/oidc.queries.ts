import type { Executor } from '../../db/database.ts'
import { and, asc, eq, gt, isNotNull, isNull, or, sql } from 'drizzle-orm'
import { naturally } from '../../db/columns.ts'
import { sessions } from '../auth/sessions.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { oidcProviders } from './oidc-providers.table.ts'
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

/** The deployment's own that are on, as people see them. */
export async function listShown(db: Executor): Promise<{ id: string, name: string }[]> {
  return db
    .select({ id: oidcProviders.slug, name: oidcProviders.name })
    .from(oidcProviders)
    .where(and(oidcProviders.isEnabled, isNull(oidcProviders.workspaceId)))
    .orderBy(asc(naturally(oidcProviders.name)), asc(oidcProviders.slug))
}

/** All of the deployment's own, with how many people are connected with each. */
export async function listProviders(db: Executor) {
  return db
    .select({
      provider: oidcProviders,
      workspaceName: workspaces.name,
      people: sql<number>`(select count(*)::int from ${oidcIdentities} where ${oidcIdentities.providerId} = ${oidcProviders.id})`,
    })
    .from(oidcProviders)
    .leftJoin(workspaces, eq(workspaces.id, oidcProviders.joinWorkspaceId))
    .where(isNull(oidcProviders.workspaceId))
    .orderBy(asc(naturally(oidcProviders.name)), asc(oidcProviders.slug))
}

export async function findProvider(db: Executor, by: { id: string } | { slug: string }): Promise<ProviderRow | undefined> {
  const [row] = await db.select().from(oidcProviders).where('id' in by
    ? eq(oidcProviders.id, by.id)
    : eq(oidcProviders.slug, by.slug))
  return row
}

export async function lockProvider(tx: Executor, id: string): Promise<ProviderRow | undefined> {
  const [row] = await tx.select().from(oidcProviders).where(and(eq(oidcProviders.id, id), isNull(oidcProviders.workspaceId))).for('update')
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
    .where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now), isNull(users.disabledAt)))
  return row
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

/** Every provider that a person may connect, and those that they are connected with, on or not. */
export async function listOwn(db: Executor, userId: string) {
  return db
    .select({
      id: oidcProviders.slug,
      name: oidcProviders.name,
      label: oidcIdentities.label,
      connectedAt: oidcIdentities.createdAt,
      lastUsedAt: oidcIdentities.lastUsedAt,
    })
    .from(oidcProviders)
    .leftJoin(oidcIdentities, and(eq(oidcIdentities.providerId, oidcProviders.id), eq(oidcIdentities.userId, userId)))
    .where(or(isNotNull(oidcIdentities.id), and(oidcProviders.isEnabled, isNull(oidcProviders.workspaceId))))
    .orderBy(asc(naturally(oidcProviders.name)), asc(oidcProviders.slug))
}

/** Whoever changes how one person signs in waits for whoever else does. */
export async function lockPerson(tx: Executor, userId: string): Promise<{ hasPassword: boolean }> {
  const [row] = await tx.select({ passwordHash: users.passwordHash }).from(users).where(eq(users.id, userId)).for('update')
  return { hasPassword: row?.passwordHash != null }
}

export async function hasPassword(db: Executor, userId: string): Promise<boolean> {
  return await db.$count(users, and(eq(users.id, userId), isNotNull(users.passwordHash))) > 0
}

/** Whether the person comes in by a provider that is on. */
export async function hasOtherWayIn(tx: Executor, userId: string): Promise<boolean> {
  const [row] = await tx
    .select({ id: oidcIdentities.id })
    .from(oidcIdentities)
    .innerJoin(oidcProviders, eq(oidcProviders.id, oidcIdentities.providerId))
    .where(and(eq(oidcIdentities.userId, userId), oidcProviders.isEnabled))
    .limit(1)
  return row !== undefined
}

/** @returns whether there was one */
export async function deleteIdentity(tx: Executor, userId: string, providerId: string): Promise<boolean> {
  const { rowCount } = await tx.delete(oidcIdentities).where(and(eq(oidcIdentities.userId, userId), eq(oidcIdentities.providerId, providerId)))
  return rowCount === 1
}
