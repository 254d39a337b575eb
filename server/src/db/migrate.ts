import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as drizzleMigrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { EXIT_CONFIG, ExitError } from '../errors/exit-error.ts'
import { installJobSchema } from '../jobs/job-schema.ts'

const migrationsFolder = fileURLToPath(new URL('../../../migrations', import.meta.url))
/** Any fixed number: only migrators of this application take it. */
const MIGRATION_LOCK = 7_203_417

interface Journal { entries: { idx: number, when: number, tag: string }[] }

function readJournal(): Journal {
  return JSON.parse(readFileSync(`${migrationsFolder}/meta/_journal.json`, 'utf8')) as Journal
}

/**
 * Brings the database to this version's schema. Concurrent callers wait for one another.
 * @throws when the applied migrations are not exactly those listed: drizzle skips one whose time is older than the last applied, silently.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'clientshare-migrate', connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await drizzleMigrate(drizzle(client), { migrationsFolder })
    await installJobSchema(databaseUrl)
    const state = await schemaState(client)
    if (state !== 'current') throw new Error(`After migrating, the database's schema is ${state} for this version`)
  }
  finally {
    await client.end()
  }
}

interface Queryable { query: (sql: string) => Promise<{ rows: Record<string, unknown>[] }> }

/** Compares the applied migrations with those of this version. */
export async function schemaState(client: Queryable): Promise<'current' | 'older' | 'newer'> {
  const listed = readJournal().entries.map(entry => entry.when)
  const exists = await client.query(`select to_regclass('drizzle.__drizzle_migrations') is not null as yes`)
  if (exists.rows[0]?.yes !== true) return 'older'
  const { rows } = await client.query('select created_at from drizzle.__drizzle_migrations')
  const applied = new Set(rows.map(row => Number(row.created_at)))
  if ([...applied].some(when => !listed.includes(when))) return 'newer'
  return listed.every(when => applied.has(when))
    ? 'current'
    : 'older'
}

/** @throws {ExitError} with what is to be done, when the schema is not this version's */
export async function requireCurrentSchema(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {}) // a connection that breaks also rejects what waits for it
  await client.connect()
  const state = await schemaState(client).finally(() => client.end())
  if (state === 'older') throw new ExitError('The database has an older schema than this version needs. Run: node server/src/main.ts migrate', EXIT_CONFIG)
  if (state === 'newer') throw new ExitError('The database was migrated by a newer version of ClientShare. Start that version, or restore a backup.', EXIT_CONFIG)
}
