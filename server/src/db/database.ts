import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'

export type Db = NodePgDatabase
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]
/** Where a query runs: on its own, or inside the caller's transaction. */
export type Executor = Db | Tx

/** Statements with more values than this are lists, each time of another length. A group's (`in-groups.ts`) are not. */
const PREPARED_VALUES = 40
/** PostgreSQL keeps each as long as the connection lives. */
const PREPARED_STATEMENTS = 500
const statementNames = new Map<string, string>()
const BY_VALUES = '/* planned by its values */'
/** A condition that is always true, of a statement whose best way depends on what it asks for: PostgreSQL then plans it anew every time. */
export const plannedByValues = sql.raw(`true ${BY_VALUES}`)

/** By the text alone, so that all connections know a statement by the same name; undefined when it is not to be prepared. */
function statementName(text: string, values: unknown): string | undefined {
  if (!Array.isArray(values) || values.length === 0 || values.length > PREPARED_VALUES || text.includes(BY_VALUES)) return undefined
  const known = statementNames.get(text)
  if (known !== undefined || statementNames.size >= PREPARED_STATEMENTS) return known
  const name = `clientshare_${statementNames.size + 1}`
  statementNames.set(text, name)
  return name
}

/** Has each statement parsed and planned once per connection instead of every time, which costs more than running most of them. */
class PreparingClient extends pg.Client {
  /** As drizzle calls it: `query({ text, … }, values)`. */
  override query(config: unknown, values?: unknown, ...rest: unknown[]): never {
    const text = typeof config === 'object' && config !== null && 'text' in config && config.text
    return super.query(typeof text === 'string'
      ? {
          ...config as object,
          name: statementName(text, values),
        } as never
      : config as never, values as never, ...rest as []) as never
  }
}

export interface Database {
  db: Db
  pool: pg.Pool
  close: () => Promise<void>
}

/**
 * Opens the connection pool. Statements end after 30 s, transactions left idle after 60 s; with `patient`, for what reads all there is, neither does.
 */
export function createDatabase(options: { url: string, poolSize: number, patient?: boolean, onError?: (error: Error) => void }): Database {
  const limit = (ms: number) => options.patient
    ? 0
    : ms
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: options.url,
    max: options.poolSize,
    application_name: 'clientshare',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: limit(30_000),
    // The same from our side, for a network that says nothing.
    query_timeout: limit(40_000),
    idle_in_transaction_session_timeout: limit(60_000),
    keepAlive: true,
  })
  // An idle client that loses its server would otherwise end the process.
  pool.on('error', error => options.onError?.(error))
  // And so would one in the middle of a transaction, between two statements: the pool listens only while a client is idle.
  pool.on('connect', client => client.on('error', error => options.onError?.(error)))
  return {
    db: withTransactions(drizzle(pool), pool),
    pool,
    close: () => pool.end(),
  }
}

/** drizzle's own (0.45) never gives a connection back on which even `begin` fails: a database that is away for a moment would use up the pool for ever. */
function withTransactions(db: Db, pool: pg.Pool): Db {
  db.transaction = async (work, config) => {
    const client = await pool.connect()
    try {
      return await drizzle(client).transaction(work, config)
    }
    finally {
      client.release()
    }
  }
  return db
}

/** Rejects when the database does not. */
export const answers = async (db: Db): Promise<void> => void await db.execute(sql`select 1`)

/** Queries on a connection of one's own, where what counts lasts as long as it: a lock. */
export const onConnection = (client: pg.Client): Db => drizzle(client)

/** Work on one connection of the pool, for what lasts as long as a connection: a temporary table. It is closed after that. */
export async function onOneConnection<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  const client = await (db as Db & { $client: pg.Pool }).$client.connect()
  try {
    return await work(drizzle(client))
  }
  finally {
    client.release(true)
  }
}

/**
 * A query of a fixed shape, with placeholders: drizzle builds its text and the mapping of its rows once for the process, which costs more than sending it.
 * It runs wherever it is told to, in a transaction too.
 */
export function builtOnce<Q extends object>(build: (db: Executor) => { prepare: (name: string) => Q }): (db: Executor) => Q {
  let built: Q | undefined
  return (db) => {
    // The name is PreparingClient's to give.
    built ??= build(db).prepare('')
    // All that binds a drizzle query to where it was built is its client: the pool, or the connection of a transaction.
    return Object.create(built, {
      client: {
        value: clientOf(db),
      },
    }) as Q
  }
}

const clientOf = (db: Executor): unknown => (db._.session as unknown as { client: unknown }).client
