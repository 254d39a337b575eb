import type { Executor, Tx } from '../../db/database.ts'
import { and, asc, desc, eq, inArray, isNull, lte, notInArray, sql } from 'drizzle-orm'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { policyKinds } from './policies.policy.ts'
import { policies, policyDrafts, policyDrifts, policyTexts, policyVersions } from './policies.table.ts'

/** Whose policies: a workspace's, by its id, or the deployment's. Each query that finds one by anything but its own rows names it. */
export type Owner = string | null
export type PolicyRow = typeof policies.$inferSelect
export type DraftRow = typeof policyDrafts.$inferSelect
export type DriftRow = typeof policyDrifts.$inferSelect
type Policy = typeof policies.$inferInsert

const versionColumns = {
  id: policyVersions.id,
  policyId: policyVersions.policyId,
  number: policyVersions.number,
  effectiveOn: policyVersions.effectiveOn,
  publishedAt: policyVersions.publishedAt,
  acceptAgain: policyVersions.acceptAgain,
}
export type VersionRow = Pick<typeof policyVersions.$inferSelect, keyof typeof versionColumns>

const headColumns = {
  versionId: policyTexts.versionId,
  language: policyTexts.language,
  title: policyTexts.title,
  summary: policyTexts.summary,
  sha256: policyTexts.sha256,
}
/** A published text without its words. */
export type TextHead = Pick<typeof policyTexts.$inferSelect, keyof typeof headColumns>
export type TextRow = typeof policyTexts.$inferSelect
/** A text with the version that it is of. */
export type VersionText = TextRow & Pick<VersionRow, 'policyId' | 'number' | 'effectiveOn'>

const ownedBy = (owner: Owner) => owner === null
  ? isNull(policies.workspaceId)
  : eq(policies.workspaceId, owner)

/** In the order in which pages link them. */
export async function listPolicies(db: Executor, owner: Owner): Promise<PolicyRow[]> {
  const rows = await db.select().from(policies).where(ownedBy(owner)).orderBy(asc(policies.position), asc(policies.createdAt), asc(policies.id))
  return rows.sort((a, b) => policyKinds.indexOf(a.kind) - policyKinds.indexOf(b.kind))
}

export async function findPolicy(db: Executor, owner: Owner, id: string): Promise<PolicyRow | undefined> {
  const [row] = await db.select().from(policies).where(and(eq(policies.id, id), ownedBy(owner)))
  return row
}

export async function findPolicyBySlug(db: Executor, owner: Owner, slug: string): Promise<PolicyRow | undefined> {
  const [row] = await db.select().from(policies).where(and(eq(policies.slug, slug), ownedBy(owner)))
  return row
}

export async function lockPolicy(tx: Tx, owner: Owner, id: string): Promise<PolicyRow | undefined> {
  const [row] = await tx.select().from(policies).where(and(eq(policies.id, id), ownedBy(owner))).for('update')
  return row
}

export async function lockPolicyBySlug(tx: Tx, owner: Owner, slug: string): Promise<PolicyRow | undefined> {
  const [row] = await tx.select().from(policies).where(and(eq(policies.slug, slug), ownedBy(owner))).for('update')
  return row
}

/** How many a workspace has, the withdrawn too; nobody adds one until the transaction ends. */
export async function countLocked(tx: Tx, workspaceId: string): Promise<number> {
  await tx.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.id, workspaceId)).for('no key update')
  return tx.$count(policies, ownedBy(workspaceId))
}

export async function findWorkspace(db: Executor, by: { id: string } | { slug: string }): Promise<{ id: string, name: string, slug: string } | undefined> {
  const [row] = await db.select({ id: workspaces.id, name: workspaces.name, slug: workspaces.slug }).from(workspaces).where('id' in by
    ? eq(workspaces.id, by.id)
    : eq(workspaces.slug, by.slug))
  return row
}

/** Held until the transaction ends. */
/** What all versions of a policy take. */
export async function bytesOf(tx: Tx, policyId: string): Promise<number> {
  const bytes = sql.join([
    policyTexts.title,
    policyTexts.summary,
    policyTexts.source,
    policyTexts.markdown,
  ].map(column => sql`octet_length(${column})::bigint`), sql` + `)
  const [row] = await tx
    .select({
      bytes: sql`coalesce(sum(${bytes}), 0)`.mapWith(Number),
    })
    .from(policyTexts)
    .innerJoin(policyVersions, eq(policyVersions.id, policyTexts.versionId))
    .where(eq(policyVersions.policyId, policyId))
  return row!.bytes
}

export async function lockFiles(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${advisoryLocks.policyFiles})`)
}

/** Policies whose files are gone are written here again. */
export async function releaseFiles(db: Executor, keptSlugs: readonly string[]): Promise<void> {
  await db.update(policies).set({ source: 'app', revision: sql`${policies.revision} + 1` }).where(and(eq(policies.source, 'file'), ownedBy(null), notInArray(policies.slug, [...keptSlugs])))
}

export async function listDrafts(db: Executor, policyIds: string[]): Promise<DraftRow[]> {
  return policyIds.length === 0
    ? []
    : db.select().from(policyDrafts).where(inArray(policyDrafts.policyId, policyIds)).orderBy(asc(policyDrafts.language))
}

/** Newest first. */
export async function listVersions(db: Executor, policyIds: string[]): Promise<VersionRow[]> {
  return policyIds.length === 0
    ? []
    : db.select(versionColumns).from(policyVersions).where(inArray(policyVersions.policyId, policyIds)).orderBy(desc(policyVersions.number))
}

export async function listTextHeads(db: Executor, policyIds: string[]): Promise<TextHead[]> {
  return policyIds.length === 0
    ? []
    : db.select(headColumns).from(policyTexts).innerJoin(policyVersions, eq(policyVersions.id, policyTexts.versionId)).where(inArray(policyVersions.policyId, policyIds)).orderBy(asc(policyTexts.language))
}

/** In each language the newest text of those that are in effect on a day; without one, of all. */
export async function newestTexts(db: Executor, policyIds: string[], until?: string): Promise<VersionText[]> {
  if (policyIds.length === 0) return []
  const rows = await db
    .selectDistinctOn([policyVersions.policyId, policyTexts.language], {
      text: policyTexts,
      policyId: policyVersions.policyId,
      number: policyVersions.number,
      effectiveOn: policyVersions.effectiveOn,
    })
    .from(policyTexts)
    .innerJoin(policyVersions, eq(policyVersions.id, policyTexts.versionId))
    .where(and(
      inArray(policyVersions.policyId, policyIds),
      until === undefined
        ? undefined
        : lte(policyVersions.effectiveOn, until),
    ))
    .orderBy(asc(policyVersions.policyId), asc(policyTexts.language), desc(policyVersions.number))
  return rows.map(({ text, ...version }) => ({
    ...text,
    ...version,
  }))
}

export async function getText(db: Executor, versionId: string, language: string): Promise<TextRow> {
  const [row] = await db.select().from(policyTexts).where(and(eq(policyTexts.versionId, versionId), eq(policyTexts.language, language)))
  return row!
}

/** The last publications of the deployment's policies, with what each language says of them. */
export async function listPublications(db: Executor, limit: number) {
  const versions = await db.select({ ...versionColumns, slug: policies.slug }).from(policyVersions).innerJoin(policies, eq(policies.id, policyVersions.policyId)).where(ownedBy(null)).orderBy(desc(policyVersions.publishedAt), desc(policyVersions.id)).limit(limit)
  const texts = versions.length === 0
    ? []
    : await db.select(headColumns).from(policyTexts).where(inArray(policyTexts.versionId, versions.map(({ id }) => id))).orderBy(asc(policyTexts.language))
  return versions.map(version => ({
    ...version,
    texts: texts.filter(({ versionId }) => versionId === version.id),
  }))
}

export async function listDrifts(db: Executor, policyIds: string[]): Promise<DriftRow[]> {
  if (policyIds.length === 0) return []
  const rows = await db.select({ drift: policyDrifts }).from(policyDrifts).innerJoin(policyVersions, eq(policyVersions.id, policyDrifts.versionId)).where(inArray(policyVersions.policyId, policyIds))
  return rows.map(({ drift }) => drift)
}

/** By its id, who it is. */
export async function namesOf(db: Executor, userIds: string[]): Promise<Map<string, string>> {
  const rows = userIds.length === 0
    ? []
    : await db.select({ id: users.id, name: users.name }).from(users).where(inArray(users.id, userIds))
  return new Map(rows.map(({ id, name }) => [id, name]))
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

export async function saveDraft(tx: Tx, row: DraftRow): Promise<void> {
  await tx.insert(policyDrafts).values(row).onConflictDoUpdate({
    target: [policyDrafts.policyId, policyDrafts.language],
    set: { title: row.title, markdown: row.markdown, highlights: row.highlights },
  })
}

export async function deleteDraft(tx: Tx, policyId: string, language: string): Promise<void> {
  await tx.delete(policyDrafts).where(and(eq(policyDrafts.policyId, policyId), eq(policyDrafts.language, language)))
}

/** There is no function that changes one. */
export async function insertVersion(tx: Tx, row: typeof policyVersions.$inferInsert, texts: (typeof policyTexts.$inferInsert)[]): Promise<void> {
  await tx.insert(policyVersions).values(row)
  await tx.insert(policyTexts).values(texts)
}

/** @returns whether it was not known */
export async function insertDrift(tx: Tx, row: DriftRow): Promise<boolean> {
  return (await tx.insert(policyDrifts).values(row).onConflictDoNothing().returning({ fact: policyDrifts.fact })).length > 0
}

export async function updateDrift(tx: Tx, { versionId, fact, ...change }: DriftRow): Promise<void> {
  await tx.update(policyDrifts).set(change).where(and(eq(policyDrifts.versionId, versionId), eq(policyDrifts.fact, fact)))
}

export async function deleteDrift(tx: Tx, { versionId, fact }: Pick<DriftRow, 'versionId' | 'fact'>): Promise<void> {
  await tx.delete(policyDrifts).where(and(eq(policyDrifts.versionId, versionId), eq(policyDrifts.fact, fact)))
}
