import type { Executor } from '../../db/database.ts'
import { inArray, sql } from 'drizzle-orm'
import { asks } from '../../db/some-of.ts'
import { BLOCK_BYTES, SUM_BYTES } from '../../storage/block-sums.ts'
import { orphans } from '../objects/objects.table.ts'

/** A version of a file, as people call it. */
export interface NamedVersion { file: string, version: number, workspace: string }
export interface NamedFile { file: string, workspace: string }
export interface Counted { workspace: string, counted: string, found: string }
export interface NamedLink { link: string, workspace: string }

const named = sql`items.name as file, version.number as version, workspaces.name as workspace`
const versions = sql`file_versions as version join objects on objects.key = version.object_key join items on items.id = version.item_id join workspaces on workspaces.id = version.workspace_id`

// Each of these finds what cannot be while all is right, at any one moment: between the transactions of people who work, too.

export const versionsWithoutObject = asks<NamedVersion & { state: string }>(sql`select ${named}, objects.state from ${versions} where objects.state <> 'committed'`)

export const versionsOfAnotherWorkspace = asks<NamedVersion>(sql`
  select ${named} from ${versions} where version.workspace_id <> objects.workspace_id or version.workspace_id <> items.workspace_id`)

export const versionsBroughtByNone = asks<NamedVersion>(sql`
  select ${named} from ${versions} where not exists (
    select from file_versions as bringing where bringing.object_key = version.object_key and bringing.item_id = version.item_id and bringing.restored_from is null)`)

export const filesWithoutVersion = asks<NamedFile>(sql`
  select items.name as file, workspaces.name as workspace
  from items join workspaces on workspaces.id = items.workspace_id left join file_versions as version on version.id = items.version_id and version.item_id = items.id
  where items.kind = 'file' and version.size_bytes is distinct from items.size_bytes`)

export const itemsElsewhere = asks<NamedFile>(sql`
  select items.name as file, workspaces.name as workspace
  from items join workspaces on workspaces.id = items.workspace_id join items as folder on folder.id = items.parent_id
  where folder.workspace_id <> items.workspace_id or folder.space_id <> items.space_id or folder.kind <> 'folder'`)

export const objectsOfNoVersion = asks<{ key: string }>(sql`
  select key from objects where state = 'committed' and not exists (select from file_versions where object_key = objects.key)`)

export const endedReservations = asks<{ key: string, state: string, bytes: string }>(sql`
  select key, state, reserved_bytes as bytes from objects where state <> 'staged' and reserved_bytes <> 0`)

export const uploadsWithoutObject = asks<{ name: string, workspace: string }>(sql`
  select uploads.name, workspaces.name as workspace
  from uploads join workspaces on workspaces.id = uploads.workspace_id left join objects on objects.key = uploads.object_key
  where uploads.state = 'open' and objects.state is distinct from 'staged'`)

export const wrongUsage = asks<Counted>(sql`
  select workspaces.name as workspace, used_bytes as counted, coalesce(sum(size_bytes), 0) as found
  from workspaces left join file_versions as version on version.workspace_id = workspaces.id and restored_from is null
  group by workspaces.id having used_bytes <> coalesce(sum(size_bytes), 0)`)

export const wrongReservations = asks<Counted>(sql`
  select workspaces.name as workspace, workspaces.reserved_bytes as counted, coalesce(sum(objects.reserved_bytes), 0) as found
  from workspaces left join objects on objects.workspace_id = workspaces.id and objects.reserved_bytes <> 0
  group by workspaces.id having workspaces.reserved_bytes <> coalesce(sum(objects.reserved_bytes), 0)`)

export const quotasExceeded = asks<Counted>(sql`
  select name as workspace, used_bytes as counted, quota_bytes as found from workspaces where used_bytes > quota_bytes`)

/** While nothing is on its way. */
export const leftOver = asks<{ key: string, state: string }>(sql`select key, state from objects where state <> 'committed'`)
/** While nothing is on its way. */
export const openUploads = asks<{ name: string, workspace: string }>(sql`
  select uploads.name, workspaces.name as workspace from uploads join workspaces on workspaces.id = uploads.workspace_id where uploads.state = 'open'`)

export const wrongSums = asks<NamedVersion>(sql`
  select ${named} from ${versions} join object_blocks on object_blocks.object_key = objects.key
  where octet_length(sums) <> ${SUM_BYTES} * ceil(version.size_bytes / ${BLOCK_BYTES}::numeric)`)

const link = sql`coalesce(links.title, links.id::text) as link, workspaces.name as workspace`
const links = sql`links join workspaces on workspaces.id = links.workspace_id`

export const linksBeyondLimit = asks<NamedLink>(sql`select ${link} from ${links} where download_count > max_downloads`)

export const linksElsewhere = asks<NamedLink>(sql`
  select distinct ${link} from ${links} join link_items on link_items.link_id = links.id join items on items.id = link_items.item_id where items.workspace_id <> links.workspace_id`)

export const workspacesWithoutOwner = asks<{ workspace: string }>(sql`
  select name as workspace from workspaces where not exists (select from members where workspace_id = workspaces.id and role = 'owner')`)

export const grantsElsewhere = asks<NamedFile>(sql`
  select items.name as file, workspaces.name as workspace
  from grants join items on items.id = grants.folder_id join workspaces on workspaces.id = grants.workspace_id where items.workspace_id <> grants.workspace_id`)

export const policiesChanged = asks<{ title: string, version: number }>(sql`
  select title, number as version from policy_texts join policy_versions on policy_versions.id = version_id where sha256 <> encode(sha256(convert_to(markdown, 'UTF8')), 'hex')`)

export interface Held {
  workspaces: number
  files: number
  versions: number
  objects: number
  bytes: number
  /** Versions that are known to be damaged. */
  damaged: number
  links: number
  policyVersions: number
}

export async function countHeld(db: Executor): Promise<Held> {
  const { rows: [row] } = await db.execute<Record<keyof Held, string>>(sql`
    select (select count(*) from workspaces) as workspaces, (select count(*) from links) as links, (select count(*) from policy_versions) as "policyVersions",
      count(distinct item_id) as files, count(*) as versions, count(*) filter (where restored_from is null) as objects,
      coalesce(sum(size_bytes) filter (where restored_from is null), 0) as bytes, count(*) filter (where integrity = 'failed') as damaged
    from file_versions`)
  return Object.fromEntries(Object.entries(row!).map(([name, value]) => [
    name,
    Number(value),
  ])) as unknown as Held
}

/** A table of this connection alone, gone with it: what the store has. */
export async function makeStored(db: Executor): Promise<void> {
  await db.execute(sql`create temporary table verify_stored (key text primary key, size bigint not null)`)
}

export async function noteStored(db: Executor, entries: readonly { key: string, size: number }[]): Promise<void> {
  if (entries.length === 0) return
  await db.execute(sql`
    insert into verify_stored (key, size)
    select * from unnest(${sql.param(entries.map(({ key }) => key))}::text[], ${sql.param(entries.map(({ size }) => size))}::bigint[])
    on conflict do nothing`)
}

/** All is noted: PostgreSQL learns how much that is, without which it would look each up in turn. */
export async function endStored(db: Executor): Promise<void> {
  await db.execute(sql`analyze verify_stored`)
}

/** Of versions that are not known to be damaged. */
const unstored = sql`
  file_versions as version join objects on objects.key = version.object_key left join verify_stored as stored on stored.key = objects.key
  where objects.state = 'committed' and restored_from is null and integrity <> 'failed' and stored.size is distinct from version.size_bytes`

/** A page of what the store did not list, or in another size, in the order of the keys. */
export async function listUnstored(db: Executor, { after = '', limit }: { after: string | undefined, limit: number }): Promise<{ key: string }[]> {
  const { rows } = await db.execute<{ key: string }>(sql`select objects.key from ${unstored} and objects.key > ${after} order by objects.key limit ${limit}`)
  return rows
}

export async function countUnstored(db: Executor): Promise<number> {
  const { rows: [row] } = await db.execute<{ count: string }>(sql`select count(*) from ${unstored}`)
  return Number(row!.count)
}

/** The version that brought an object which the store has to have; undefined when it was deleted, or is known to be damaged. */
export async function findWanted(db: Executor, key: string): Promise<NamedVersion & { size: number } | undefined> {
  const { rows: [row] } = await db.execute<NamedVersion & Record<string, unknown> & { size: string }>(sql`
    select ${named}, version.size_bytes as size from ${versions} where objects.key = ${key} and objects.state = 'committed' and restored_from is null and integrity <> 'failed'`)
  return row && {
    ...row,
    size: Number(row.size),
  }
}

/** As `findWanted`, whatever became of it. */
export async function nameVersion(db: Executor, key: string): Promise<NamedVersion | undefined> {
  const { rows: [row] } = await db.execute<NamedVersion & Record<string, unknown>>(sql`select ${named} from ${versions} where objects.key = ${key} and restored_from is null`)
  return row
}

/** Those of them that are noted as unknown: they are kept, or will be deleted. */
export async function listNoted(db: Executor, keys: readonly string[]): Promise<Set<string>> {
  const rows = await db.select({ key: orphans.key }).from(orphans).where(inArray(orphans.key, [...keys]))
  return new Set(rows.map(({ key }) => key))
}

export async function listKeys(db: Executor, { after = '', limit }: { after: string | undefined, limit: number }): Promise<{ key: string, state: string, multipartRef: string | null }[]> {
  const { rows } = await db.execute<{ key: string, state: string, multipartRef: string | null }>(sql`
    select key, state, multipart_ref as "multipartRef" from objects where key > ${after} order by key limit ${limit}`)
  return rows
}
