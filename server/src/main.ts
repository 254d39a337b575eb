import type { Serving } from './commands/serve.ts'
import type { Config } from './config/config.ts'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { explainFailure } from './commands/explain-failure.ts'
import { moveStorage } from './commands/move-storage.ts'
import { collectAfterStart, countLiveBuffers } from './commands/process-memory.ts'
import { serve } from './commands/serve.ts'
import { ConfigError, loadConfig } from './config/config.ts'
import { dataSteps } from './data-steps.ts'
import { migrate, requireCurrentSchema } from './db/migrate.ts'
import { EXIT_CONFIG, ExitError } from './errors/exit-error.ts'
import { logOptions } from './http/request-log.ts'

/** What is left after the transfers have ended or were cut: connections of our own. */
const CLOSE_MS = 5000

function fail(lines: string[], code = 1): never {
  for (const line of lines) process.stderr.write(`clientshare: ${line}\n`)
  process.exit(code)
}

const readVersion = () => (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

/** With `storage`: as it would be with that driver; a move needs both. */
function readConfig(storage?: Config['storage']): Config {
  const env = storage === undefined
    ? process.env
    : { ...process.env, STORAGE: storage, STORAGE_FILE: undefined }
  try {
    return loadConfig(env, {
      webDir: fileURLToPath(new URL('../../web/dist', import.meta.url)),
    })
  }
  catch (error) {
    if (error instanceof ConfigError) fail(error.problems, EXIT_CONFIG)
    throw error
  }
}

/** Until a signal comes, or the launcher that started this is gone. */
async function serveUntilStopped(config: Config): Promise<void> {
  countLiveBuffers()
  const log = pino(logOptions(config.logLevel))
  // Also what an unhandled rejection becomes. Nobody knows what state the process is in: another one takes over.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'ended by an error that nobody expected')
    process.exit(1)
  })
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
    process.exit(code)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
  // The launcher is gone, however it ended: nobody would stop us later.
  process.on('disconnect', () => void stop('launcher gone'))
  if (process.send && !process.connected) await stop('launcher gone')

  await requireCurrentSchema(config.databaseUrl)
  serving = await serve({
    config,
    version: readVersion(),
    log,
    onMoved: reason => void stop(reason.message, reason.exitCode),
  })
  const { setupToken } = serving
  // A log is read by more people than may set the instance up.
  if (setupToken !== undefined && !process.connected) process.stderr.write(`clientshare: Not set up yet. Open ${config.publicUrl}/setup and enter the token ${setupToken}\n`)
  if (process.connected) process.send?.({ type: 'ready', url: config.publicUrl, setupToken })
  collectAfterStart()
}

const command = process.argv[2] ?? 'serve'
try {
  if (command === 'migrate') {
    await migrate(readConfig().databaseUrl, dataSteps)
  }
  else if (command === 'serve') {
    await serveUntilStopped(readConfig())
  }
  else if (command === 'move-storage') {
    process.exit(await moveStorage(process.argv.slice(3), {
      configOf: readConfig,
      version: readVersion(),
      prepare: config => requireCurrentSchema(config.databaseUrl),
    }))
  }
  else {
    fail([`Unknown command “${command}”. Use: serve, migrate, move-storage.`], EXIT_CONFIG)
  }
}
catch (error) {
  if (error instanceof ConfigError) fail(error.problems, EXIT_CONFIG)
  fail([
    explainFailure(error),
  ], error instanceof ExitError
    ? error.exitCode
    : 1)
}
