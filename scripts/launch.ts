import type { ChildProcess } from 'node:child_process'
import type { Cluster } from './embedded-postgres.ts'
import { spawn } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { existsSync, readdirSync, watch } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCluster } from './embedded-postgres.ts'
import { databaseFolder, dataDir, makeDataDir, namesDatabase, root, serverEnvironment, serverMain, takeDataDir, tellFirstStart, withEmbedded } from './lib/ground.ts'
import { asFolderProblem, LaunchProblem } from './lib/launch-problem.ts'
import { serverFlags } from './lib/server-flags.ts'

/**
 * Runs ClientShare: the embedded PostgreSQL unless DATABASE_URL is set, the migration, then the server, until a signal.
 * The server learns everything from its environment and tells its address over the IPC channel; it ends when that channel does.
 */
const dev = process.argv.includes('--dev')
const webPort = Number(process.env.DEV_PORT || 5173)

/** The server ends by itself 5 s after its DRAIN_SECONDS. */
const SERVER_GRACE_MS = (Number(process.env.DRAIN_SECONDS) || 8) * 1000 + 7000
/** npm, a terminal and a supervisor may all pass on one and the same Ctrl-C. */
const SAME_KEYSTROKE_MS = 500
const DATABASE_RESTARTS = 3
const RESTART_WINDOW_MS = 60_000

const stopping = new AbortController()
const aborted = new Promise<never>((_, reject) => stopping.signal.addEventListener('abort', () => reject(stopping.signal.reason)))
aborted.catch(() => {})
const children = new Set<ChildProcess>()
let cluster: Cluster | undefined
let unlock: (() => void) | undefined
let exitCode = 0

/** What stop() throws everything out of; carries the exit code of the launcher. */
class Stop extends Error {
  readonly code: number
  constructor(code: number) {
    super('stop')
    this.code = code
  }
}

listenForStop()
try {
  await launch()
}
catch (error) {
  exitCode = exitCodeOf(asFolderProblem(error, 'DATA_DIR', dataDir))
}
await stopEverything()
process.exit(exitCode)

async function launch(): Promise<void> {
  makeDataDir()
  unlock = takeDataDir()
  await requireFreePort('PORT', process.env.PORT || '3000')
  if (dev) await requireFreePort('DEV_PORT', String(webPort))

  let env = serverEnvironment()
  if (dev) env.PUBLIC_URL ||= `http://localhost:${webPort}`
  if (!namesDatabase(env)) env = withEmbedded(env, await openDatabase())

  await migrate(env)
  await (dev
    ? develop(env)
    : serve(env))
}

/** @throws {LaunchProblem} when somebody listens there. A port that is no number is for the server to refuse. */
async function requireFreePort(setting: string, value: string): Promise<void> {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return
  const host = process.env.HOST || 'localhost'
  const addresses = await lookup(host, { all: true }).catch(() => [])
  const failures = await Promise.all(addresses.map(({ address }) => tryListen(port, address)))
  if (failures.includes('EADDRINUSE')) throw new LaunchProblem(`Port ${port} is taken. Choose another one: ${setting}=${port + 1}.`)
  if (failures.includes('EACCES')) throw new LaunchProblem(`Port ${port} is closed to this user. Choose one above 1023: ${setting}=3000.`)
  // localhost may have an IPv6 address on a machine without IPv6: one that works is enough.
  if (failures.every(Boolean)) throw new LaunchProblem(`HOST ${host} is no address of this machine.`)
}

/** @returns the code of the error, or nothing when the port is free. */
async function tryListen(port: number, host: string): Promise<string | undefined> {
  const probe = createServer()
  try {
    await once(probe.listen(port, host), 'listening')
  }
  catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
  probe.close()
  await once(probe, 'close')
  return undefined
}

async function openDatabase(): Promise<string> {
  tellFirstStart()
  cluster = await startCluster({
    folder: databaseFolder,
    signal: stopping.signal,
    onWait: reason => console.log(reason),
  })
  void keepDatabase(cluster)
  return cluster.url()
}

/** Starts PostgreSQL again when it ends by itself; the server's pool finds it at the same address. */
async function keepDatabase(first: Cluster): Promise<void> {
  const restarts: number[] = []
  const url = first.url()
  for (let current = first; ;) {
    await current.ended
    if (stopping.signal.aborted) return
    const now = Date.now()
    restarts.push(now)
    if (restarts.filter(at => at > now - RESTART_WINDOW_MS).length > DATABASE_RESTARTS) return stop(new LaunchProblem(`PostgreSQL keeps ending by itself; its log is in ${join(databaseFolder, 'log')}.`))
    console.error('ClientShare: PostgreSQL ended by itself and is started again.')
    try {
      current = cluster = await startCluster({ folder: databaseFolder, signal: stopping.signal })
    }
    catch (error) {
      return stop(error)
    }
    if (current.url() !== url) return stop(new LaunchProblem('PostgreSQL ended by itself and came back at another address: start again.'))
  }
}

async function migrate(env: NodeJS.ProcessEnv): Promise<void> {
  stopping.signal.throwIfAborted()
  const code = await Promise.race([
    endOf(spawnChild([...serverFlags, serverMain, 'migrate'], { env })),
    aborted,
  ])
  if (code !== 0) throw new Stop(code)
}

async function serve(env: NodeJS.ProcessEnv): Promise<void> {
  stopping.signal.throwIfAborted()
  const server = await spawnServer(env)
  const code = await Promise.race([
    endOf(server),
    aborted,
  ])
  // A server that ends unasked has failed, whatever it says.
  throw new Stop(code || 1)
}

/** The server anew after every change of its sources, and Vite, which serves the web app and passes the API on. */
async function develop(env: NodeJS.ProcessEnv): Promise<void> {
  const port = env.PORT || '3000'
  const vite = spawnChild([
    join(root, 'node_modules/vite/bin/vite.js'),
    '--port',
    String(webPort),
    '--strictPort',
    '--clearScreen',
    'false',
  ], {
    cwd: join(root, 'web'),
    env: { ...env, PORT: port, API_PORT: port },
  })
  void endOf(vite).then(code => stop(new Stop(code || 1)))
  let changed = Promise.withResolvers<void>()
  for (const folder of ['server/src', 'migrations']) watchTree(join(root, folder), () => changed.resolve())
  while (true) {
    const server = await spawnServer(env)
    await Promise.race([changed.promise, aborted])
    // An editor writes several files; take them together.
    await sleep(150, undefined, { signal: stopping.signal })
    changed = Promise.withResolvers()
    await endChild(server)
    await Promise.race([
      endOf(spawnChild([...serverFlags, serverMain, 'migrate'], { env })),
      aborted,
    ])
  }
}

/** Folder by folder: Node's recursive watch on Linux loses a file that an editor replaces. */
function watchTree(folder: string, onChange: () => void): void {
  const watched = new Set<string>()
  const look = (path: string) => {
    if (watched.has(path)) return
    watched.add(path)
    watch(path, { signal: stopping.signal }, () => {
      lookBelow(path)
      onChange()
    }).on('error', () => watched.delete(path))
    lookBelow(path)
  }
  const lookBelow = (path: string) => {
    if (!existsSync(path)) return
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) look(join(path, entry.name))
    }
  }
  look(folder)
}

async function spawnServer(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const pretty = process.stdout.isTTY
  const server = spawnChild([...serverFlags, serverMain, 'serve'], { env, pipe: pretty, ipc: true })
  if (pretty) {
    const { default: createPretty } = await import('pino-pretty')
    server.stdout?.pipe(createPretty({
      colorize: true,
      singleLine: true,
      ignore: 'pid,hostname',
      sync: true,
    }))
  }
  server.on('message', (message: { type?: string, url?: string, setupToken?: string }) => {
    if (message.type === 'ready' && message.url) printBanner(dev ? env.PUBLIC_URL! : message.url, message.setupToken)
  })
  return server
}

function printBanner(url: string, setupToken?: string): void {
  const lines = [
    `ClientShare is ready: ${url}`,
    ...(setupToken
      ? [`Set it up here:       ${url}/setup#token=${encodeURIComponent(setupToken)}`, `Set-up token:         ${setupToken}`]
      : []),
    `Its data is in:       ${dataDir}`,
    'Ctrl-C stops it.',
  ]
  console.log(`\n${lines.map(line => `  ${line}`).join('\n')}\n`)
}

function spawnChild(args: string[], options: { env: NodeJS.ProcessEnv, cwd?: string, pipe?: boolean, ipc?: boolean }): ChildProcess {
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: options.env,
    // In a group of its own: Ctrl-C in the terminal then reaches the launcher alone, which stops things in order.
    detached: process.platform !== 'win32',
    stdio: [
      'ignore',
      options.pipe ? 'pipe' : 'inherit',
      'inherit',
      ...(options.ipc
        ? ['ipc' as const]
        : []),
    ],
  })
  children.add(child)
  return child
}

/** @returns the exit code; a signal counts as 1. */
async function endOf(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  children.delete(child)
  return child.exitCode ?? 1
}

async function endChild(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), SERVER_GRACE_MS)
  await endOf(child)
  clearTimeout(late)
}

function listenForStop(): void {
  let since = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping.signal.aborted) {
        since = Date.now()
        console.log('Stopping…')
        stop(new Stop(0))
      }
      else if (Date.now() - since > SAME_KEYSTROKE_MS) {
        for (const child of children) child.kill('SIGKILL')
        void cluster?.stop('immediate')
      }
    })
  }
  // start.mjs holds the other end; when it is killed, nobody could stop us.
  if (process.connected) process.on('disconnect', () => stop(new Stop(0)))
}

function stop(reason: unknown): void {
  stopping.abort(reason)
}

async function stopEverything(): Promise<void> {
  stopping.abort(new Stop(exitCode))
  await Promise.all([...children].map(endChild))
  await cluster?.stop()
  unlock?.()
}

function exitCodeOf(error: unknown): number {
  // Timers and streams wrap the reason of their abort.
  const reason = stopping.signal.aborted ? stopping.signal.reason : error
  if (reason instanceof Stop) return reason.code
  if (reason instanceof LaunchProblem) console.error(`ClientShare: ${reason.message}`)
  else console.error(reason)
  return 1
}
