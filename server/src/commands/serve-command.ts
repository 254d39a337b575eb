import type { Command, CommandContext } from './command.ts'
import type { Serving } from './serve.ts'
import process from 'node:process'
import { pino } from 'pino'
import { parseOptions } from '../config/command-line.ts'
import { describeRelease } from '../config/release.ts'
import { requireCurrentSchema } from '../db/migrate.ts'
import { logOptions } from '../http/request-log.ts'
import { collectAfterStart, countLiveBuffers } from './process-memory.ts'
import { serve } from './serve.ts'

/** What is left after the transfers have ended or were cut: connections of our own. */
const CLOSE_MS = 5000

export const serveCommand: Command = {
  name: 'serve',
  summary: 'answers requests and does the background work',
  synopsis: '',
  usage: `Answers requests and does the background work, or one of them (PROCESS_MODE), until SIGTERM or SIGINT; transfers under way have
DRAIN_SECONDS then. SIGHUP reads the texts in POLICIES_DIR again. The database must have this version’s schema.

Exit codes:
  0   it was told to stop
  1   of the last line in its log
  75  the bytes are being moved to another store just now; start it again
  78  wrong settings or options, which only you can change`,
  async run(args, context) {
    parseOptions(args, {})
    return serveUntilStopped(context)
  },
}

/** Until a signal comes, or the launcher that started this is gone. @returns the exit code */
async function serveUntilStopped({ config: readConfig, release }: CommandContext): Promise<number> {
  const config = readConfig()
  countLiveBuffers()
  const log = pino(logOptions(config.logLevel))
  log.info({ ...release, node: process.version, mode: config.processMode }, `ClientShare ${describeRelease(release)}`)
  // Also what an unhandled rejection becomes. Nobody knows what state the process is in: another one takes over.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'ended by an error that nobody expected')
    process.exit(1)
  })
  const ended = Promise.withResolvers<number>()
  let serving: Serving | undefined
  let stopping = false
  async function stop(reason: string, code = 0): Promise<void> {
    if (stopping) return
    stopping = true
    log.info({ reason }, 'stopping')
    setTimeout(() => {
      log.error('did not stop in time')
      process.exit(1)
    }, config.drainSeconds * 1000 + CLOSE_MS).unref()
    // Not begun yet: there is nobody to say goodbye to.
    await serving?.stop()
    ended.resolve(code)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
  // Also where there are no files: the signal is asked for so often that nothing may end by it.
  process.on('SIGHUP', () => {
    log.info({ reason: 'SIGHUP' }, 'reading the files of policies')
    void serving?.readPolicyFiles().catch(error => log.error({ err: error }, 'the files of policies could not be read'))
  })
  // The launcher is gone, however it ended: nobody would stop us later.
  process.on('disconnect', () => void stop('launcher gone'))
  if (process.send && !process.connected) await stop('launcher gone')

  async function begin(): Promise<number> {
    await requireCurrentSchema(config.databaseUrl)
    serving = await serve({
      config,
      release,
      log,
      onMoved: reason => void stop(reason.message, reason.exitCode),
    })
    const { setupToken } = serving
    // A log is read by more people than may set the instance up.
    if (setupToken !== undefined && !process.connected) process.stderr.write(`clientshare: Not set up yet. Open ${config.publicUrl}/setup and enter the token ${setupToken}\n`)
    if (process.connected) process.send?.({ type: 'ready', url: config.publicUrl, setupToken })
    collectAfterStart()
    return ended.promise
  }
  return Promise.race([
    ended.promise,
    begin(),
  ])
}
