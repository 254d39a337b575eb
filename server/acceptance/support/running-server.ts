import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../../../scripts/launch.ts', import.meta.url))
const SETUP_TOKEN = 'acceptance-set-up-token'

/** The product as `npm start` runs it, in a folder of its own. */
export interface RunningServer {
  url: string
  setupToken: string
  dataDir: string
  output: () => string
  /** Resident memory of the server process itself, in bytes. */
  residentBytes: () => number
  /** Of the server process itself, as `/proc` has it: lines ended by NUL. */
  environment: () => string
  /** SIGKILL to the launcher and everything below it, PostgreSQL included: what a power cut leaves of processes. */
  kill: () => Promise<void>
  /** Starts again on the same folder and port. */
  restart: () => Promise<void>
  stop: () => Promise<void>
  /** Stops and removes the folder. */
  dispose: () => Promise<void>
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Starts one. With ACCEPTANCE_URL the tests speak to the one that runs there, not set up yet, and ACCEPTANCE_SETUP_TOKEN is its token: only
 * tests that need nothing but its address can run there.
 */
export async function startServer(env: Record<string, string> = {}): Promise<RunningServer> {
  const { ACCEPTANCE_URL: url, ACCEPTANCE_SETUP_TOKEN: token } = process.env
  if (url) return runningAt(url, token ?? SETUP_TOKEN)
  const home = mkdtempSync(join(process.env.ACCEPTANCE_DIR ?? tmpdir(), 'clientshare-acceptance-'))
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
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
    const deadline = Date.now() + 60_000
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

  const serverPid = () => descendantsOf(child.pid!).find(pid => commandOf(pid).includes('server/src/main.ts'))

  await start()
  return {
    url: `http://localhost:${port}`,
    setupToken: SETUP_TOKEN,
    dataDir,
    output: () => text,
    environment: () => readFileSync(`/proc/${serverPid()}/environ`, 'utf8'),
    residentBytes() {
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serverPid()}/status`, 'utf8')) ?? []
      return Number(kilobytes) * 1024
    },
    async kill() {
      const exited = once(child, 'exit')
      for (const pid of [
        child.pid!,
        ...descendantsOf(child.pid!),
      ]) {
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
    environment: notOurs,
    residentBytes: notOurs,
    kill: notOurs,
    restart: notOurs,
    stop: async () => {},
    dispose: async () => {},
  }
}

function descendantsOf(pid: number): number[] {
  const pairs = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).stdout.trim().split('\n').map(line => line.trim().split(/\s+/).map(Number))
  const below = (parent: number): number[] => pairs.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [
    child!,
    ...below(child!),
  ])
  return below(pid)
}

const commandOf = (pid: number) => spawnSync('ps', [
  '-o',
  'args=',
  '-p',
  String(pid),
], { encoding: 'utf8' }).stdout
