import type { Static } from 'typebox'
import type { Config } from '../../config/config.ts'
import type { Release } from '../../config/release.ts'
import type { Db } from '../../db/database.ts'
import type { Storage } from '../../storage/storage.ts'
import type { BackupConnection } from './backup-connection.ts'
import type { BackupRun } from './backup.service.ts'
import type { Retention } from './backups.policy.ts'
import type { BackupStatus } from './backups.schemas.ts'
import { randomBytes } from 'node:crypto'
import { recipientsIn } from '../../config/backups.ts'
import { commandLine } from '../../config/command-line.ts'
import { describeSettings } from '../../config/config.ts'
import { createSealer } from '../../crypto/age.ts'
import { EXIT_CONFIG, ExitError } from '../../errors/exit-error.ts'
import { BackupRunning, connectForBackup } from './backup-connection.ts'
import { createBackup } from './backup.service.ts'
import * as queries from './backups.queries.ts'
import { openTarget } from './open-target.ts'

const HOUR_MS = 3_600_000

export interface BackupsService {
  status: () => Promise<Static<typeof BackupStatus>>
  /** A backup, as the settings say it; nothing while another one runs. */
  makeScheduled: (signal: AbortSignal) => Promise<void>
  /** Nothing serves a deployment that is restored in part. @throws {ExitError} */
  requireRestored: () => Promise<void>
}

export interface BackupsDeps extends Release {
  db: Db
  config: Config
  storage: Storage
  clock: () => Date
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
}

export const retentionOf = ({ backupKeepDaily: daily, backupKeepWeekly: weekly, backupKeepMonthly: monthly }: Config): Retention => ({ daily, weekly, monthly })

/** A backup of this deployment, which the connection's locks are for. `recipient` instead of BACKUP_RECIPIENT, and checked as that is. */
export async function backupOf({ db, config, storage, version, commit, clock }: Omit<BackupsDeps, 'log'>, connection: BackupConnection, recipient = config.backupRecipient): Promise<BackupRun> {
  const recipients = recipientsIn(recipient)
  return createBackup({
    db,
    connection,
    storage,
    clock,
    newId: () => randomBytes(3).toString('hex'),
    release: { version, commit },
    secretKey: config.secretKey,
    settings: describeSettings(config),
    sealer: recipients.length > 0
      ? await createSealer(recipients)
      : undefined,
  })
}

/** What the deployment knows of its own backups. */
export async function readBackupStatus({ db, config, clock }: Pick<BackupsDeps, 'db' | 'config' | 'clock'>): Promise<Static<typeof BackupStatus>> {
  const [[newest], last, restored] = [
    await queries.listBackups(db, 1),
    await queries.findLastGood(db),
    await queries.findRestore(db),
  ]
  const { backupTo, backupSchedule, backupWarnHours } = config
  return {
    to: backupTo ?? null,
    schedule: backupSchedule ?? null,
    isEncrypted: config.backupRecipient !== undefined,
    command: commandLine('backup'),
    warnHours: backupWarnHours,
    isOverdue: backupTo !== undefined && (!last || clock().getTime() - last.startedAt.getTime() > backupWarnHours * HOUR_MS),
    last: last
      ? {
          id: last.id,
          place: last.place,
          takenAt: last.startedAt.toISOString(),
          objects: last.objects,
          bytes: last.bytes,
          newBytes: last.newBytes,
          damaged: last.damaged,
        }
      : null,
    attempt: newest && newest.id !== last?.id
      ? {
          startedAt: newest.startedAt.toISOString(),
          problem: newest.problem,
        }
      : null,
    restored: restored
      ? {
          backupId: restored.backupId,
          at: restored.loadedAt.toISOString(),
        }
      : null,
  }
}

export function createBackupsService(deps: BackupsDeps): BackupsService {
  const { db, config, log } = deps
  return {
    status: () => readBackupStatus(deps),

    async makeScheduled(signal) {
      if (config.backupTo === undefined || config.backupSchedule === undefined) return
      const connection = await connectForBackup(config.databaseUrl).catch((error: unknown) => {
        if (error instanceof BackupRunning) return undefined
        throw error
      })
      if (!connection) return log.info({}, 'a backup is being made already')
      try {
        const target = await openTarget(config, config.backupTo, { log })
        try {
          const backup = await backupOf(deps, connection)
          const { manifest: { id, holds, encrypted }, newlyDamaged, pruned } = await backup.run(target, {
            signal,
            retention: retentionOf(config),
            onDamaged: object => log.error({ ...object }, 'not in the backup: the store cannot give it'),
          })
          log.info({
            id,
            place: target.place,
            ...holds,
            encrypted: encrypted !== undefined,
            newlyDamaged,
            pruned,
          }, 'made a backup')
        }
        finally {
          await target.storage.close()
        }
      }
      finally {
        await connection.release()
      }
    },

    async requireRestored() {
      const begun = await queries.findUnprovedRestore(db)
      if (begun) throw new ExitError(`The restore of the backup ${begun.backupId} has not ended. Before a server starts, go on with it: ${commandLine(`restore --backup ${begun.backupId}`)}`, EXIT_CONFIG)
    },
  }
}
