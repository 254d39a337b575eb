import type { Command, CommandContext } from './command.ts'
import { describeDatabase } from '../db/describe-database.ts'
import { requireCurrentSchema } from '../db/migrate.ts'
import { createDeps } from '../deps.ts'
import { handlersOf } from '../features.ts'
import { adoptExit, parseAdoptArguments, runAdopt } from '../features/identity/adopt.command.ts'
import { takeMoveLock } from '../features/storage-move/move-lock.ts'
import { describeStorage, storageConfigOf } from '../storage/create-storage.ts'
import { attend } from './attend.ts'

export const adoptCommand: Command = {
  name: 'adopt',
  summary: 'has a database and a store belong together although they do not',
  synopsis: '[--yes] [--mark-missing]',
  usage: `For when a server does not start because database and store do not belong together, and this is what you want: after a restore by hand, or to
go on without what was lost. What the store has and the database does not know is kept aside: nothing of it is deleted until an operator says so
on the settings page. Without --yes it says what it found, and changes nothing.

Options:
  --yes           do it; every server has to be stopped
  --mark-missing  marks files that the store does not have as damaged; also later, when they belong together

Exit codes:
  0    they belong together
  1    the store or the database failed; run the same again
  3    they do not, and nothing was changed
  75   servers are running
  78   wrong settings or options
  130  stopped by Ctrl-C or SIGTERM; run the same again`,
  run: adopt,
}

/** @returns the exit code. @throws {ExitError} while servers or a move run */
async function adopt(args: string[], { config: readConfig, release, print }: CommandContext): Promise<number> {
  const options = parseAdoptArguments(args)
  const config = readConfig()
  const { stopped, log } = attend(config)
  await requireCurrentSchema(config.databaseUrl)
  const lock = await takeMoveLock(config.databaseUrl)
  const deps = await createDeps({
    config,
    ...release,
    log,
  })
  try {
    // What is marked is looked at again later, by a server.
    await deps.jobs.start(handlersOf(deps), { work: false })
    return await runAdopt(deps, options, {
      places: {
        database: describeDatabase(config),
        store: describeStorage(storageConfigOf(config)),
      },
      tryAlone: lock.tryAlone,
      print,
      signal: AbortSignal.any([stopped, lock.lost]),
    })
  }
  catch (error) {
    if (stopped.aborted) return adoptExit.interrupted
    throw error
  }
  finally {
    await deps.close()
    await lock.release()
  }
}
