import type { Db } from '../../db/database.ts'
import pg from 'pg'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { onConnection } from '../../db/database.ts'
import { EXIT_TEMPFAIL, ExitError } from '../../errors/exit-error.ts'

/** A connection of a backup's or a restore's own: what it locks and notes there ends with it. */
export interface BackupConnection {
  client: pg.Client
  db: Db
  /** Aborted with the reason when the connection is lost, and the locks with it. */
  lost: AbortSignal
  /** One statement after the other, whoever asks. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
  /** From here on no object's bytes are deleted: what a snapshot taken after this names stays until `release`. */
  keepObjects: () => Promise<void>
  /** Whether nothing serves now, and nothing will until `release`. */
  tryAlone: () => Promise<boolean>
  /** Ends it. Its locks are free when this returns, in the middle of a statement too. */
  release: () => Promise<void>
}

const APPLICATION_NAME = 'clientshare-backup'
const END_MS = 10_000

export class BackupRunning extends ExitError {
  override readonly name = 'BackupRunning'
}

/** @throws {BackupRunning} */
export async function connectForBackup(databaseUrl: string): Promise<BackupConnection> {
  const lost = new AbortController()
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // Whatever the server gives to others: a table may be large, and a store slow.
    options: '-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0 -c datestyle=ISO -c intervalstyle=iso_8601 -c extra_float_digits=1',
  })
  client.on('error', error => lost.abort(error))
  client.on('end', () => lost.abort(new Error('Connection terminated')))
  await client.connect()
  const ask = async (lock: number) => {
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lock])
    return rows[0]!.held
  }
  if (!await ask(advisoryLocks.backingUp)) {
    await client.end()
    throw new BackupRunning('Another backup or restore of this deployment is running.', EXIT_TEMPFAIL)
  }
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
  const { rows: [own] } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return {
    client,
    db: onConnection(client),
    lost: lost.signal,
    inTurn,
    keepObjects: () => inTurn(async () => void await client.query('select pg_advisory_lock($1)', [advisoryLocks.keepingObjects])),
    tryAlone: () => inTurn(() => ask(advisoryLocks.serving)),
    async release() {
      await client.end()
      await endBackend(databaseUrl, own!.pid)
    },
  }
}

/** In the middle of a statement (a table that is read, whose target is full) PostgreSQL notices only by and by that a client is gone, and keeps its locks till then. */
async function endBackend(connectionString: string, pid: number): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: END_MS })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select pg_terminate_backend(pid, $2) from pg_stat_activity where pid = $1 and application_name = $3', [pid, END_MS, APPLICATION_NAME])
  }
  catch {
    // Without PostgreSQL there are no locks either.
  }
  finally {
    await client.end()
  }
}
