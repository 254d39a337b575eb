import type { Tx } from '../../db/database.ts'
import { and, eq, isNull, max, sql } from 'drizzle-orm'
import { rowsOf } from '../../db/rows.ts'
import { fileVersions, items } from './items.table.ts'

export interface Named { id: string, kind: 'folder' | 'file', name: string, createdBy: string | null }

/** What has the name in a folder now, locked. */
export async function lockByName(tx: Tx, { workspaceId, parentId, key }: { workspaceId: string, parentId: string, key: string }): Promise<Named | undefined> {
  const [row] = await tx
    .select({
      id: items.id,
      kind: items.kind,
      name: items.name,
      createdBy: items.createdBy,
    })
    .from(items)
    .where(and(eq(items.workspaceId, workspaceId), eq(items.parentId, parentId), eq(items.nameKey, key), isNull(items.trashedAt)))
    .for('update')
  return row
}

export async function lastVersionNumber(tx: Tx, itemId: string): Promise<number> {
  const [last] = await tx.select({
    number: max(fileVersions.number),
  }).from(fileVersions).where(eq(fileVersions.itemId, itemId))
  return last?.number ?? 0
}

/** The file has this version now. */
export async function insertVersion(tx: Tx, version: VersionRow & { restoredFrom?: number }): Promise<void> {
  await tx.insert(fileVersions).values(version)
  await tx.update(items).set({
    versionId: version.id,
    sizeBytes: version.sizeBytes,
    mediaType: version.mediaType,
    revision: sql`${items.revision} + 1`,
    updatedAt: version.createdAt,
  }).where(eq(items.id, version.itemId))
}

const newItems = rowsOf(items, [
  'id',
  'workspaceId',
  'spaceId',
  'parentId',
  'kind',
  'name',
  'nameKey',
  'searchText',
  'versionId',
  'sizeBytes',
  'mediaType',
  'createdBy',
  'createdAt',
  'updatedAt',
])
const newVersions = rowsOf(fileVersions, [
  'id',
  'workspaceId',
  'itemId',
  'number',
  'objectKey',
  'sizeBytes',
  'sha256',
  'crc32',
  'integrity',
  'mediaType',
  'lastModifiedAt',
  'createdBy',
  'createdAt',
])

export type FileRow = Parameters<typeof newItems.of>[0][number]
export type VersionRow = Parameters<typeof newVersions.of>[0][number]

/** New files with their first versions, in one statement: each row is written once, its version's id in it. @returns the ids of those whose names were free */
export async function insertFiles(tx: Tx, files: readonly FileRow[], versions: readonly VersionRow[]): Promise<Set<string>> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    with made as (
      insert into items (${newItems.names})
      select ${newItems.names} from ${newItems.of(files)}
      on conflict (parent_id, name_key) where trashed_at is null do nothing
      returning id as made_id
    )
    insert into file_versions (${newVersions.names})
    select ${newVersions.names} from ${newVersions.of(versions)} join made on made_id = item_id
    returning item_id as id`)
  return new Set(rows.map(({ id }) => id))
}
