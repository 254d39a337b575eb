import type { Config } from './config/config.ts'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { pino } from 'pino'
import { buildApp } from './app.ts'
import { ConfigError, loadConfig } from './config/config.ts'
import { migrate, schemaState } from './db/migrate.ts'
import { createDeps } from './deps.ts'

/** sysexits.h EX_CONFIG: something that the operator has to change. */
const EXIT_CONFIG = 78
const SHUTDOWN_MS = 15_000

function fail(lines: string[], code = 1): never {
  for (const line of lines) process.stderr.write(`clientshare: ${line}\n`)
  process.exit(code)
}

const readVersion = () => (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

function readConfig(): Config {
  try {
    return loadConfig(process.env, {
      webDir: fileURLToPath(new URL('../../web/dist', import.meta.url)),
    })
  }
  catch (error) {
    if (error instanceof ConfigError) fail(error.problems, EXIT_CONFIG)
    throw error
  }
}

async function requireCurrentSchema(config: Config): Promise<void> {
  const client = new pg.Client({ connectionString: config.databaseUrl, connectionTimeoutMillis: 10_000 })
  await client.connect()
  const state = await schemaState(client).finally(() => client.end())
  if (state === 'older') fail(['The database has an older schema than this version needs. Run: node server/src/main.ts migrate'], EXIT_CONFIG)
  if (state === 'newer') fail(['The database was migrated by a newer version of ClientShare. Start that version, or restore a backup.'], EXIT_CONFIG)
}

async function serve(config: Config): Promise<void> {
  const logger = pino({
    level: config.logLevel,
    redact: ['req.headers.authorization', 'req.headers.cookie', 'req.headers["x-link-grant"]'],
  })
  await requireCurrentSchema(config)
  const deps = await createDeps({
    config,
    version: readVersion(),
    log: logger,
  })
  const app = await buildApp(deps, { loggerInstance: logger })

  let stopping = false
  async function stop(reason: string): Promise<void> {
    if (stopping) return
    stopping = true
    logger.info({ reason }, 'stopping')
    setTimeout(fail, SHUTDOWN_MS, ['did not stop in time']).unref()
    await app.close()
    await deps.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
  // The launcher is gone, however it ended: nobody would stop us later.
  process.on('disconnect', () => void stop('launcher gone'))

  await deps.live.start()
  await deps.jobs.start(deps.jobHandlers, { work: config.processMode !== 'web' })
  const setupToken = await deps.instance.prepareSetup()
  await app.listen({ port: config.port, host: config.host })
  if (setupToken !== undefined) logger.warn({ setupToken, url: `${config.publicUrl}/setup` }, 'not set up yet: open the address and enter the token')
  process.send?.({ type: 'ready', url: config.publicUrl, setupToken })
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'The port is taken. Set PORT to another one, or stop what uses it.'
  if (code === 'EACCES') return `Not allowed: ${message}`
  if (code === 'ENOSPC') return 'The disk is full.'
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') return `The database does not answer (${message}). Check DATABASE_URL.`
  return message
}

const command = process.argv[2] ?? 'serve'
const config = readConfig()
try {
  if (command === 'migrate') await migrate(config.databaseUrl)
  else if (command === 'serve') await serve(config)
  else fail([`Unknown command “${command}”. Use: serve, migrate.`], EXIT_CONFIG)
}
catch (error) {
  fail([
    explain(error),
  ])
}
