import type { Db } from '../../db/database.ts'
import type { Finding } from './finding.ts'
import { unseal } from '../../crypto/secrets.ts'
import * as queries from './doctor.queries.ts'
import { findingsOf } from './finding.ts'

const { well, doubtful, broken } = findingsOf('servers')
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
  if (serving > 1 && storage === 'local') found.push(broken(`${serving} servers use one folder (STORAGE=local), which only one can take uploads into. Run one (SERVER_REPLICAS=1), or use S3.`))
  const last = await queries.findLastRun(db, REGULAR_JOB)
  if (serving > 0 && (!last || now.getTime() - last.getTime() > LATE_MS)) {
    found.push(doubtful(`No process has done background work ${last
      ? `since ${last.toISOString().slice(0, 16).replace('T', ' ')} UTC`
      : 'yet'}: deletions, checks and counts wait. If servers run for longer than half an hour, one needs PROCESS_MODE=all or worker.`))
  }
  const link = await queries.findNewestLink(db)
  if (link && !opens(tokenKey, link.tokenCiphertext)) found.push(broken('SECRET_KEY is not the one with which links were made, so nobody can copy their addresses again. Put the right one back from the backup of the secrets.'))
  return found.some(({ health }) => health === 'broken')
    ? found
    : [
        well(serving === 0
          ? 'No server runs.'
          : `${serving} server${serving > 1
            ? 's run'
            : ' runs'}.`),
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
