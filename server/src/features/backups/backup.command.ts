import type { Output } from '../storage-move/tell-progress.ts'
import type { BackupConnection } from './backup-connection.ts'
import type { BackupTarget } from './backup-target.ts'
import type { BackupMade, BackupRun, DamagedInBackup } from './backup.service.ts'
import type { Retention } from './backups.policy.ts'
import { StoreFailure } from '../storage-move/copy-object.ts'
import { formatBytes, formatCount, formatProgress } from '../storage-move/move-words.ts'
import { tellProgress } from '../storage-move/tell-progress.ts'
import { describeKeys } from './backup-format.ts'
import { pruneBackups, readManifests } from './prune-backups.ts'

/** How `backup` ends. Another one that runs is 75, settings that are wrong 78. */
export const backupExit = {
  done: 0,
  failed: 1,
  damaged: 2,
  interrupted: 130,
} as const

const SHOWN = 20

const describeDamaged = ({ key, fileId, version, problem }: DamagedInBackup) => fileId === null
  ? `Damaged: object ${key}: ${problem}`
  : `Damaged: file ${fileId}, version ${version}: ${problem}`

/** Makes a backup, and tells how it goes. @returns the exit code */
export async function runBackup(backup: BackupRun, target: BackupTarget, retention: Retention, output: Output, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now()
  const { line, end } = tellProgress(output, () => formatProgress(backup.progress, performance.now() - startedAt))
  let damaged = 0
  try {
    const made = await backup.run(target, {
      signal,
      retention,
      onDamaged(object) {
        if (++damaged <= SHOWN) line(describeDamaged(object))
      },
    })
    end()
    for (const text of describeMade(made, target)) line(text)
    return made.newlyDamaged > 0
      ? backupExit.damaged
      : backupExit.done
  }
  catch (error) {
    end()
    if (signal.aborted) {
      line('Stopped: this is no backup. What was copied stays, and the next one does not copy it again.')
      return backupExit.interrupted
    }
    const words = explainStoreFailure(error, target, 'The next backup does not copy again what was copied.')
    if (words === undefined) throw error
    line(words)
    return backupExit.failed
  }
}

/** What a store's failure means to whoever runs the command; undefined when it is none. */
export function explainStoreFailure(error: unknown, { place }: BackupTarget, then: string, writesTo: 'target' | 'store' = 'target'): string | undefined {
  if (!(error instanceof StoreFailure)) return undefined
  const isPlace = (error.at === 'target') === (writesTo === 'target')
  const where = isPlace
    ? place
    : 'The store of the deployment'
  return error.full
    ? `${where} has no room left. ${then}`
    : `${where} fails: ${error.message}. ${then}`
}

function* describeMade({ manifest: { id, takenAt, holds, tables, encrypted, secretsToKeep }, kept, newlyDamaged, pruned }: BackupMade, { place }: BackupTarget): Generator<string> {
  yield `Backup ${id} is made in ${place}: everything as it was at ${takenAt}.`
  yield `It has ${formatCount(tables.length, 'table')}, ${formatCount(holds.files, 'file')}, ${formatCount(holds.objects, 'object')} of ${formatBytes(holds.bytes)}; ${formatCount(kept.objects, 'object')} of these were there already.`
  if (pruned > 0) yield `${formatCount(pruned, 'older backup')} deleted, as BACKUP_KEEP_… says.`
  if (holds.damaged > 0) {
    yield `${formatCount(holds.damaged, 'object')} could not be got whole, ${newlyDamaged === 0
      ? 'all known to be damaged'
      : `${newlyDamaged.toLocaleString('en')} of them not known to be damaged`}. Earlier backups may have them: keep those.`
  }
  yield encrypted
    ? `It is encrypted, with the settings and secrets of this deployment in it. Keep the secret key of ${describeKeys(encrypted.recipients)} elsewhere: without it nobody opens the backup.`
    : `Not in it, to be kept elsewhere: the settings, above all ${secretsToKeep.includes('SECRET_KEY')
      ? 'SECRET_KEY'
      : 'the secrets'} (set here: ${secretsToKeep.join(', ')}).`
}

/** What is in the target, the newest first. @throws {BackupRefused} */
export async function listBackups(target: BackupTarget, print: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { manifests, unfinished } = await readManifests(target, signal)
  for (const { id, takenAt, version, holds, encrypted } of manifests) {
    print([
      id,
      takenAt,
      version,
      formatCount(holds.files, 'file'),
      formatBytes(holds.bytes),
      ...holds.damaged > 0
        ? [`${holds.damaged} damaged`]
        : [],
      ...encrypted
        ? ['encrypted']
        : [],
    ].join('  '))
  }
  for (const id of unfinished) print(`${id}  cut off, or under way: no backup`)
}

export async function runPrune(connection: BackupConnection, target: BackupTarget, retention: Retention, output: Output, signal: AbortSignal): Promise<number> {
  const { backups, objects } = await pruneBackups(connection, target, retention, signal)
  output.write(`${formatCount(backups, 'backup')} and ${formatCount(objects, 'object')} that no other one needs deleted.\n`)
  return backupExit.done
}
