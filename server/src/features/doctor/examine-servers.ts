import type { Db } from '../../db/database.ts'
import type { Finding } from './finding.ts'
import { unseal } from '../../crypto/secrets.ts'
import * as queries from './doctor.queries.ts'
import { find, isBroken } from './finding.ts'

/** What each worker does every quarter of an hour. */
const REGULAR_JOB = 'identity.note'
const LATE_MS = 40 * 60_000

export interface ServersFacts {
  /** How many run. */
  serving: number
  storage: 'local' | 's3'
  /** With which addresses of links are sealed. */
  tokenKey: Buffer
  now: Date
}

/** What runs beside one another on this database: how many servers, whether one of them works in the background, and whether the key is theirs. */
export async function examineServers(db: Db, { serving, storage, tokenKey, now }: ServersFacts): Promise<Finding[]> {
  const found: Finding[] = []
  if (serving > 1 && storage === 'local') found.push(find('servers.one_folder', { serving }))
  const last = await queries.findLastRun(db, REGULAR_JOB)
  if (serving > 0 && !last) {
    found.push(find('servers.never_worked'))
  }
  else if (serving > 0 && now.getTime() - last!.getTime() > LATE_MS) {
    found.push(find('servers.idle', {
      lastAt: last!.toISOString(),
    }))
  }
  const link = await queries.findNewestLink(db)
  if (link && !opens(tokenKey, link.tokenCiphertext)) found.push(find('servers.key'))
  return found.some(isBroken)
    ? found
    : [
        find('servers.well', { serving }),
        ...found,
      ]
}

function opens(key: Buffer, sealed: Buffer): boolean {
  try {
    unseal(key, sealed)
    return true
  }
  catch {
    return false
  }
}
