import type { Executor } from '../../db/database.ts'
import type { SessionLimits } from '../sessions/sessions.policy.ts'
import type { Me } from './auth.schemas.ts'
import type { VouchedBy } from './session.ts'
import { and, asc, desc, eq, gt, gte, isNull, lt, not, notExists, sql } from 'drizzle-orm'
import { naturally } from '../../db/columns.ts'
import { hasFactor } from '../factors/factors.table.ts'
import { instance, lacksFactor } from '../instance/instance.table.ts'
import { members, shutsAt } from '../members/members.table.ts'
import { oidcProviders } from '../oidc/oidc-providers.table.ts'
import { pictureOf } from '../pictures/pictures.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { isAskedClient } from './clients.queries.ts'
import { isVouched, sessions } from './sessions.table.ts'
import { signInSteps } from './sign-in-steps.table.ts'

const userColumns = {
  id: users.id,
  name: users.name,
  email: users.email,
  isOperator: users.isOperator,
  locale: users.locale,
}

/** What people are told of themselves besides. */
const ownColumns = { ...userColumns, timeZone: users.timeZone }

export interface Credentials {
  user: { id: string, name: string, email: string, isOperator: boolean, locale: string | null }
  passwordHash: string | null
  disabledAt: Date | null
  /** Whether a session of this person was started from this address and still stands. */
  knownSource: boolean
}

export async function findCredentials(db: Executor, emailKey: string, ip: string | null, now: Date): Promise<Credentials | undefined> {
  const [row] = await db
    .select({
      user: userColumns,
      passwordHash: users.passwordHash,
      disabledAt: users.disabledAt,
      knownSource: sql<boolean>`exists(select from ${sessions} where ${and(eq(sessions.userId, users.id), eq(sessions.ip, ip ?? ''), isNull(sessions.revokedAt), gt(sessions.expiresAt, now))})`,
    })
    .from(users)
    .where(eq(users.emailKey, emailKey))
  return row
}

/** The session with its person, locked against other refreshes of it. */
export async function lockSession(db: Executor, sessionId: string) {
  const [row] = await db
    .select({
      session: sessions,
      user: userColumns,
      disabledAt: users.disabledAt,
      isVouched: sql<boolean>`${isVouched}`,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.id, sessionId))
    .for('update', { of: sessions })
  return row
}

export async function listMemberships(db: Executor, userId: string): Promise<Me['memberships']> {
  const rows = await db
    .select({
      workspaceId: workspaces.id,
      slug: workspaces.slug,
      name: workspaces.name,
      role: members.role,
      shutsAt,
    })
    .from(members)
    .innerJoin(workspaces, eq(workspaces.id, members.workspaceId))
    .where(eq(members.userId, userId))
    .orderBy(asc(naturally(workspaces.name)), asc(workspaces.id))
  return rows.map(({ shutsAt, ...row }) => ({ ...row, shutsAt: shutsAt?.toISOString() ?? null }))
}

/** Of this instance; undefined before it is set up. */
export async function findSessionLimits(db: Executor): Promise<SessionLimits | undefined> {
  const [row] = await db.select({ sessionIdleMinutes: instance.sessionIdleMinutes, sessionTotalMinutes: instance.sessionTotalMinutes }).from(instance)
  return row
}

/** Lets every session that stands end by these limits, now where they are over. */
export async function limitSessions(tx: Executor, { sessionIdleMinutes, sessionTotalMinutes }: SessionLimits, now: Date): Promise<void> {
  await tx
    .update(sessions)
    // `least` leaves out what is null.
    .set({ expiresAt: sql`least(last_used_at + make_interval(mins => ${sessionIdleMinutes}::int), created_at + make_interval(mins => ${sessionTotalMinutes}::int))` })
    .where(and(isNull(sessions.revokedAt), gt(sessions.expiresAt, now)))
}

/** Those that still stand, the last used first. */
export async function listSessions(db: Executor, userId: string, now: Date) {
  return db
    .select({
      id: sessions.id,
      createdAt: sessions.createdAt,
      lastUsedAt: sessions.lastUsedAt,
      expiresAt: sessions.expiresAt,
      ip: sessions.ip,
      userAgent: sessions.userAgent,
    })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now)))
    .orderBy(desc(sessions.lastUsedAt), asc(sessions.id))
}

export async function findPassword(db: Executor, userId: string) {
  const [row] = await db.select({ emailKey: users.emailKey, passwordHash: users.passwordHash }).from(users).where(eq(users.id, userId))
  return row!
}

/** @returns false when it is another than `from` by now */
export async function replacePassword(tx: Executor, userId: string, { from, to }: { from: string | null, to: string }): Promise<boolean> {
  const { rowCount } = await tx
    .update(users)
    .set({ passwordHash: to })
    .where(and(eq(users.id, userId), from === null
      ? isNull(users.passwordHash)
      : eq(users.passwordHash, from)))
  return rowCount === 1
}

/** Undefined once it has ended, or its person was disabled. */
export async function findStandingSession(tx: Executor, sessionId: string, now: Date): Promise<{ steppedUpAt: Date | null } | undefined> {
  const [row] = await tx
    .select({ steppedUpAt: sessions.steppedUpAt })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now), isNull(users.disabledAt)))
  return row
}

/** Until the commit nobody disables them, sets a password or ends their sessions. @returns undefined for whoever may not sign in */
export async function holdPerson(tx: Executor, userId: string): Promise<{ passwordHash: string | null, emailFactorAt: Date | null } | undefined> {
  const [row] = await tx.select({ passwordHash: users.passwordHash, emailFactorAt: users.emailFactorAt }).from(users).where(and(eq(users.id, userId), isNull(users.disabledAt))).for('no key update')
  return row
}

/** Since when their sign-ins end with a mailed code, as their second factor; null: the last did not. */
export async function setEmailFactor(tx: Executor, userId: string, at: Date | null): Promise<void> {
  await tx.update(users).set({ emailFactorAt: at }).where(eq(users.id, userId))
}

/** Somebody whose password alone lets them in nowhere: the contact of a client, whose workspace asks for a second factor, and who has none of their own. */
export async function findAskedClient(db: Executor, userId: string) {
  const [row] = await db.select(userColumns).from(users).where(and(eq(users.id, userId), isAskedClient, not(hasFactor(users.id))))
  return row
}

export async function findInstanceName(db: Executor): Promise<string> {
  const [row] = await db.select({ name: instance.name }).from(instance)
  return row!.name
}

export async function insertSession(tx: Executor, session: typeof sessions.$inferInsert): Promise<void> {
  await tx.insert(sessions).values(session)
}

export async function insertSignInStep(db: Executor, step: typeof signInSteps.$inferInsert): Promise<void> {
  await db.insert(signInSteps).values(step)
}

/** Takes one of so many attempts: of any number at once, so many are judged. @returns undefined when it counts no longer */
export async function takeAttempt(db: Executor, tokenHash: Buffer, { now, most }: { now: Date, most: number }): Promise<{ id: string, userId: string, emailCodeHash: Buffer | null, vouched: VouchedBy | undefined } | undefined> {
  const [row] = await db
    .update(signInSteps)
    .set({ attempts: sql`${signInSteps.attempts} + 1` })
    .where(and(eq(signInSteps.tokenHash, tokenHash), gt(signInSteps.expiresAt, now), lt(signInSteps.attempts, most)))
    .returning({
      id: signInSteps.id,
      userId: signInSteps.userId,
      emailCodeHash: signInSteps.emailCodeHash,
      providerId: signInSteps.oidcProviderId,
      sid: signInSteps.oidcSid,
    })
  if (!row) return undefined
  const { id, userId, emailCodeHash, providerId, sid } = row
  return {
    id,
    userId,
    emailCodeHash,
    vouched: providerId === null
      ? undefined
      : { providerId, sid },
  }
}

/** Until the commit nobody removes the provider, by whose word something begins. @returns whose it is: a workspace's, or the deployment's own (null); undefined when it is gone */
export async function holdProvider(tx: Executor, providerId: string): Promise<{ workspaceId: string | null } | undefined> {
  const [row] = await tx.select({ workspaceId: oidcProviders.workspaceId }).from(oidcProviders).where(eq(oidcProviders.id, providerId)).for('key share')
  return row
}

/** @returns whether it was still there: of two at once, one has it */
export async function takeSignInStep(tx: Executor, stepId: string): Promise<boolean> {
  const { rowCount } = await tx.delete(signInSteps).where(eq(signInSteps.id, stepId))
  return rowCount === 1
}

/**
 * Ends those whose time is over. @returns whose they were and from where; but not those who were begun where the same person came in since: they began again, and are no news.
 */
export async function takeUnfinished(tx: Executor, now: Date) {
  const ended = tx.$with('ended').as(tx.delete(signInSteps).where(lt(signInSteps.expiresAt, now)).returning())
  return tx
    .with(ended)
    .select({
      user: { id: users.id, name: users.name },
      via: ended.via,
      ip: ended.ip,
      userAgent: ended.userAgent,
    })
    .from(ended)
    .innerJoin(users, eq(users.id, ended.userId))
    .where(notExists(tx.select({ id: sessions.id }).from(sessions).where(and(eq(sessions.userId, ended.userId), eq(sessions.ip, ended.ip), gte(sessions.createdAt, ended.createdAt)))))
}

export async function changeSession(tx: Executor, sessionId: string, change: Partial<Omit<typeof sessions.$inferInsert, 'id' | 'userId'>>): Promise<void> {
  await tx.update(sessions).set(change).where(eq(sessions.id, sessionId))
}

/** Who may sign in. */
export async function findActiveUser(db: Executor, userId: string) {
  const [row] = await db.select(userColumns).from(users).where(and(eq(users.id, userId), isNull(users.disabledAt)))
  return row
}

export async function findUser(db: Executor, userId: string) {
  const [row] = await db.select({
    ...ownColumns,
    lacksFactor,
    picture: pictureOf(users.id),
    isEmailVerified: sql<boolean>`${users.emailVerifiedAt} is not null`,
    hasPassword: sql<boolean>`${users.passwordHash} is not null`,
  }).from(users).where(eq(users.id, userId))
  return row!
}

export async function lockUser(tx: Executor, userId: string) {
  const [row] = await tx.select(ownColumns).from(users).where(eq(users.id, userId)).for('update')
  return row!
}

export async function changeUser(tx: Executor, userId: string, change: { name?: string, locale?: string | null, timeZone?: string }): Promise<void> {
  await tx.update(users).set(change).where(eq(users.id, userId))
}
