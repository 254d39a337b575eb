import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { findFreePort } from '../../../scripts/lib/free-port.ts'
import { commandOf, descendantsOf } from './running-server.ts'
import { tellOnFailure, until } from './wait.ts'

const launcher = fileURLToPath(new URL('../../../scripts/launch.ts', import.meta.url))

export interface Launch { child: ChildProcess, output: () => string, exited: Promise<number | null>, /** All that it wrote, and what it started. */ read: Promise<unknown> }

export interface Launches {
  /** Holds the data folder and whatever else a test lays there; goes after the last test. */
  home: () => string
  dataDir: () => string
  port: () => number
  moveToFreePort: () => Promise<number>
  launch: (env?: Record<string, string>) => Launch
  /** Started and ready. */
  launched: (env?: Record<string, string>) => Promise<Launch>
  /** A launch that is to end by itself: its exit code and the lines it wrote. */
  failed: (env: Record<string, string>) => Promise<{ code: number | null, lines: string[] }>
  /** The launcher asked to end, and its exit code. */
  ended: (launch: Launch, signal: NodeJS.Signals) => Promise<number | null>
  isReady: () => Promise<boolean>
  isAnswering: () => Promise<boolean>
  /** Kept across a start, this shows that the cluster is the same. */
  clusterId: () => string
  postmasterFile: () => string
  /** The process id in it. */
  postmaster: () => number
  /** The server below a launcher. */
  serverOf: (launch: Launch) => number
}

/** `npm start` without npm, again and again on one data folder. What a test leaves running is ended after it. */
export function useLaunches(): Launches {
  const launches: Launch[] = []
  let home: string
  let port: number
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'launcher-'))
    port = await findFreePort()
  })
  afterEach(async () => {
    for (const { child, exited } of launches.splice(0)) {
      child.kill('SIGTERM')
      await exited
    }
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const dataDir = () => join(home, 'data')
  const postmasterFile = () => join(dataDir(), 'postgres/data/postmaster.pid')
  const isReady = () => fetch(`http://localhost:${port}/readyz`).then(response => response.status === 200, () => false)

  function launch(env: Record<string, string> = {}): Launch {
    const { DATABASE_URL: _url, SECRET_KEY: _key, SECRET_KEY_FILE: _file, SETUP_TOKEN: _token, ...inherited } = process.env
    const child = spawn(process.execPath, [launcher], {
      env: {
        ...inherited,
        PORT: String(port),
        HOST: 'localhost',
        DATA_DIR: dataDir(),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => text += chunk)
    const started: Launch = {
      child,
      output: () => text,
      exited: once(child, 'exit').then(([code]) => code as number | null),
      read: Promise.all([
        once(child.stdout, 'end'),
        once(child.stderr, 'end'),
      ]),
    }
    launches.push(started)
    tellOnFailure(started.output)
    return started
  }

  return {
    home: () => home,
    dataDir,
    port: () => port,
    async moveToFreePort() {
      port = await findFreePort()
      return port
    },
    launch,
    async launched(env = {}) {
      const started = launch(env)
      await until('the launcher is ready', () => {
        if (started.child.exitCode !== null) throw new Error(`The launcher did not get ready:\n${started.output()}`)
        return started.output().includes('ClientShare is ready')
      })
      return started
    },
    async failed(env) {
      const started = launch(env)
      const code = await started.exited
      await started.read
      return {
        code,
        lines: started.output().trim().split('\n'),
      }
    },
    ended({ child, exited }, signal) {
      child.kill(signal)
      return exited
    },
    isReady,
    isAnswering: () => fetch(`http://localhost:${port}/healthz`).then(() => true, () => false),
    clusterId: () => readFileSync(join(dataDir(), 'postgres/credentials.json'), 'utf8') + readFileSync(join(dataDir(), 'instance.key'), 'utf8'),
    postmasterFile,
    postmaster: () => Number(readFileSync(postmasterFile(), 'utf8').split('\n')[0]),
    serverOf: ({ child }) => descendantsOf(child.pid!).find(pid => commandOf(pid).includes('src/main.ts'))!,
  }
}

/** Command lines of every living process that works in the data folder or below the launcher. */
export function processesOf(folder: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
  return stdout.split('\n').filter(line => line.includes(folder) && !/^\s*\d+\s+Z/.test(line))
}

/** SIGKILL, also to one that has gone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
