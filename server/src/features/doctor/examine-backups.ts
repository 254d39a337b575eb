import type { Config } from '../../config/config.ts'
import type { Db } from '../../db/database.ts'
import type { Finding } from './finding.ts'
import { stat } from 'node:fs/promises'
import { recipientsIn } from '../../config/backups.ts'
import { ConfigError } from '../../config/config.ts'
import { createSealer } from '../../crypto/age.ts'
import { readBackupStatus } from '../backups/backups.service.ts'
import { openTarget } from '../backups/open-target.ts'
import { find, STORE_PATIENCE_MS } from './finding.ts'

/** Whether there is a good backup that is young enough, and whether the next one has a place to go to. Tries the place by a file that it removes. */
export async function examineBackups(db: Db, config: Config, clock: () => Date): Promise<Finding[]> {
  const { to, last, attempt, isOverdue, warnHours, command } = await readBackupStatus({ db, config, clock })
  if (to === null) {
    return [
      find('backups.unset'),
    ]
  }
  // The first backup makes the folder.
  const isStillToBeMade = !last && to !== 's3' && !await stat(to).catch(() => undefined)
  const found = isStillToBeMade
    ? []
    : await examinePlace(config, to)
  if (attempt?.problem) found.push(find('backups.failed', { startedAt: attempt.startedAt, problem: attempt.problem }))
  if (!last) found.push(find('backups.none', { command }))
  else if (isOverdue) found.push(find('backups.late', { takenAt: last.takenAt, hours: warnHours, command }))
  else if (last.damaged > 0) found.push(find('backups.damaged', { damaged: last.damaged }))
  return found.length > 0
    ? found
    : [
        find('backups.well', { takenAt: last!.takenAt, place: to }),
      ]
}

async function examinePlace(config: Config, place: string): Promise<Finding[]> {
  try {
    await createSealer(recipientsIn(config.backupRecipient))
    const { storage } = await openTarget(config, place, { mustExist: true, patienceMs: STORE_PATIENCE_MS })
    try {
      await storage.probe()
      return []
    }
    finally {
      await storage.close()
    }
  }
  catch (error) {
    const problems = error instanceof ConfigError
      ? error.problems
      : [(error as Error).message]
    return problems.map(problem => find('backups.place', { place, problem }))
  }
}
