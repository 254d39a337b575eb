import type { ChildProcess } from 'node:child_process'
import type { Guard } from './postgres/guard.ts'
import type { Credentials, Place } from './postgres/place.ts'
import type { Programs } from './postgres/programs.ts'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { findFreePort } from './lib/free-port.ts'
import { LaunchProblem } from './lib/launch-problem.ts'
import { createGuard } from './postgres/guard.ts'
import { readPostmasterFile, stopLeftover } from './postgres/leftover.ts'
import { checkVersion, createData, hasData, openPlace, readCredentials, SUPERUSER } from './postgres/place.ts'
import { findPrograms, runProgram, startProblem, whenEnded } from './postgres/programs.ts'

export interface ClusterOptions {
  /** Where the cluster lives; made when missing. Below it: data, socket, log, credentials.json. */
  folder: string
  /** For tests: fast, not safe in a power cut, and the folder goes when the cluster stops or this process dies. */
  ephemeral?: boolean
  maxConnections?: number
  /** Ends the start. */
  signal?: AbortSignal
  /** Called when a start takes long, with the reason in words for people. */
  onWait?: (reason: string) => void
}

export interface Cluster {
  /** The address of a database, by the application's own role: it owns `clientshare` and is no superuser. */
  url: (database?: string) => string
  /** Of the postmaster. */
  pid: number
  /** Settles when PostgreSQL has ended, for whatever reason. */
  ended: Promise<void>
  /** `fast` rolls back what is open and leaves a clean cluster; `immediate` leaves recovery to the next start. */
  stop: (mode?: 'fast' | 'immediate') => Promise<void>
}

interface Connection { host: string, port: number, flags: string[] }

const APPLICATION = 'clientshare'
/** sun_path holds 104 bytes on macOS and 108 on Linux, closing zero included. */
const LONGEST_SOCKET = 103
const SOCKET_PORT = 5432
const START_ATTEMPTS = 40
const STOP_PATIENCE_MS = 30_000
/** Of one that somebody else starts: longer than making a cluster takes. */
const START_PATIENCE_MS = 60_000
const START_POLL_MS = 50

/**
 * Starts the PostgreSQL that npm installed on a cluster in a folder, making the cluster at the first start.
 * It is reached by a Unix socket that only its owner may use; where sockets do not go, by a free loopback port.
 * A server that an earlier, killed start left behind is stopped first.
 * @throws {LaunchProblem} for what a person can mend: full disk, permissions, another version.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const programs = await findPrograms()
  const place = openPlace(options.folder, programs)
  const guard = createGuard(options.ephemeral ? place.folder : undefined)
  try {
    if (!hasData(place)) await createData(place, programs, { sync: !options.ephemeral, signal: options.signal, onChild: guard.watch })
    checkVersion(place)
    const credentials = readCredentials(place)
    await stopLeftover(place)
    return await startOn(place, programs, credentials, guard, options)
  }
  catch (error) {
    guard.release()
    if (options.ephemeral) rmSync(place.folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * The address of a database of the cluster that another process started on this folder, or is starting just now.
 * @throws {LaunchProblem} when none gets ready
 */
export async function reachCluster(folder: string, signal?: AbortSignal): Promise<string> {
  const place = openPlace(folder, await findPrograms())
  for (let waited = 0; waited < START_PATIENCE_MS; waited += START_POLL_MS) {
    const [, , , port, socket, , , state] = readPostmasterFile(place).map(line => line.trim())
    if (state === 'ready') {
      return urlOf({
        host: socket || '127.0.0.1',
        port: Number(port),
      }, place, readCredentials(place))
    }
    await sleep(START_POLL_MS, undefined, { signal })
  }
  throw new LaunchProblem(`ClientShare runs on ${place.folder}, but no PostgreSQL: it has another database. Set DATABASE_URL as it was set there.`)
}

function urlOf({ host, port }: Pick<Connection, 'host' | 'port'>, place: Place, credentials: Credentials, database = APPLICATION): string {
  const login = `postgres://${APPLICATION}:${credentials.application}`
  return host === place.socket
    ? `${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
    : `${login}@${host}:${port}/${database}`
}

async function startOn(place: Place, programs: Programs, credentials: Credentials, guard: Guard, options: ClusterOptions): Promise<Cluster> {
  for (let attempt = 1; ; attempt++) {
    const connection = await chooseConnection(place)
    const child = await startPostmaster(place, programs, connection, guard, options)
    if (typeof child !== 'string') {
      const cluster = supervise(child, place, connection, credentials, guard, options)
      try {
        await ensureApplication(connection, credentials, options.ephemeral === true)
        return cluster
      }
      catch (error) {
        await cluster.stop()
        throw error
      }
    }
    // Children of a killed server hold its memory for a moment; a free port may be taken before it is used.
    const passing = /shared memory block|could not bind|Address already in use/i.test(child)
    if (!passing || attempt === START_ATTEMPTS) throw startProblem('PostgreSQL did not start', child, place.folder)
    await sleep(250, undefined, { signal: options.signal })
  }
}

async function chooseConnection(place: Place): Promise<Connection> {
  const socket = join(place.socket, `.s.PGSQL.${SOCKET_PORT}`)
  if (process.platform !== 'win32' && Buffer.byteLength(socket) <= LONGEST_SOCKET) {
    return {
      host: place.socket,
      port: SOCKET_PORT,
      flags: [
        '-p',
        String(SOCKET_PORT),
        '-c',
        'listen_addresses=',
        '-c',
        `unix_socket_directories=${place.socket}`,
        '-c',
        'unix_socket_permissions=0700',
      ],
    }
  }
  const port = await findFreePort()
  return {
    host: '127.0.0.1',
    port,
    flags: [
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
    ],
  }
}

/** @returns the running server, or what it said when it did not come up. */
async function startPostmaster(place: Place, programs: Programs, connection: Connection, guard: Guard, options: ClusterOptions): Promise<ChildProcess | string> {
  // Files, not pipes: PostgreSQL may outlive whoever would read them.
  const startLog = join(place.log, 'start.log')
  const dayLog = join(place.log, `postgresql-${new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' }).format()}.log`)
  const seen = readText(dayLog).length
  const output = openSync(startLog, 'w', 0o600)
  const settings = options.ephemeral
    // Without autovacuum: only a superuser may end its worker, so a database could not be dropped under it. A password that lives as long as
    // the run need not be dear to guess, and each connection would pay for it.
    ? [
        'fsync=off',
        'synchronous_commit=off',
        'full_page_writes=off',
        'autovacuum=off',
        'scram_iterations=1',
      ]
    : [
        'logging_collector=on',
        `log_directory=${place.log}`,
        'log_filename=postgresql-%a.log',
        'log_rotation_age=1d',
        'log_truncate_on_rotation=on',
      ]
  const child = runProgram(place.account, programs.postgres, [
    '-D',
    place.data,
    ...connection.flags,
    ...[`max_connections=${options.maxConnections ?? 100}`, ...settings].flatMap(setting => ['-c', setting]),
  ], output)
  closeSync(output)
  if (child.pid) guard.watch(child.pid)

  const end = whenEnded(child).then(() => 'ended' as const)
  const slow = setTimeout(() => options.onWait?.('PostgreSQL is putting its files in order after an unclean stop…'), 5000)
  try {
    while (await Promise.race([
      end,
      sleep(20),
    ]) !== 'ended') {
      if (options.signal?.aborted) {
        child.kill('SIGINT')
        await end
        options.signal.throwIfAborted()
      }
      const lines = readPostmasterFile(place)
      if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return child
    }
  }
  finally {
    clearTimeout(slow)
  }
  // The log's own process writes on for a moment after the server has gone.
  await sleep(200)
  return readText(startLog) + readText(dayLog).slice(seen)
}

function supervise(child: ChildProcess, place: Place, connection: Connection, credentials: Credentials, guard: Guard, options: ClusterOptions): Cluster {
  const ended = whenEnded(child).then(() => {
    guard.release()
    if (options.ephemeral) rmSync(place.folder, { recursive: true, force: true })
  })
  return {
    pid: child.pid!,
    ended,
    url: database => urlOf(connection, place, credentials, database),
    async stop(mode = options.ephemeral ? 'immediate' : 'fast') {
      child.kill(mode === 'fast'
        ? 'SIGINT'
        : 'SIGQUIT')
      const late = setTimeout(() => child.kill('SIGQUIT'), STOP_PATIENCE_MS)
      await ended
      clearTimeout(late)
    },
  }
}

async function ensureApplication({ host, port }: Connection, credentials: Credentials, mayCreateDatabases: boolean): Promise<void> {
  const client = new pg.Client({
    host,
    port,
    user: SUPERUSER,
    password: credentials.superuser,
    database: 'postgres',
  })
  await client.connect()
  try {
    const roles = await client.query('select from pg_roles where rolname = $1', [APPLICATION])
    if (roles.rowCount === 0) await client.query(`create role ${APPLICATION} login ${mayCreateDatabases ? 'createdb' : ''} password '${credentials.application}'`)
    const databases = await client.query('select from pg_database where datname = $1', [APPLICATION])
    if (databases.rowCount === 0) await client.query(`create database ${APPLICATION} owner ${APPLICATION}`)
  }
  finally {
    await client.end()
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
