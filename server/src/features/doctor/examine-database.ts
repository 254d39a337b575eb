import type { Db } from '../../db/database.ts'
import type { Finding } from './finding.ts'
import * as queries from './doctor.queries.ts'
import { findingsOf } from './finding.ts'

const OLDEST_MAJOR = 15
/** What else than servers connects: a migration, a move, somebody with psql. */
const SPARE_CONNECTIONS = 10
/** What a server holds besides its pool: its lock, live events, its jobs. */
export const OWN_CONNECTIONS = 7

/** `serving`: how many servers run. */
export async function examineDatabase(db: Db, { place, poolSize, serving }: { place: string, poolSize: number, serving: number }): Promise<Finding[]> {
  const { well, doubtful, broken } = findingsOf('database')
  const asked = performance.now()
  const facts = await queries.findDatabaseFacts(db)
  const tookMs = Math.round(performance.now() - asked)
  const { version, major, encoding, isReplica, isReadOnly, durable, maxConnections, bytes } = facts
  const found: Finding[] = []
  if (major < OLDEST_MAJOR) found.push(broken(`PostgreSQL ${version} is too old: ClientShare needs ${OLDEST_MAJOR} or newer.`))
  if (isReplica) found.push(broken('This PostgreSQL is a replica, which takes no writes. Set DATABASE_URL to the primary.'))
  else if (isReadOnly) found.push(broken('This PostgreSQL takes no writes (default_transaction_read_only = on). Set it to off for this database or its user.'))
  if (encoding !== 'UTF8') found.push(broken(`The database has the encoding ${encoding}, which lacks letters of names. Make a new one with UTF8, and restore into it.`))
  for (const [setting, value] of Object.entries(durable)) {
    if (value === 'off') found.push(doubtful(`${setting} = off: a crash of the machine may lose what people were told is stored. Set it to on in postgresql.conf.`))
  }
  const wanted = Math.max(serving, 1) * (poolSize + OWN_CONNECTIONS) + SPARE_CONNECTIONS
  if (maxConnections < wanted) {
    found.push(doubtful(`max_connections = ${maxConnections} is less than ${Math.max(serving, 1)} server${serving > 1
      ? 's'
      : ''} of ${poolSize + OWN_CONNECTIONS} connections may take. Set it to ${wanted}, or DATABASE_POOL_SIZE to less.`))
  }
  return found.some(({ health }) => health === 'broken')
    ? found
    : [
        well(`PostgreSQL ${version} at ${place}, ${Math.ceil(bytes / 1024 ** 2).toLocaleString('en')} MiB, answers in ${tookMs} ms.`),
        ...found,
      ]
}
