import type { Executor } from '../../db/database.ts'
import type { Amount } from '../storage-move/copy-object.ts'
import type { BackupConnection } from './backup-connection.ts'
import { desc, eq, isNull, sql } from 'drizzle-orm'
import { instance } from '../instance/instance.table.ts'
import { fileVersions } from '../items/items.table.ts'
import { objects } from '../objects/objects.table.ts'
import { uploads } from '../uploads/uploads.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { backups, restores } from './backups.table.ts'

const LISTED_AT_ONCE = 1000

export type BackupRow = typeof backups.$inferSelect

export async function insertBackup(db: Executor, row: typeof backups.$inferInsert): Promise<void> {
  await db.insert(backups).values(row)
}

export async function endBackup(db: Executor, id: string, end: Partial<typeof backups.$inferInsert>): Promise<void> {
  await db.update(backups).set(end).where(eq(backups.id, id))
}

/** The newest first. */
export function listBackups(db: Executor, limit: number): Promise<BackupRow[]> {
  return db.select().from(backups).orderBy(desc(backups.startedAt)).limit(limit)
}

/** The last one that is whole. */
export async function findLastGood(db: Executor): Promise<BackupRow | undefined> {
  const [row] = await db.select().from(backups).where(sql`${backups.endedAt} is not null and ${backups.problem} is null`).orderBy(desc(backups.startedAt)).limit(1)
  return row
}

export async function forgetBackups(db: Executor, before: Date): Promise<void> {
  await db.delete(backups).where(sql`${backups.startedAt} < ${before.toISOString()}::timestamptz`)
}

export async function findUnprovedRestore(db: Executor): Promise<{ backupId: string } | undefined> {
  const [row] = await db.select({ backupId: restores.backupId }).from(restores).where(isNull(restores.provedAt))
  return row
}

export async function findRestore(db: Executor): Promise<typeof restores.$inferSelect | undefined> {
  const [row] = await db.select().from(restores).orderBy(desc(restores.loadedAt)).limit(1)
  return row
}

export async function proveRestore(db: Executor, backupId: string, now: Date): Promise<void> {
  await db.update(restores).set({ provedAt: now }).where(eq(restores.backupId, backupId))
}

export interface Facts {
  /** As drizzle notes the last migration. */
  migratedAt: number
  identity: string | null
  storage: string | null
  workspaces: number
  users: number
  files: number
}

export async function readFacts(db: Executor): Promise<Facts> {
  const { rows: [row] } = await db.execute<{ migratedAt: string, identity: string | null, storage: string | null, workspaces: string, users: string, files: string }>(sql`
    select (select max(created_at) from drizzle.__drizzle_migrations) as "migratedAt",
      (select to_jsonb(${instance}) ->> 'identity' from ${instance}) as identity, (select storage from ${instance}) as storage,
      (select count(*) from ${workspaces}) as workspaces, (select count(*) from ${users}) as users, (select count(distinct item_id) from ${fileVersions}) as files`)
  return {
    migratedAt: Number(row!.migratedAt),
    identity: row!.identity,
    storage: row!.storage,
    workspaces: Number(row!.workspaces),
    users: Number(row!.users),
    files: Number(row!.files),
  }
}

export interface TableShape { table: string, columns: string[] }

/** All tables of the schema, with the columns that are written. */
export async function listTables(db: Executor): Promise<TableShape[]> {
  const { rows } = await db.execute<{ table: string, columns: string[] }>(sql`
    select relname as table, array(
      select attname::text from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum
    ) as columns
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`)
  return rows
}

/** A table of this connection alone, gone with it: what a backup is to have, and what it has. Made outside of the snapshot, which only reads. */
export async function makeLists(db: Executor): Promise<void> {
  await db.execute(sql`create temporary table if not exists backup_objects (
    key text primary key, size bigint not null, expected text, file_id uuid, version integer, known_damaged boolean not null default false, sha256 text, problem text)`)
  // What the place has by its own listing; and of how objects lie there, what is known or taken on trust.
  await db.execute(sql`create temporary table if not exists backup_there (key text primary key, size bigint not null)`)
  await db.execute(sql`create temporary table if not exists backup_stored (key text primary key, size bigint not null, sha256 text)`)
}

/** Every object that versions of files have. */
export async function noteObjects(db: Executor): Promise<void> {
  await db.execute(sql`
    insert into backup_objects (key, size, expected, file_id, version, known_damaged)
    select ${fileVersions.objectKey}, ${fileVersions.sizeBytes}, ${fileVersions.sha256}, ${fileVersions.itemId}, ${fileVersions.number}, ${fileVersions.integrity} = 'failed'
    from ${fileVersions} join ${objects} on ${objects.key} = ${fileVersions.objectKey}
    where ${fileVersions.restoredFrom} is null and ${objects.state} = 'committed'`)
}

/** Notes what the target has. */
export async function listTarget(db: Executor, entries: AsyncIterable<{ key: string, size: number }>): Promise<void> {
  await db.execute(sql`truncate backup_there`)
  let page: { key: string, size: number }[] = []
  const write = async () => {
    await db.execute(sql`
      insert into backup_there (key, size)
      select * from unnest(${sql.param(page.map(({ key }) => key))}::text[], ${sql.param(page.map(({ size }) => size))}::bigint[])
      on conflict do nothing`)
    page = []
  }
  for await (const { key, size } of entries) {
    page.push({ key, size })
    if (page.length >= LISTED_AT_ONCE) await write()
  }
  await write()
}

/** Of objects that are not encrypted: what is there in its size is what an earlier backup brought. */
export async function storeThoseThere(db: Executor): Promise<void> {
  await db.execute(sql`
    insert into backup_stored (key, size) select key, backup_there.size from backup_there join backup_objects using (key)
    where backup_there.size = backup_objects.size`)
}

/** Of what an earlier backup's list says of how its objects lie there, what is not there any more like that is forgotten. */
export async function forgetThoseGone(db: Executor): Promise<void> {
  await db.execute(sql`
    delete from backup_stored where not exists (
      select from backup_there where backup_there.key = backup_stored.key and backup_there.size = backup_stored.size)`)
}

/** What an earlier backup brought is in this one: objects never change. What nobody knows the SHA-256 of is brought again. */
export async function takeThoseStored(db: Executor): Promise<void> {
  await db.execute(sql`update backup_objects set sha256 = expected from backup_stored where backup_stored.key = backup_objects.key and expected is not null`)
}

export interface ListedObject {
  key: string
  size: number
  /** What it is to be. */
  sha256: string | null
  fileId: string | null
  version: number | null
  knownDamaged: boolean
  /** In the place, by its listing. */
  there: number | null
  /** How it lies there, as the backup's list says. */
  stored: { size: number, sha256: string } | null
}

/** A page of those without a result yet, in the order of their keys. */
export async function listOpen(db: Executor, { after = '', limit }: { after: string | undefined, limit: number }): Promise<ListedObject[]> {
  const { rows } = await db.execute<{ key: string, size: string, expected: string | null, file_id: string | null, version: number | null, known_damaged: boolean, there: string | null, stored: string | null, stored_sha256: string | null }>(sql`
    select o.key, o.size, o.expected, o.file_id, o.version, o.known_damaged, t.size as there, s.size as stored, s.sha256 as stored_sha256
    from backup_objects o left join backup_there t on t.key = o.key left join backup_stored s on s.key = o.key
    where o.sha256 is null and o.problem is null and o.key > ${after} order by o.key limit ${limit}`)
  return rows.map(row => ({
    key: row.key,
    size: Number(row.size),
    sha256: row.expected,
    fileId: row.file_id,
    version: row.version,
    knownDamaged: row.known_damaged,
    there: row.there === null
      ? null
      : Number(row.there),
    stored: row.stored === null || row.stored_sha256 === null
      ? null
      : {
          size: Number(row.stored),
          sha256: row.stored_sha256,
        },
  }))
}

/** Notes how an object lies in the place. */
export async function noteStored(db: Executor, key: string, { size, sha256 }: { size: number, sha256: string }): Promise<void> {
  await db.execute(sql`
    insert into backup_stored (key, size, sha256) values (${key}, ${size}, ${sha256})
    on conflict (key) do update set size = excluded.size, sha256 = excluded.sha256`)
}

export async function settleObject(db: Executor, key: string, { sha256 = null, problem = null }: { sha256?: string | null, problem?: string | null }): Promise<void> {
  await db.execute(sql`update backup_objects set sha256 = ${sha256}, problem = ${problem} where key = ${key}`)
}

export interface ListTotals { all: Amount, there: Amount, damaged: number, newlyDamaged: number }

export async function sumUpList(db: Executor): Promise<ListTotals> {
  const { rows: [row] } = await db.execute<Record<'count' | 'bytes' | 'have' | 'haveBytes' | 'damaged' | 'newly', string>>(sql`
    select count(*) as count, coalesce(sum(size), 0) as bytes,
      count(*) filter (where sha256 is not null) as have, coalesce(sum(size) filter (where sha256 is not null), 0) as "haveBytes",
      count(*) filter (where problem is not null) as damaged, count(*) filter (where problem is not null and not known_damaged) as newly
    from backup_objects`)
  return {
    all: {
      objects: Number(row!.count),
      bytes: Number(row!.bytes),
    },
    there: {
      objects: Number(row!.have),
      bytes: Number(row!.haveBytes),
    },
    damaged: Number(row!.damaged),
    newlyDamaged: Number(row!.newly),
  }
}

/** As `objects` of a backup has them, for COPY in both directions. */
export const LISTED_COLUMNS = 'key, size, sha256, problem'
export const COPY_LIST = `copy (select ${LISTED_COLUMNS} from backup_objects order by key) to stdout`

/** As `encrypted` of a backup has them, for COPY in both directions. */
export const STORED_COLUMNS = 'key, size, sha256'
export const COPY_STORED = `copy (select key, backup_stored.size, backup_stored.sha256 from backup_stored join backup_objects using (key)
  where backup_objects.sha256 is not null order by key) to stdout`

/** Of a backup that is not encrypted: its objects lie in the place as they are. */
export async function storeThoseListed(db: Executor): Promise<void> {
  await db.execute(sql`insert into backup_stored (key, size, sha256) select key, size, sha256 from backup_objects where sha256 is not null`)
}

/** Where the list of objects and the list of how they lie there do not name the same ones. */
export async function countUnpaired(db: Executor): Promise<number> {
  const { rows: [row] } = await db.execute<{ count: number }>(sql`
    select count(*)::integer as count from (select key from backup_objects where sha256 is not null) o full join backup_stored s using (key)
    where o.key is null or s.key is null`)
  return row!.count
}

/** Of what is to be there, that which the place does not have, or in another size. */
export async function listAbsent(db: Executor, limit: number): Promise<{ key: string, found: number | null }[]> {
  const { rows } = await db.execute<{ key: string, found: string | null }>(sql`
    select backup_stored.key, backup_there.size as found from backup_stored left join backup_there on backup_there.key = backup_stored.key
    where backup_there.size is distinct from backup_stored.size order by key limit ${limit}`)
  return rows.map(({ key, found }) => ({
    key,
    found: found === null
      ? null
      : Number(found),
  }))
}

/** What a list read back is to be: its SHA-256 is what the copy has to have. */
export async function expectListed(db: Executor): Promise<void> {
  await db.execute(sql`update backup_objects set expected = sha256, sha256 = null`)
}

export async function emptyLists(db: Executor): Promise<void> {
  await db.execute(sql`truncate backup_objects, backup_there, backup_stored`)
}

/** What the place holds and none of the lists names. */
export async function listUnnamed(db: Executor, { after = '', limit }: { after: string | undefined, limit: number }): Promise<{ key: string }[]> {
  const { rows } = await db.execute<{ key: string }>(sql`
    select key from backup_there where key > ${after} and not exists (select from backup_objects where backup_objects.key = backup_there.key) order by key limit ${limit}`)
  return rows
}

/** Takes the keys of a list that was read into `backup_list` over; in the place they stand behind `prefix`. */
export async function mergeList(db: Executor, prefix: string): Promise<void> {
  await db.execute(sql`insert into backup_objects (key, size) select ${prefix} || key, size from backup_list where sha256 is not null on conflict do nothing`)
}

export async function makeMergeList(db: Executor): Promise<void> {
  await db.execute(sql`create temporary table if not exists backup_list (key text, size bigint, sha256 text, problem text)`)
  await db.execute(sql`truncate backup_list`)
}

/** What is in a database that a backup is to be restored into. */
export type DatabaseContent
  = | { content: 'empty', migratedAt: number[] }
    | { content: 'loaded', backupId: string, isProved: boolean }
    | { content: 'filled', what: string }

export async function lookAtDatabase(db: Executor): Promise<DatabaseContent> {
  const tables = new Set((await listTables(db)).map(({ table }) => table))
  const { rows: [applied] } = await db.execute<{ yes: boolean }>(sql`select to_regclass('drizzle.__drizzle_migrations') is not null as yes`)
  if (!applied!.yes) {
    return tables.size === 0
      ? { content: 'empty', migratedAt: [] }
      : { content: 'filled', what: `${tables.size} tables of something else` }
  }
  if (tables.has('restores')) {
    const found = await findRestore(db)
    if (found) return { content: 'loaded', backupId: found.backupId, isProved: found.provedAt !== null }
  }
  const { rows: [counts] } = tables.has('users') && tables.has('workspaces')
    ? await db.execute<{ users: number, workspaces: number }>(sql`select (select count(*)::integer from ${users}) as users, (select count(*)::integer from ${workspaces}) as workspaces`)
    : {
        rows: [
          { users: 0, workspaces: 0 },
        ],
      }
  if (counts!.users + counts!.workspaces > 0) return { content: 'filled', what: `a deployment: ${counts!.users} users, ${counts!.workspaces} workspaces` }
  const { rows } = await db.execute<{ created_at: string }>(sql`select created_at from drizzle.__drizzle_migrations order by created_at`)
  return {
    content: 'empty',
    migratedAt: rows.map(row => Number(row.created_at)),
  }
}

/** An empty database as no version has migrated it. What no migration makes stays: the schema itself and its extensions. */
export async function clearSchema({ client, db }: BackupConnection): Promise<void> {
  const tables = await listTables(db)
  const names = tables.map(({ table }) => `public.${client.escapeIdentifier(table)}`)
  await client.query('begin')
  if (names.length > 0) await client.query(`drop table ${names.join(', ')} cascade`)
  await client.query('drop collation if exists public.natural_order')
  await client.query('drop schema if exists drizzle cascade')
  await client.query('drop schema if exists pgboss cascade')
  await client.query('commit')
}

/** Its rows come in any order, so foreign keys are made again once all are there, which proves them as well. @returns what makes them again */
export async function dropForeignKeys({ client }: BackupConnection): Promise<string[]> {
  const { rows } = await client.query<{ owner: string, name: string, definition: string }>(`
    select conrelid::regclass::text as owner, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`)
  for (const { owner, name } of rows) await client.query(`alter table ${owner} drop constraint ${name}`)
  return rows.map(({ owner, name, definition }) => `alter table ${owner} add constraint ${name} ${definition}`)
}

export async function emptyTables({ client }: BackupConnection, tables: readonly TableShape[]): Promise<void> {
  await client.query(`truncate ${tables.map(({ table }) => `public.${client.escapeIdentifier(table)}`).join(', ')}`)
}

/** What is of the deployment that the backup was made of and not of this one: its store, and what was on the way into it or out of it. And that it was restored. */
export async function settleLoaded({ client }: BackupConnection, { backupId, storage, now }: { backupId: string, storage: string, now: Date }): Promise<void> {
  await client.query('update instance set storage = $1', [storage])
  await client.query('delete from storage_moves where finished_at is null')
  await client.query(`delete from objects where state <> 'committed'`)
  await client.query('update workspaces set reserved_bytes = 0 where reserved_bytes <> 0')
  await client.query('insert into restores (backup_id, loaded_at) values ($1, $2)', [backupId, now])
}

export async function listOpenUploads(db: Executor): Promise<{ id: string }[]> {
  return db.select({ id: uploads.id }).from(uploads).where(eq(uploads.state, 'open')).orderBy(uploads.id)
}

export interface Disagreement { key: string, problem: string }

/** Where the restored rows and the backup's list of objects do not say the same. */
export async function listDisagreements(db: Executor, limit: number): Promise<Disagreement[]> {
  const { rows } = await db.execute<{ key: string, problem: string }>(sql`
    select ${objects.key} as key, case when backup_objects.key is null then 'is not in the backup' else 'has another SHA-256 than its file' end as problem
    from ${objects} left join backup_objects on backup_objects.key = ${objects.key}
    left join ${fileVersions} on ${fileVersions.objectKey} = ${objects.key} and ${fileVersions.restoredFrom} is null
    where ${objects.state} = 'committed'
      and (backup_objects.key is null or (${fileVersions.integrity} <> 'failed' and backup_objects.sha256 <> ${fileVersions.sha256}))
    limit ${limit}`)
  return rows
}

/** A page of what the backup could not get, in the order of the keys. */
export async function listMissing(db: Executor, { after = '', limit }: { after: string | undefined, limit: number }): Promise<{ key: string, problem: string }[]> {
  const { rows } = await db.execute<{ key: string, problem: string }>(sql`select key, problem from backup_objects where problem is not null and key > ${after} order by key limit ${limit}`)
  return rows
}

/** @returns those that were not known to be broken */
export async function failVersions(tx: Executor, keys: readonly string[]) {
  const { rows } = await tx.execute<{ workspaceId: string, itemId: string, parentId: string | null, fileName: string, number: number }>(sql`
    update ${fileVersions} set integrity = 'failed' from items
    where ${fileVersions.objectKey} = any(${sql.param(keys)}::text[]) and items.id = ${fileVersions.itemId} and ${fileVersions.integrity} <> 'failed'
    returning items.workspace_id as "workspaceId", items.id as "itemId", items.parent_id as "parentId", items.name as "fileName", ${fileVersions.number} as number`)
  return rows
}
