import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

export interface TestDatabase {
  url: string
  /** Ends whatever is still connected. */
  drop: () => Promise<void>
}

/** One connection of this worker, for all its tests: making one takes as long as making a database. It keeps no file of tests from its end. */
let admin: pg.Pool | undefined
async function asAdmin(sql: string): Promise<void> {
  admin ??= new pg.Pool({
    connectionString: inject('postgres').url,
    max: 1,
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
  }).on('error', () => {}) // a connection that PostgreSQL ends is replaced by the next query
  await admin.query(sql)
}

/** Makes a database of the test's own: a copy of the migrated template, or an empty one. */
export async function createTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const { url: adminUrl, template } = inject('postgres')
  const name = `test_${randomBytes(8).toString('hex')}`
  // Not through the log (the default), which is slower where nothing is flushed.
  await asAdmin(`create database ${name} template ${options.empty ? 'template0' : template} strategy file_copy`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () => asAdmin(`drop database if exists ${name} with (force)`),
  }
}
