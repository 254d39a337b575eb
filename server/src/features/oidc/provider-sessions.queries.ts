import type { Executor } from '../../db/database.ts'
import { and, eq, inArray, isNull, lte, ne } from 'drizzle-orm'
import { sessions } from '../auth/sessions.table.ts'
import { signInSteps } from '../auth/sign-in-steps.table.ts'
import { users } from '../users/users.table.ts'

/** Which of the sessions that were begun by a provider's word. */
export interface ProviderSessions {
  providerId: string
  /** The provider's own name of a session there; without it, all. */
  sid?: string
  userId?: string
  begunBy?: Date
  /** But this one. */
  but?: string
}
export interface EndedSession { sessionId: string, user: { id: string, name: string } }

/** Ends them, and the sign-ins by it that are under way. @returns those that stood */
export async function endProviderSessions(tx: Executor, now: Date, { providerId, sid, userId, begunBy, but }: ProviderSessions): Promise<EndedSession[]> {
  const are = (table: typeof sessions | typeof signInSteps) => and(
    eq(table.oidcProviderId, providerId),
    sid === undefined
      ? undefined
      : eq(table.oidcSid, sid),
    userId === undefined
      ? undefined
      : eq(table.userId, userId),
    begunBy === undefined
      ? undefined
      : lte(table.createdAt, begunBy),
  )
  await tx.delete(signInSteps).where(are(signInSteps))
  const ended = await tx
    .update(sessions)
    .set({ revokedAt: now })
    .where(and(isNull(sessions.revokedAt), are(sessions), but === undefined
      ? undefined
      : ne(sessions.id, but)))
    .returning({ sessionId: sessions.id, userId: sessions.userId })
  if (ended.length === 0) return []
  const people = await tx.select({ id: users.id, name: users.name }).from(users).where(inArray(users.id, ended.map(each => each.userId)))
  return ended.map(({ sessionId, userId }) => ({
    sessionId,
    user: people.find(({ id }) => id === userId)!,
  }))
}

/** What was begun by its word stands on its own from now on; the sign-ins that are under way end. */
export async function keepSessionsWithout(tx: Executor, providerId: string): Promise<void> {
  await tx.delete(signInSteps).where(eq(signInSteps.oidcProviderId, providerId))
  await tx.update(sessions).set({ oidcProviderId: null }).where(eq(sessions.oidcProviderId, providerId))
}
