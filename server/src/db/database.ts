import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'

export type Db = NodePgDatabase
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]
/** Where a query runs: on its own, or inside the caller's transaction. */
export type Executor = Db | Tx

export interface Database {
  db: Db
  pool: pg.Pool
  close: () => Promise<void>
}

/** Opens the connection pool. Statements end after 30 s, transactions left idle after 60 s. */
export function createDatabase(options: { url: string, poolSize: number, onError?: (error: Error) => void }): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: 'clientshare',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 30_000,
    // The same from our side, for a network that says nothing.
    query_timeout: 40_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
  })
  // An idle client that loses its server would otherwise end the process.
  pool.on('error', error => options.onError?.(error))
  // And so would one in the middle of a transaction, between two statements: the pool listens only while a client is idle.
  pool.on('connect', client => client.on('error', error => options.onError?.(error)))
  return {
    db: drizzle(pool),
    pool,
    close: () => pool.end(),
  }
}
