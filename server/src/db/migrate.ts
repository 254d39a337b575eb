import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import pg from 'pg'
import { commandLine } from '../config/command-line.ts'
import { EXIT_CONFIG, ExitError } from '../errors/exit-error.ts'
import { installJobSchema } from '../jobs/job-schema.ts'
import { advisoryLocks } from './advisory-locks.ts'

const migrationsFolder = fileURLToPath(new URL('../../../migrations', import.meta.url))

interface Journal { entries: { idx: number, when: number, tag: string }[] }

/** What SQL cannot do to the data of a database when a migration changes its shape: runs behind the migration's statements, in their transaction. */
export interface DataStep {
  /** The migration's tag: `0003_what_it_does`. */
  migration: string
  run: (client: pg.ClientBase) => Promise<void>
}

export interface MigrateOptions {
  /** Stops behind this migration, for what needs a database as an older version left it. */
  until?: string
}

function readJournal(): Journal {
  return JSON.parse(readFileSync(`${migrationsFolder}/meta/_journal.json`, 'utf8')) as Journal
}

/**
 * Brings the database to this version's schema, and its indexes to the order of this PostgreSQL: each migration with its data step whole or not at all, so whatever ends this, the next one goes
 * on. Concurrent callers wait for one another.
 * @throws {ExitError} when PostgreSQL lacks what a migration needs, and for a database of a newer version, which stays as it is; an error when the applied migrations are not exactly those listed: one whose time is older than the last applied is skipped.
 */
export async function migrate(databaseUrl: string, steps: readonly DataStep[], { until }: MigrateOptions = {}): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [advisoryLocks.migrating])
    if (await schemaState(client) === 'newer') throw newerSchema()
    await applyMigrations(client, steps, until)
    await renewOrder(client)
    await installJobSchema(databaseUrl)
    const state = await schemaState(client)
    if (state !== 'current' && until === undefined) throw new Error(`After migrating, the database's schema is ${state} for this version`)
  })
}

/** As drizzle's own migrator notes it, which applied the first ones. */
async function applyMigrations(client: pg.Client, steps: readonly DataStep[], until: string | undefined): Promise<void> {
  await client.query('create schema if not exists drizzle')
  await client.query('create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)')
  const last = await lastApplied(client)
  const files = readMigrationFiles({ migrationsFolder })
  for (const [index, { tag, when }] of readJournal().entries.entries()) {
    if (when > last) {
      const { sql, hash } = files[index]!
      await inTransaction(client, async () => {
        for (const statement of sql) await client.query(statement).catch(error => explainMissing(error, statement))
        for (const step of steps.filter(({ migration }) => migration === tag)) await step.run(client)
        await client.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [hash, when])
      })
    }
    if (tag === until) return
  }
}

/** What PostgreSQL comes without in some builds, by the statement that needs it. */
const parts = [
  {
    needed: /\bprovider = icu\b/i,
    missing: 'This PostgreSQL was built without ICU, by which ClientShare puts names in order. Use a build that has it: the official images and all large distributions do.',
  },
  {
    needed: /\bextension\b[^;]+\bpg_trgm\b/i,
    missing: 'The database has no extension pg_trgm, by which ClientShare finds names. Install PostgreSQL’s “contrib” package, or have a superuser run in this database: create extension pg_trgm',
  },
]
const FEATURE_NOT_SUPPORTED = '0A000'
const INSUFFICIENT_PRIVILEGE = '42501'

/** @throws {ExitError} with what is to be done, where PostgreSQL itself lacks something; else the error */
export function explainMissing(error: unknown, statement: string): never {
  const { code } = error as { code?: string }
  const part = code === FEATURE_NOT_SUPPORTED || code === INSUFFICIENT_PRIVILEGE
    ? parts.find(({ needed }) => needed.test(statement))
    : undefined
  throw part
    ? new ExitError(part.missing, EXIT_CONFIG)
    : error
}

/** Another ICU may put names in another order, which the indexes do not have: pages would lack some and show others twice. */
async function renewOrder(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ collation: string, indexes: string[] }>(`
    select quote_ident(collname) as collation,
      array(select distinct objid::regclass::text from pg_depend where classid = 'pg_class'::regclass and refclassid = 'pg_collation'::regclass and refobjid = pg_collation.oid) as indexes
    from pg_collation
    where collname = 'natural_order' and collversion is distinct from pg_collation_actual_version(oid)`)
  for (const { collation, indexes } of rows) {
    await inTransaction(client, async () => {
      for (const index of indexes) await client.query(`reindex index ${index}`)
      await client.query(`alter collation ${collation} refresh version`)
    })
  }
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await work()
    await client.query('commit')
  }
  catch (error) {
    await client.query('rollback').catch(() => {}) // the connection may be what failed
    throw error
  }
}

/** The time of the last migration that was applied; -1: none was. */
async function lastApplied(client: Queryable): Promise<number> {
  if (!await hasJournal(client)) return -1
  const { rows } = await client.query('select max(created_at) as last from drizzle.__drizzle_migrations')
  return Number(rows[0]?.last ?? -1)
}

async function hasJournal(client: Queryable): Promise<boolean> {
  const { rows } = await client.query(`select to_regclass('drizzle.__drizzle_migrations') is not null as yes`)
  return rows[0]?.yes === true
}

interface Queryable { query: (sql: string) => Promise<{ rows: Record<string, unknown>[] }> }

/** This version's migrations, in their order: `when` is how the database notes one. */
export const listMigrations = (): { tag: string, when: number }[] => readJournal().entries.map(({ tag, when }) => ({ tag, when }))

/** Compares the applied migrations with those of this version. */
export async function schemaState(client: Queryable): Promise<'current' | 'older' | 'newer'> {
  const listed = readJournal().entries.map(entry => entry.when)
  if (!await hasJournal(client)) return 'older'
  const { rows } = await client.query('select created_at from drizzle.__drizzle_migrations')
  const applied = new Set(rows.map(row => Number(row.created_at)))
  if ([...applied].some(when => !listed.includes(when))) return 'newer'
  return listed.every(when => applied.has(when))
    ? 'current'
    : 'older'
}

/** @throws {ExitError} with what is to be done, when the schema is not this version's */
export async function requireCurrentSchema(databaseUrl: string): Promise<void> {
  const state = await withClient(databaseUrl, schemaState)
  if (state === 'older') throw new ExitError(`The database has an older schema than this version needs. Run: ${commandLine('migrate')}`, EXIT_CONFIG)
  if (state === 'newer') throw newerSchema()
}

/** The migrations that `migrate` would apply, in their order. Changes nothing. @throws {ExitError} for a database of a newer version */
export function pendingMigrations(databaseUrl: string): Promise<string[]> {
  return withClient(databaseUrl, async (client) => {
    if (await schemaState(client) === 'newer') throw newerSchema()
    const last = await lastApplied(client)
    return readJournal().entries.filter(({ when }) => when > last).map(({ tag }) => tag)
  })
}

const newerSchema = () => new ExitError('The database was migrated by a newer version of ClientShare. Start that version, or restore a backup.', EXIT_CONFIG)

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'clientshare-migrate', connectionTimeoutMillis: 10_000 })
  client.on('error', () => {}) // a connection that breaks also rejects what waits for it
  await client.connect()
  try {
    return await work(client)
  }
  finally {
    await client.end()
  }
}
