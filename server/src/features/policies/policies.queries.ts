import type { Executor, Tx } from '../../db/database.ts'
import { asc, desc, eq, inArray } from 'drizzle-orm'
import { policies, policyVersions } from './policies.table.ts'

/** Policies are the deployment's, not a workspace's: there is no tenant here. */
export type PolicyRow = typeof policies.$inferSelect
type Policy = typeof policies.$inferInsert

const versionColumns = {
  id: policyVersions.id,
  policyId: policyVersions.policyId,
  number: policyVersions.number,
  title: policyVersions.title,
  summary: policyVersions.summary,
  sha256: policyVersions.sha256,
  effectiveOn: policyVersions.effectiveOn,
  publishedAt: policyVersions.publishedAt,
}
/** A version without its text. */
export type VersionRow = Pick<typeof policyVersions.$inferSelect, keyof typeof versionColumns>

const KINDS = [
  'privacy',
  'terms',
  'cookies',
  'acceptable-use',
  'imprint',
  'subprocessors',
  'page',
]

/** As pages link them: privacy, terms, imprint, then the rest in their own order. */
export async function listPolicies(db: Executor): Promise<PolicyRow[]> {
  const rows = await db.select().from(policies).orderBy(asc(policies.position), asc(policies.createdAt), asc(policies.id))
  return rows.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
}

export async function findPolicy(db: Executor, id: string): Promise<PolicyRow | undefined> {
  const [row] = await db.select().from(policies).where(eq(policies.id, id))
  return row
}

export async function findPolicyBySlug(db: Executor, slug: string): Promise<PolicyRow | undefined> {
  const [row] = await db.select().from(policies).where(eq(policies.slug, slug))
  return row
}

export async function lockPolicy(tx: Tx, id: string): Promise<PolicyRow | undefined> {
  const [row] = await tx.select().from(policies).where(eq(policies.id, id)).for('update')
  return row
}

/** Newest first. */
export async function listVersions(db: Executor, policyIds: string[]): Promise<VersionRow[]> {
  return policyIds.length === 0
    ? []
    : db.select(versionColumns).from(policyVersions).where(inArray(policyVersions.policyId, policyIds)).orderBy(desc(policyVersions.number))
}

export async function getMarkdown(db: Executor, versionId: string): Promise<string> {
  const [row] = await db.select({ markdown: policyVersions.markdown }).from(policyVersions).where(eq(policyVersions.id, versionId))
  return row!.markdown
}

export async function insertPolicy(tx: Tx, row: Policy): Promise<void> {
  await tx.insert(policies).values(row)
}

export async function updatePolicy(tx: Tx, id: string, change: Partial<Policy>): Promise<void> {
  await tx.update(policies).set(change).where(eq(policies.id, id))
}

export async function deletePolicy(tx: Tx, id: string): Promise<void> {
  await tx.delete(policies).where(eq(policies.id, id))
}

/** There is no function that changes one. */
export async function insertVersion(tx: Tx, row: typeof policyVersions.$inferInsert): Promise<void> {
  await tx.insert(policyVersions).values(row)
}
