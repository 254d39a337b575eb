import type { Db } from '../../db/database.ts'
import pg from 'pg'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { onConnection } from '../../db/database.ts'
import { EXIT_TEMPFAIL, ExitError } from '../../errors/exit-error.ts'

/** At most one move at a time, by a lock that ends with its connection. */
export interface MoveLock {
  /** On the connection that holds the locks: what commits here, commits while they are held. */
  db: Db
  /** Aborted with the reason when the connection is lost, and the locks with it. */
  lost: AbortSignal
  /** Whether nothing serves now, and nothing will until `release`. */
  tryAlone: () => Promise<boolean>
  release: () => Promise<void>
}

export class MoveRunning extends ExitError {
  override readonly name = 'MoveRunning'
}

/** @throws {MoveRunning} */
export async function takeMoveLock(databaseUrl: string): Promise<MoveLock> {
  const lost = new AbortController()
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'clientshare-move',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  client.on('error', error => lost.abort(error))
  client.on('end', () => lost.abort(new Error('Connection terminated')))
  await client.connect()
  const tryLock = async (lock: number) => {
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lock])
    return rows[0]!.held
  }
  if (!await tryLock(advisoryLocks.moving)) {
    await client.end()
    throw new MoveRunning('Another move-storage is running.', EXIT_TEMPFAIL)
  }
  return {
    db: onConnection(client),
    lost: lost.signal,
    tryAlone: () => tryLock(advisoryLocks.serving),
    release: () => client.end(),
  }
}
