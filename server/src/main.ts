import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Config } from './config/config.ts'
import type { Deps, ServingLock } from './deps.ts'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import pg from 'pg'
import { pino } from 'pino'
import { buildApp } from './app.ts'
import { ConfigError, loadConfig } from './config/config.ts'
import { dataSteps } from './data-steps.ts'
import { migrate, schemaState } from './db/migrate.ts'
import { createDeps, enterService } from './deps.ts'
import { EXIT_CONFIG, ExitError } from './errors/exit-error.ts'
import { handlersOf, readersOf } from './features.ts'
import { logOptions } from './http/request-log.ts'
import { untilSent } from './http/unsent.ts'
import { moveStorage } from './move-storage.ts'

/** What is left after the transfers have ended or were cut: connections of our own. */
const CLOSE_MS = 5000
/** What the kernel still has of answers that have ended. */
const UNSENT_MS = 3000

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

async function requireCurrentSchema(config: Config): Promise<void> {
  const client = new pg.Client({ connectionString: config.databaseUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {}) // a connection that breaks also rejects what waits for it
  await client.connect()
  const state = await schemaState(client).finally(() => client.end())
  if (state === 'older') fail(['The database has an older schema than this version needs. Run: node server/src/main.ts migrate'], EXIT_CONFIG)
  if (state === 'newer') fail(['The database was migrated by a newer version of ClientShare. Start that version, or restore a backup.'], EXIT_CONFIG)
}

/**
 * V8 before 14.8 counts every buffer allocated since the last full collection, dead or not, and begins another after 64 MiB of them: more
 * than half of the time of a download. With this flag only those that live count, and the cheap collections of the young free the rest.
 * Later ones do so by themselves and have no flag. What slow readers let grow old is collected once there is a fifth more of it.
 */
function countLiveBuffers(): void {
  setFlagsFromString('--heap-growing-percent=20')
  const [major = 0, minor = 0] = process.versions.v8.split('.').map(Number)
  if (major < 14 || (major === 14 && minor < 8)) setFlagsFromString('--external-memory-accounted-in-global-limit')
}

/** What loading the modules left behind, 40 MiB, would stay for as long as there is little to do. */
function collectAfterStart(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}

async function serve(config: Config): Promise<void> {
  countLiveBuffers()
  const log = pino(logOptions(config.logLevel))
  // Also what an unhandled rejection becomes. Nobody knows what state the process is in: another one takes over.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'ended by an error that nobody expected')
    process.exit(1)
  })
  const drainMs = config.drainSeconds * 1000
  let running: { app: FastifyInstance, deps: Deps, lock: ServingLock } | undefined
  let stopping = false
  async function stop(reason: string, code = 0): Promise<void> {
    if (stopping) return
    stopping = true
    log.info({ reason }, 'stopping')
    setTimeout(() => {
      log.error('did not stop in time')
      process.exit(1)
    }, drainMs + CLOSE_MS).unref()
    // Not begun yet: there is nobody to say goodbye to.
    if (!running) process.exit(code)
    const { port } = running.app.server.address() as AddressInfo
    await drain(running.app)
    await Promise.all([
      untilSent(port, UNSENT_MS),
      running.deps.close(),
    ])
    // Last: until here something may still have been written to the store.
    await running.lock.release()
    process.exit(code)
  }
  async function drain(app: FastifyInstance): Promise<void> {
    const closed = app.close()
    const late = await Promise.race([
      closed,
      sleep(drainMs, 'late', { ref: false }),
    ])
    if (late !== 'late') return
    log.warn('transfers still under way were cut')
    app.server.closeAllConnections()
    await Promise.race([
      closed,
      sleep(1000, undefined, { ref: false }),
    ])
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
  // The launcher is gone, however it ended: nobody would stop us later.
  process.on('disconnect', () => void stop('launcher gone'))
  if (process.send && !process.connected) await stop('launcher gone')

  await requireCurrentSchema(config)
  // Before the store is opened: one in the wrong place is not even made.
  const lock = await enterService(config, {
    log,
    onMoved: reason => void stop(reason.message, reason.exitCode),
  })
  const deps = await createDeps({
    config,
    version: readVersion(),
    log,
  })
  const app = await buildApp(deps, { loggerInstance: log })
  await deps.live.start()
  await deps.jobs.start(handlersOf(deps), { work: config.processMode !== 'web' })
  if (config.processMode !== 'web') await deps.auditReaders.start(readersOf(deps))
  const setupToken = await deps.instance.prepareSetup()
  running = { app, deps, lock }
  await app.listen({ port: config.port, host: config.host })
  // A log is read by more people than may set the instance up.
  if (setupToken !== undefined && !process.connected) process.stderr.write(`clientshare: Not set up yet. Open ${config.publicUrl}/setup and enter the token ${setupToken}\n`)
  if (process.connected) process.send?.({ type: 'ready', url: config.publicUrl, setupToken })
  collectAfterStart()
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
])

/** One line for whoever started this. Errors of several addresses (localhost) come as one without a message. */
function explain(error: unknown): string {
  const { code, message, errors } = unwrap(error) as NodeJS.ErrnoException & { errors?: Error[] }
  if (code === 'EADDRINUSE') return 'The port is taken. Set PORT to another one, or stop what uses it.'
  if (code === 'EADDRNOTAVAIL') return 'HOST is no address of this machine.'
  if (code === 'EACCES' || code === 'EPERM') return `Not allowed: ${message}`
  if (code === 'ENOSPC') return 'The disk is full.'
  if (code === '28P01' || code === '28000') return `The database refuses the sign-in (${message}). Check DATABASE_URL.`
  if (code === '3D000') return `There is no such database (${message}). Check DATABASE_URL.`
  if (/CERT|SIGNATURE|ISSUER/.test(code ?? '')) return `The certificate of the database is not trusted (${code}). Check host and sslmode of DATABASE_URL, or name its authority in NODE_EXTRA_CA_CERTS.`
  if (/does not support SSL/.test(message)) return 'The database does not speak TLS. Check host and sslmode of DATABASE_URL.'
  if (UNREACHABLE.has(code ?? '') || /^(?:57P|53|08)/.test(code ?? '') || /timeout expired|Connection terminated/.test(message)) return `The database does not answer (${message || errors?.[0]?.message || code}). Check DATABASE_URL.`
  return message
}

function unwrap(error: unknown): unknown {
  // Drizzle's own message repeats the statement and its parameters.
  return error instanceof DrizzleQueryError && error.cause
    ? error.cause
    : error
}

const command = process.argv[2] ?? 'serve'
try {
  if (command === 'migrate') {
    await migrate(readConfig().databaseUrl, dataSteps)
  }
  else if (command === 'serve') {
    await serve(readConfig())
  }
  else if (command === 'move-storage') {
    process.exit(await moveStorage(process.argv.slice(3), {
      configOf: readConfig,
      version: readVersion(),
      prepare: requireCurrentSchema,
    }))
  }
  else {
    fail([`Unknown command “${command}”. Use: serve, migrate, move-storage.`], EXIT_CONFIG)
  }
}
catch (error) {
  if (error instanceof ConfigError) fail(error.problems, EXIT_CONFIG)
  fail([
    explain(error),
  ], error instanceof ExitError
    ? error.exitCode
    : 1)
}
