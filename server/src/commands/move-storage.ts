import type { Config } from '../config/config.ts'
import process from 'node:process'
import { pino } from 'pino'
import { createDatabase } from '../db/database.ts'
import { createDeps, openStorage } from '../deps.ts'
import { handlersOf } from '../features.ts'
import { takeMoveLock } from '../features/storage-move/move-lock.ts'
import { describeMove, moveExit, parseMoveArguments, runMove } from '../features/storage-move/move-storage.command.ts'
import { createStorageMove } from '../features/storage-move/storage-move.service.ts'
import { logOptions } from '../http/request-log.ts'

export interface MoveStorageOptions {
  /** The settings as they would be with that driver: the environment has those of both. */
  configOf: (storage: Config['storage']) => Config
  version: string
  /** Awaited before anything is opened. */
  prepare: (config: Config) => Promise<void>
}

/**
 * The command `move-storage`: puts together what a move needs, and runs it until it ends or a signal comes.
 * @returns the exit code
 * @throws {ExitError} for wrong arguments, and while another move runs
 */
export async function moveStorage(args: string[], { configOf, version, prepare }: MoveStorageOptions): Promise<number> {
  const move = parseMoveArguments(args)
  const [from, to] = [
    configOf(move.from),
    configOf(move.to),
  ]
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(new Error(signal))) // the second one ends it at once
  const output = {
    write: (text: string) => void process.stderr.write(text),
    live: process.stderr.isTTY === true,
  }
  await prepare(from)
  if (move.dryRun) {
    const { db, close } = createDatabase({ url: from.databaseUrl, poolSize: from.databasePoolSize })
    await describeMove(db, move, output).finally(close)
    return moveExit.done
  }

  const lock = await takeMoveLock(from.databaseUrl)
  const log = pino(logOptions(from.logLevel), pino.destination(2))
  const deps = await createDeps({ config: from, version, log })
  const target = await openStorage(to, log)
  await deps.jobs.start(handlersOf(deps), { work: false })
  try {
    return await runMove(deps.db, createStorageMove({
      ...deps,
      lock,
      source: { kind: move.from, storage: deps.storage },
      target: { kind: move.to, storage: target },
      sessions: deps.uploads,
    }), move, output, stop.signal)
  }
  finally {
    await target.close()
    await deps.close()
    await lock.release()
  }
}
