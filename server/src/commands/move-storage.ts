import type { Command, CommandContext } from './command.ts'
import { createDatabase } from '../db/database.ts'
import { requireCurrentSchema } from '../db/migrate.ts'
import { createDeps, openStorage } from '../deps.ts'
import { handlersOf } from '../features.ts'
import { foreignTarget } from '../features/identity/identity.service.ts'
import { takeMoveLock } from '../features/storage-move/move-lock.ts'
import { describeMove, moveExit, parseMoveArguments, runMove } from '../features/storage-move/move-storage.command.ts'
import { createStorageMove } from '../features/storage-move/storage-move.service.ts'
import { attend } from './attend.ts'
import { requireOwnStore } from './require-own-store.ts'

export const moveStorageCommand: Command = {
  name: 'move-storage',
  summary: 'moves the bytes between the local folder and S3',
  synopsis: '--to s3|local [--dry-run] [--skip-damaged]',
  usage: `Copies every file to the other store while people work, reads each copy back, and switches once no server runs: run it as often as you like,
stop every server, and run it again. Both stores must be set and reached. The old one is left as it is.

Options:
  --to s3|local    where the bytes shall be
  --dry-run        says how much there is, and changes nothing
  --skip-damaged   leaves out what is damaged or missing, and marks those files as damaged

Exit codes:
  0    moved, or nothing to do
  1    a store or the database failed; run the same again
  2    files are damaged or missing; they are listed
  3    everything is copied, but servers still run
  75   another move runs
  78   wrong settings or options
  130  stopped by Ctrl-C or SIGTERM; what is verified stays so`,
  run: moveStorage,
}

/**
 * Puts together what a move needs, and runs it until it ends or a signal comes.
 * @returns the exit code
 * @throws {ExitError} while another move runs
 */
async function moveStorage(args: string[], { config: configOf, release }: CommandContext): Promise<number> {
  const move = parseMoveArguments(args)
  const [from, to] = [
    configOf(move.from),
    configOf(move.to),
  ]
  const { stopped, output, log } = attend(from)
  await requireCurrentSchema(from.databaseUrl)
  if (move.dryRun) {
    const { db, close } = createDatabase({ url: from.databaseUrl, poolSize: from.databasePoolSize })
    await describeMove(db, move, output).finally(close)
    return moveExit.done
  }

  const lock = await takeMoveLock(from.databaseUrl)
  const deps = await createDeps({ config: from, ...release, log })
  const target = await openStorage(to, log)
  await requireOwnStore(deps, log)
  if (await deps.identity.isForeign(target)) throw foreignTarget(target)
  await deps.jobs.start(handlersOf(deps), { work: false })
  try {
    return await runMove(deps.db, createStorageMove({
      ...deps,
      lock,
      source: { kind: move.from, storage: deps.storage },
      target: { kind: move.to, storage: target },
      sessions: deps.uploads,
    }), move, output, stopped)
  }
  finally {
    await target.close()
    await deps.close()
    await lock.release()
  }
}
