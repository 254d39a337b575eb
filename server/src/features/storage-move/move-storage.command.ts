import type { Db } from '../../db/database.ts'
import type { StorageKind } from '../instance/storage-home.ts'
import type { MoveOutcome, StorageMove } from './storage-move.service.ts'
import type { Output } from './tell-progress.ts'
import { parseOptions, UsageError } from '../../config/command-line.ts'
import { claimStorageHome, findStorageHome } from '../instance/storage-home.ts'
import { StoreFailure } from './copy-object.ts'
import { formatBytes, formatCount, formatProgress } from './move-words.ts'
import * as queries from './storage-move.queries.ts'
import { tellProgress } from './tell-progress.ts'

/** How `move-storage` ends. 0: the bytes are where they were to go. Failures of the database and the like are 1, settings that are wrong 78. */
export const moveExit = {
  done: 0,
  failed: 1,
  damaged: 2,
  serving: 3,
  interrupted: 130,
} as const

export interface MoveArguments { from: StorageKind, to: StorageKind, dryRun: boolean, skipDamaged: boolean }

/** @throws {UsageError} */
export function parseMoveArguments(args: string[]): MoveArguments {
  const { values: { to, 'dry-run': dryRun, 'skip-damaged': skipDamaged } } = parseOptions(args, {
    'to': { type: 'string' },
    'dry-run': { type: 'boolean' },
    'skip-damaged': { type: 'boolean' },
  })
  if (to !== 's3' && to !== 'local') throw new UsageError('Say where to.')
  return {
    from: to === 's3'
      ? 'local'
      : 's3',
    to,
    dryRun: dryRun ?? false,
    skipDamaged: skipDamaged ?? false,
  }
}

/** How much there is to move. Reads the database alone. @returns false when there is nothing to do */
export async function describeMove(db: Db, { from, to }: MoveArguments, output: Output): Promise<boolean> {
  const home = await findStorageHome(db) ?? from
  if (home === to) {
    output.write(`The bytes are in STORAGE=${to} already.\n`)
    return false
  }
  const total = await queries.countMovable(db)
  const begun = await queries.findUnfinishedMove(db)
  const copied = begun?.target === to
    ? await queries.countCopied(db, begun.id)
    : undefined
  const open = await queries.countOpenUploads(db)
  output.write(`To move from STORAGE=${from} to STORAGE=${to}: ${formatCount(total.objects, 'object')}, ${formatBytes(total.bytes)}.\n`)
  if (copied) output.write(`Of these, ${formatCount(copied.objects, 'object')}, ${formatBytes(copied.bytes)} were copied and verified by an earlier run.\n`)
  if (open.count > 0) output.write(`${openUploads(open)}\n`)
  return true
}

const openUploads = ({ count, receivedBytes }: { count: number, receivedBytes: number }) =>
  `${formatCount(count, 'upload')} under way (${formatBytes(receivedBytes)} received) will have to begin again: the switch gives up what is open then.`

/** Moves, and tells how it goes. @returns the exit code */
export async function runMove(db: Db, move: StorageMove, { from, to, skipDamaged }: MoveArguments, output: Output, signal: AbortSignal): Promise<number> {
  await claimStorageHome(db, from)
  if (!await describeMove(db, { from, to, skipDamaged, dryRun: false }, output)) return moveExit.done
  const startedAt = performance.now()
  const { line, end } = tellProgress(output, () => formatProgress(move.progress, performance.now() - startedAt))
  try {
    const outcome = await move.run({
      signal,
      skipDamaged,
      onDamaged: ({ fileId, version, problem }) => line(`Damaged: file ${fileId}, version ${version}: ${problem}`),
      onAlone: () => line('Nothing serves: switching. A server that is started before this ends stops at once.'),
    })
    end()
    return await tell(outcome)
  }
  catch (error) {
    end()
    if (signal.aborted) {
      line('Stopped. What is verified stays so; run the same again to go on.')
      return moveExit.interrupted
    }
    if (!(error instanceof StoreFailure)) throw error
    const where = error.at === 'source'
      ? `The store that is left (STORAGE=${from})`
      : `The new store (STORAGE=${to})`
    line(error.full
      ? `${where} has no room left. Make room and run the same again to go on.`
      : `${where} fails: ${error.message}. Run the same again to go on.`)
    return moveExit.failed
  }

  async function tell(outcome: MoveOutcome): Promise<number> {
    switch (outcome.result) {
      case 'serving': {
        line('Everything is copied. Servers are still running: stop all of them and run the same again to switch. It will copy what has come since.')
        const open = await queries.countOpenUploads(db)
        if (open.count > 0) line(openUploads(open))
        return moveExit.serving
      }
      case 'damaged':
        line(outcome.all
          ? `Nothing could be read from STORAGE=${from}. Is it the store that the servers used? Nothing was switched.`
          : `${formatCount(outcome.count, 'object')} in STORAGE=${from} damaged or missing (listed above). Nothing was switched. Put them back from a backup and run the same again, or add --skip-damaged: those files will be marked as damaged.`)
        return moveExit.damaged
      case 'moved':
        line(`Moved: the bytes are in STORAGE=${to} now. Set STORAGE=${to} for every server and start them.`)
        if (outcome.endedUploads > 0) line(`${formatCount(outcome.endedUploads, 'upload')} that had not ended will have to begin again.`)
        if (outcome.skipped > 0) line(`${formatCount(outcome.skipped, 'object')} damaged, not moved and marked as such.`)
        if (outcome.kept > 0) line(`${formatCount(outcome.kept, 'object')} that no file knows were in the new store before. They are kept aside until an operator deletes them on the settings page.`)
        line(`The old store (STORAGE=${from}) is as it was. Keep it until the servers run well and a backup of the new one is made; then it may be deleted.`)
        return moveExit.done
    }
  }
}
