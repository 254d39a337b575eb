import type { Output } from '../storage-move/tell-progress.ts'
import type { Manifest } from './backup-format.ts'
import type { BackupTarget } from './backup-target.ts'
import type { Proof, Restore, RestoreOptions } from './restore.service.ts'
import { formatBytes, formatCount, formatProgress } from '../storage-move/move-words.ts'
import { tellProgress } from '../storage-move/tell-progress.ts'
import { describeProved } from '../verify/verify-words.ts'
import { describeKeys } from './backup-format.ts'
import { explainStoreFailure } from './backup.command.ts'

/** How `restore` ends. A backup that is damaged is 65, a server or another one that runs 75, what stands in the way or is set wrongly 78. */
export const restoreExit = {
  done: 0,
  failed: 1,
  /** Restored, and what was wrong when it was backed up still is. */
  wrong: 2,
  interrupted: 130,
} as const

/** Restores, and tells how it goes and what was proved. @returns the exit code @throws {BackupRefused} */
export async function runRestore(restore: Restore, target: BackupTarget, options: Pick<RestoreOptions, 'backupId' | 'dryRun' | 'opener' | 'otherSecretKey' | 'keepStore'> & { version: string }, output: Output, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now()
  const { line, end } = tellProgress(output, () => formatProgress(restore.progress, performance.now() - startedAt))
  try {
    const { manifest, proof } = await restore.run(target, {
      ...options,
      signal,
      onChosen(manifest, resumed) {
        for (const text of describeChosen(manifest, target, options.version)) line(text)
        if (resumed) line('Going on with it: the rows are there, and what was copied is compared and kept.')
      },
      onNote: line,
    })
    end()
    for (const text of proof
      ? describeProof(manifest, proof)
      : [
          `Nothing stands in the way. Nothing was changed.${manifest.encrypted && !options.opener
            ? ` Without --identity it was not tried whether its key is at hand (${describeKeys(manifest.encrypted.recipients)}).`
            : ''}`,
        ]) line(text)
    return proof && Object.values(proof.verified.wrong).some(count => count > 0)
      ? restoreExit.wrong
      : restoreExit.done
  }
  catch (error) {
    end()
    if (signal.aborted) {
      line('Stopped: the deployment is not restored. Run the same again to go on.')
      return restoreExit.interrupted
    }
    const words = explainStoreFailure(error, target, 'Run the same again to go on.', 'store')
    if (words === undefined) throw error
    line(words)
    return restoreExit.failed
  }
}

function* describeChosen({ id, version, takenAt, holds }: Manifest, { place }: BackupTarget, own: string): Generator<string> {
  yield `Backup ${id} in ${place}: everything as it was at ${takenAt}; ${formatCount(holds.workspaces, 'workspace')}, ${formatCount(holds.users, 'user')}, ${formatCount(holds.files, 'file')}, ${formatCount(holds.objects, 'object')} of ${formatBytes(holds.bytes)}. Each of its files has the SHA-256 that it was made with, objects aside.`
  if (version !== own) yield `It was made by version ${version}; this is ${own}, which brings the database to its own schema.`
  if (holds.damaged > 0) yield `${formatCount(holds.damaged, 'object')} could not be got when it was made: those files come back marked as damaged.`
}

function* describeProof({ id, identity }: Manifest, proof: Proof): Generator<string> {
  yield `Restored from ${id}${identity === null
    ? ''
    : `, deployment ${identity}`}, and proved:`
  yield `- ${formatCount(proof.rows, 'row')} in ${formatCount(proof.tables, 'table')}: as many as were backed up, and every reference among them leads somewhere`
  yield `- ${formatCount(proof.objects, 'object')}, ${formatBytes(proof.bytes)}: each read back from the store, with the SHA-256 that its file has`
  for (const row of describeProved(proof.verified)) {
    if (row.subject !== 'hashes') {
      yield `- ${row.health === 'broken'
        ? `${row.subject}: `
        : ''}${row.says}`
    }
  }
  if (proof.damaged > 0) yield `${formatCount(proof.damaged, 'object')} not in the backup: those files are marked as damaged.`
  if (proof.links > 0) yield `${formatCount(proof.links, 'link')} encrypted again for SECRET_KEY, which is another one here: their addresses can still be shown.`
  if (proof.endedUploads > 0) yield `${formatCount(proof.endedUploads, 'upload')} that had not ended will have to begin again.`
  if (proof.aside.count > 0) yield `${formatCount(proof.aside.count, 'object')} of ${formatBytes(proof.aside.bytes)} in the store are not in the backup: they are kept aside until an operator decides on the settings page.`
  if (proof.jobs > 0) yield `${formatCount(proof.jobs, 'job')} that had not ended will be done once a server runs.`
  yield 'Everybody signs in again. Start the servers.'
}
