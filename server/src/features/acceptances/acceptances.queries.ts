import type { SQL } from 'drizzle-orm'
import type { Executor, Tx } from '../../db/database.ts'
import { and, desc, eq, gte, ilike, inArray, isNotNull, isNull, lte, or, sql } from 'drizzle-orm'
import { containing } from '../../db/like.ts'
import { policies, policyTexts, policyVersions } from '../policies/policies.table.ts'
import { requests } from '../requests/requests.table.ts'
import { users } from '../users/users.table.ts'
import { askingPolicies, dayOf, hasAgreed, policyAcceptances } from './acceptances.table.ts'

/** A policy that asks people to say that they agree; `accepted`: the last version that the person agreed to. */
export interface Asked { policyId: string, slug: string, current: number, since: number, accepted: number | null, locale: string | null }

const at = (now: Date): SQL => sql`${now.toISOString()}::timestamptz`

/** What is asked of a person on a day, null for one without an account; `pending`: only what they have not agreed to yet. In the order in which pages link policies. */
export async function listAsked(db: Executor, userId: string | null, { now, pending, slug }: { now: Date, pending?: boolean, slug?: string }): Promise<Asked[]> {
  const { rows } = await db.execute<Asked & Record<string, unknown>>(sql`
    select asked.policy_id as "policyId", asked.slug, asked.current, asked.since, (
      select max(v.number) from policy_acceptances a join policy_versions v on v.id = a.version_id where a.user_id = ${userId} and v.policy_id = asked.policy_id
    ) as accepted, (select locale from users where id = ${userId}) as locale
    from ${askingPolicies(at(now))} asked join policies on policies.id = asked.policy_id
    where ${pending
      ? sql`not ${hasAgreed(sql`${userId}`)}`
      : sql`true`} and ${slug === undefined
      ? sql`true`
      : sql`asked.slug = ${slug}`}
    order by policies.position, policies.created_at, policies.id`)
  return rows
}

export interface AskedText { policyId: string, versionId: string, number: number, effectiveOn: string, language: string, title: string, summary: string, sha256: string }

/** In each language the newest text in effect. What is older than the version that counts is not agreed to any more. */
export async function listAskedTexts(db: Executor, asked: readonly Asked[], now: Date): Promise<AskedText[]> {
  if (asked.length === 0) return []
  return db
    .selectDistinctOn([policyVersions.policyId, policyTexts.language], {
      policyId: policyVersions.policyId,
      versionId: policyVersions.id,
      number: policyVersions.number,
      effectiveOn: policyVersions.effectiveOn,
      language: policyTexts.language,
      title: policyTexts.title,
      summary: policyTexts.summary,
      sha256: policyTexts.sha256,
    })
    .from(policyTexts)
    .innerJoin(policyVersions, eq(policyVersions.id, policyTexts.versionId))
    .where(and(
      lte(policyVersions.effectiveOn, dayOf(at(now))),
      or(...asked.map(({ policyId, since }) => and(eq(policyVersions.policyId, policyId), gte(policyVersions.number, since)))),
    ))
    .orderBy(policyVersions.policyId, policyTexts.language, desc(policyVersions.number))
}

/** @returns whether the person had not agreed to this version: what was said first stays */
export async function insertAcceptance(tx: Tx, row: typeof policyAcceptances.$inferInsert): Promise<boolean> {
  return (await tx.insert(policyAcceptances).values(row).onConflictDoNothing().returning({ id: policyAcceptances.id })).length > 0
}

const acceptanceColumns = {
  id: policyAcceptances.id,
  slug: policies.slug,
  number: policyVersions.number,
  language: policyAcceptances.language,
  sha256: policyAcceptances.sha256,
  title: policyTexts.title,
  place: policyAcceptances.place,
  acceptedAt: policyAcceptances.acceptedAt,
}

export async function listOwn(db: Executor, userId: string, versionId?: string) {
  return db
    .select(acceptanceColumns)
    .from(policyAcceptances)
    .innerJoin(policyVersions, eq(policyVersions.id, policyAcceptances.versionId))
    .innerJoin(policies, eq(policies.id, policyVersions.policyId))
    .innerJoin(policyTexts, and(eq(policyTexts.versionId, policyAcceptances.versionId), eq(policyTexts.language, policyAcceptances.language)))
    .where(and(eq(policyAcceptances.userId, userId), versionId === undefined
      ? undefined
      : eq(policyAcceptances.versionId, versionId)))
    .orderBy(desc(policyAcceptances.acceptedAt), desc(policyAcceptances.id))
}
export type OwnRow = Awaited<ReturnType<typeof listOwn>>[number]

/** Newest first, after the one given. With a request only when it was received: until its address is confirmed, anybody may have written it there. */
export async function listOfPolicy(db: Executor, policyId: string, { q, after, limit }: { q?: string, after?: { acceptedAt: string, id: string }, limit: number }) {
  return db
    .select({
      ...acceptanceColumns,
      userId: users.id,
      name: users.name,
      email: sql<string>`coalesce(${users.email}, ${policyAcceptances.email})`,
      ip: policyAcceptances.ip,
    })
    .from(policyAcceptances)
    .innerJoin(policyVersions, eq(policyVersions.id, policyAcceptances.versionId))
    .innerJoin(policies, eq(policies.id, policyVersions.policyId))
    .innerJoin(policyTexts, and(eq(policyTexts.versionId, policyAcceptances.versionId), eq(policyTexts.language, policyAcceptances.language)))
    .leftJoin(users, eq(users.id, policyAcceptances.userId))
    .leftJoin(requests, eq(requests.id, policyAcceptances.requestId))
    .where(and(
      or(isNull(policyAcceptances.requestId), isNotNull(requests.receivedAt)),
      inArray(policyAcceptances.versionId, db.select({ id: policyVersions.id }).from(policyVersions).where(eq(policyVersions.policyId, policyId))),
      q === undefined
        ? undefined
        : or(ilike(users.name, containing(q)), ilike(users.email, containing(q)), and(isNull(users.id), ilike(policyAcceptances.email, containing(q)))),
      after === undefined
        ? undefined
        : sql`(${policyAcceptances.acceptedAt}, ${policyAcceptances.id}) < (${after.acceptedAt}::timestamptz, ${after.id}::uuid)`,
    ))
    .orderBy(desc(policyAcceptances.acceptedAt), desc(policyAcceptances.id))
    .limit(limit)
}
export type AcceptanceRow = Awaited<ReturnType<typeof listOfPolicy>>[number]

/** Of those who may sign in, how many there are, and how many have agreed to what is in effect. */
export async function countAgreed(db: Executor, policyId: string, now: Date): Promise<{ asked: number, agreed: number }> {
  const { rows: [row] } = await db.execute<{ asked: number, agreed: number }>(sql`
    select count(*)::int as asked, (count(*) filter (where exists(
      select from ${askingPolicies(at(now))} asked where asked.policy_id = ${policyId} and ${hasAgreed(sql`users.id`)}
    )))::int as agreed
    from users where disabled_at is null`)
  return row!
}

export async function findPolicy(db: Executor, policyId: string): Promise<{ slug: string } | undefined> {
  const [row] = await db.select({ slug: policies.slug }).from(policies).where(and(eq(policies.id, policyId), isNull(policies.workspaceId)))
  return row
}
