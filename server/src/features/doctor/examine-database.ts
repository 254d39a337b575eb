import type { Db } from '../../db/database.ts'
import type { Finding } from './finding.ts'
import * as queries from './doctor.queries.ts'
import { find, isBroken } from './finding.ts'

const OLDEST_MAJOR = 15
/** What else than servers connects: a migration, a move, somebody with psql. */
const SPARE_CONNECTIONS = 10
/** What a server holds besides its pool: its lock, live events, its jobs. */
export const OWN_CONNECTIONS = 7

/** `serving`: how many servers run. */
export async function examineDatabase(db: Db, { place, poolSize, serving }: { place: string, poolSize: number, serving: number }): Promise<Finding[]> {
  const asked = performance.now()
  const facts = await queries.findDatabaseFacts(db)
  const ms = Math.round(performance.now() - asked)
  const { version, major, encoding, isReplica, isReadOnly, durable, maxConnections, bytes } = facts
  const found: Finding[] = []
  if (major < OLDEST_MAJOR) found.push(find('database.old', { version, oldest: OLDEST_MAJOR }))
  if (isReplica) found.push(find('database.replica'))
  else if (isReadOnly) found.push(find('database.read_only'))
  if (encoding !== 'UTF8') found.push(find('database.encoding', { encoding }))
  for (const [setting, value] of Object.entries(durable)) {
    if (value === 'off') found.push(find('database.not_durable', { setting }))
  }
  const wanted = Math.max(serving, 1) * (poolSize + OWN_CONNECTIONS) + SPARE_CONNECTIONS
  if (maxConnections < wanted) found.push(find('database.connections', { connections: maxConnections, wanted, serving }))
  return found.some(isBroken)
    ? found
    : [
        find('database.well', { version, place, sizeBytes: bytes, ms }),
        ...found,
      ]
}
