import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { findFreePort } from '../../../scripts/lib/free-port.ts'
import { tellOnFailure } from './wait.ts'

const launcher = fileURLToPath(new URL('../../../scripts/launch.ts', import.meta.url))
/** Ends what hangs. */
const START_PATIENCE_MS = 180_000
const SETUP_TOKEN = 'acceptance-set-up-token'

/** The product as `npm start` runs it, in a folder of its own. */
export interface RunningServer {
  url: string
  setupToken: string
  dataDir: string
  output: () => string
  /** Resident memory of the server process itself, in bytes. */
  residentBytes: () => number
  /** Of the server process itself. */
  pid: () => number
  /** Of the server process itself, as `/proc` has it: lines ended by NUL. */
  environment: () => string
  /** SIGKILL to the launcher and everything below it, PostgreSQL included, before it returns: what a power cut leaves of processes. */
  kill: () => Promise<void>
  /** Starts again on the same folder and port. */
  restart: () => Promise<void>
  stop: () => Promise<void>
  /** Stops and removes the folder. */
  dispose: () => Promise<void>
}

/**
 * Starts one: on the local folder, or, with ACCEPTANCE_STORE=s3, in a bucket of its own of the run's MinIO server. With ACCEPTANCE_URL the
 * tests speak to the one that runs there, not set up yet, and ACCEPTANCE_SETUP_TOKEN is its token: only tests that need nothing but its
 * address can run there.
 */
export async function startServer(env: Record<string, string> = {}): Promise<RunningServer> {
  const { ACCEPTANCE_URL: url, ACCEPTANCE_SETUP_TOKEN: token } = process.env
  if (url) return runningAt(url, token ?? SETUP_TOKEN)
  if (process.env.ACCEPTANCE_STORE !== 's3' || env.STORAGE) return startOn(env)
  return startOn({
    ...inject('store'),
    ...env,
  })
}

async function startOn(env: Record<string, string>): Promise<RunningServer> {
  const home = mkdtempSync(join(process.env.ACCEPTANCE_DIR ?? tmpdir(), 'acceptance-'))
  const dataDir = join(home, 'data')
  const port = await findFreePort()
  const bucket = `acceptance-${randomBytes(8).toString('hex')}`
  let child: ChildProcess
  let text = ''

  async function start(): Promise<void> {
    const { DATABASE_URL: _url, SECRET_KEY: _key, SECRET_KEY_FILE: _file, ...inherited } = process.env
    child = spawn(process.execPath, [launcher], {
      env: {
        ...inherited,
        PORT: String(port),
        HOST: 'localhost',
        DATA_DIR: dataDir,
        SETUP_TOKEN,
        LOG_LEVEL: 'warn',
        // With the environment's STORAGE=s3: each server's bytes for themselves, as each has a database of its own.
        S3_BUCKET: bucket,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    text = ''
    known = undefined
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
    const deadline = Date.now() + START_PATIENCE_MS
    while (!text.includes('ClientShare is ready')) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`The server did not get ready:\n${text}`)
      await sleep(50)
    }
  }

  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }

  let known: number | undefined
  const serverPid = () => {
    if (known === undefined || !existsSync(`/proc/${known}`)) known = descendantsOf(child.pid!).find(pid => commandOf(pid).includes('server/src/main.ts'))
    return known
  }

  await start()
  tellOnFailure(() => text)
  return {
    url: `http://localhost:${port}`,
    setupToken: SETUP_TOKEN,
    dataDir,
    output: () => text,
    pid: () => serverPid()!,
    environment: () => readFileSync(`/proc/${serverPid()}/environ`, 'utf8'),
    residentBytes() {
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serverPid()}/status`, 'utf8')) ?? []
      return Number(kilobytes) * 1024
    },
    async kill() {
      const exited = once(child, 'exit')
      // Found first, so that nothing lies between the calls that are cut and the cut.
      const all = [
        child.pid!,
        ...descendantsOf(child.pid!),
      ]
      for (const pid of all) {
        try {
          process.kill(pid, 'SIGKILL')
        }
        catch {} // it may be gone with its parent
      }
      await exited
    },
    restart: start,
    stop,
    async dispose() {
      await stop()
      rmSync(home, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

function runningAt(url: string, setupToken: string): RunningServer {
  const notOurs = (): never => { throw new Error(`The server at ${url} was not started by these tests.`) }
  return {
    url,
    setupToken,
    dataDir: '',
    output: notOurs,
    pid: notOurs,
    environment: notOurs,
    residentBytes: notOurs,
    kill: notOurs,
    restart: notOurs,
    stop: async () => {},
    dispose: async () => {},
  }
}

/** By /proc where there is one: quickly, for clients go on meanwhile. */
export function descendantsOf(pid: number): number[] {
  const childrenOf = existsSync(`/proc/${process.pid}/task/${process.pid}/children`)
    ? childrenByProc
    : childrenByPs()
  const below = (parent: number): number[] => childrenOf(parent).flatMap(child => [
    child,
    ...below(child),
  ])
  return below(pid)
}

function childrenByProc(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(thread => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number))
  }
  catch {
    return []
  }
}

function childrenByPs(): (pid: number) => number[] {
  const pairs = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).stdout.trim().split('\n').map(line => line.trim().split(/\s+/).map(Number) as [number, number])
  return parent => pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid)
}

export const commandOf = (pid: number) => spawnSync('ps', [
  '-o',
  'args=',
  '-p',
  String(pid),
], { encoding: 'utf8' }).stdout
