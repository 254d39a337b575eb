import type { Executor } from '../../db/database.ts'
import { and, asc, desc, eq, gt, inArray, isNull, lte, sql } from 'drizzle-orm'
import { naturally } from '../../db/columns.ts'
import { builtOnce } from '../../db/database.ts'
import { deleteBatch } from '../../db/delete-batch.ts'
import { fileVersions, items } from '../items/items.table.ts'
import { policies, policyVersions } from '../policies/policies.table.ts'
import { linkVisits } from './public-links.table.ts'

/** Two visits are alike when all of it is the same. */
export type VisitKey = Omit<typeof linkVisits.$inferSelect, 'notedAt'>

const publicColumns = {
  id: items.id,
  kind: items.kind,
  name: items.name,
  sizeBytes: items.sizeBytes,
  mediaType: items.mediaType,
  sha256: fileVersions.sha256,
}
export type PublicItemRow = Awaited<ReturnType<typeof listPublicItems>>[number]

export async function listPublicItems(db: Executor, workspaceId: string, itemIds: readonly string[]) {
  return db.select(publicColumns).from(items).leftJoin(fileVersions, eq(fileVersions.id, items.versionId)).where(and(eq(items.workspaceId, workspaceId), inArray(items.id, [...itemIds])))
}

/** Folders first, then by name. */
export async function listPublicChildren(db: Executor, workspaceId: string, parentId: string, after: { kind: string, name: string, id: string } | undefined, limit: number): Promise<PublicItemRow[]> {
  return db
    .select(publicColumns)
    .from(items)
    .leftJoin(fileVersions, eq(fileVersions.id, items.versionId))
    .where(and(
      eq(items.workspaceId, workspaceId),
      eq(items.parentId, parentId),
      isNull(items.trashedAt),
      after && sql`(${items.kind} < ${after.kind} or (${items.kind} = ${after.kind} and (${naturally(items.name)}, ${items.id}) > (${after.name}, ${after.id}::uuid)))`,
    ))
    .orderBy(desc(items.kind), asc(naturally(items.name)), asc(items.id))
    .limit(limit)
}

const anyPolicy = builtOnce(db => db
  .select({ id: policies.id })
  .from(policies)
  .innerJoin(policyVersions, eq(policyVersions.policyId, policies.id))
  .where(and(eq(policies.workspaceId, sql.placeholder('workspaceId')), isNull(policies.withdrawnAt)))
  .limit(1))

/** Whether the workspace has published one, in effect by now or later. */
export const hasPolicies = async (db: Executor, workspaceId: string): Promise<boolean> => (await anyPolicy(db).execute({ workspaceId })).length > 0

/** Files and bytes below each folder, at any depth, without what is in the trash. */
export async function sumFolders(db: Executor, workspaceId: string, folderIds: readonly string[]): Promise<Map<string, { fileCount: number, bytes: number }>> {
  if (folderIds.length === 0) return new Map()
  const { rows } = await db.execute<{ origin: string, files: string, bytes: string }>(sql`
    with recursive below as (
      select id as origin, id, kind, size_bytes from items where id = any(${sql.param([...folderIds])}::uuid[]) and workspace_id = ${workspaceId}::uuid
      union all
      select below.origin, child.id, child.kind, child.size_bytes
      from below join items child on child.parent_id = below.id and child.trashed_at is null
    )
    select origin, count(*) filter (where kind = 'file') as files, coalesce(sum(size_bytes) filter (where kind = 'file'), 0) as bytes
    from below group by origin`)
  return new Map(rows.map(row => [
    row.origin,
    {
      fileCount: Number(row.files),
      bytes: Number(row.bytes),
    },
  ]))
}

/** How many like it there are since `since`, and how many of those that count together: openings of one source, all refusals. */
export async function countVisits(db: Executor, key: VisitKey, since: Date): Promise<{ alike: number, counted: number }> {
  const sameSource = sql`${linkVisits.source} = ${key.source}`
  const [row] = await db
    .select({
      alike: sql<string>`count(*) filter (where ${sameSource} and ${linkVisits.what} = ${key.what})`,
      counted: sql<string>`count(*)`,
    })
    .from(linkVisits)
    .where(and(
      eq(linkVisits.linkId, key.linkId),
      eq(linkVisits.kind, key.kind),
      gt(linkVisits.notedAt, since),
      key.kind === 'opened'
        ? sameSource
        : undefined,
    ))
  return {
    alike: Number(row!.alike),
    counted: Number(row!.counted),
  }
}

export async function upsertVisit(db: Executor, key: VisitKey, notedAt: Date): Promise<void> {
  await db.insert(linkVisits).values({ ...key, notedAt }).onConflictDoUpdate({
    target: [
      linkVisits.linkId,
      linkVisits.kind,
      linkVisits.source,
      linkVisits.what,
    ],
    set: { notedAt },
  })
}

export const deleteVisitsBefore = (tx: Executor, before: Date): Promise<boolean> => deleteBatch(tx, linkVisits, lte(linkVisits.notedAt, before))
