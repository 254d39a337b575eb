import type { ChildProcess } from 'node:child_process'
import type { Guard } from '../../scripts/postgres/guard.ts'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { createGuard } from '../../scripts/postgres/guard.ts'

/** A real MinIO server, the program that MINIO_BINARY names. Absent: tests that need one are skipped, and `npm test` says so. */
export const minioBinary = process.env.MINIO_BINARY && existsSync(process.env.MINIO_BINARY)
  ? process.env.MINIO_BINARY
  : undefined

export interface Minio {
  /** http://127.0.0.1:port */
  endpoint: string
  port: number
  /** The root's. */
  accessKey: string
  secretKey: string
  folder: string
  /** What it wrote, for a failing test. */
  output: () => string
  /** Asks it to end and waits; it can be started again. */
  stop: () => Promise<void>
  /** Ends it as a power cut does. */
  kill: () => Promise<void>
  /** Stops it if it runs, and starts it on the same port and folder. */
  restart: () => Promise<void>
  /** Ends it for good; a folder that was made for it goes with it. */
  dispose: () => Promise<void>
}

const START_PATIENCE_MS = 120_000

/** Starts a MinIO server of one drive and waits until it takes requests. It does not outlive this process. */
export async function startMinio(options: { port?: number, folder?: string, env?: Record<string, string> } = {}): Promise<Minio> {
  if (!minioBinary) throw new Error('MINIO_BINARY names no program')
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'clientshare-minio-'))
  const guard = createGuard(options.folder === undefined
    ? folder
    : undefined)
  const port = options.port ?? await findFreePort()
  const accessKey = `root${randomBytes(6).toString('hex')}`
  const secretKey = randomBytes(18).toString('base64url')
  const endpoint = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let text = ''

  async function start(): Promise<void> {
    child = spawn(minioBinary!, [
      'server',
      '--quiet',
      '--address',
      `127.0.0.1:${port}`,
      folder,
    ], {
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        MINIO_ROOT_USER: accessKey,
        MINIO_ROOT_PASSWORD: secretKey,
        MINIO_BROWSER: 'off',
        MINIO_CI_CD: 'on', // a drive that is not a mount of its own will do
        GOMEMLIMIT: '512MiB',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (chunk: string) => { text = (text + chunk).slice(-20_000) })
    watch(guard, child)
    await ready(child)
  }

  async function ready(server: ChildProcess): Promise<void> {
    const until = Date.now() + START_PATIENCE_MS
    while (Date.now() < until && server.exitCode === null && server.signalCode === null) {
      const answer = await fetch(`${endpoint}/minio/health/cluster`, {
        signal: AbortSignal.timeout(2000),
        headers: { connection: 'close' },
      }).catch(() => undefined)
      if (answer?.ok) return
      await sleep(50)
    }
    await end('SIGKILL')
    throw new Error(`MinIO did not start: ${text}`)
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const over = once(ending, 'exit')
    ending.kill(signal)
    const impatience = setTimeout(() => ending.kill('SIGKILL'), 10_000)
    await over
    clearTimeout(impatience)
  }

  const minio: Minio = {
    endpoint,
    port,
    accessKey,
    secretKey,
    folder,
    output: () => text,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      await start()
    },
    async dispose() {
      await end('SIGKILL')
      guard.release()
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await start()
    return minio
  }
  catch (error) {
    await minio.dispose()
    throw error
  }
}

function watch(guard: Guard, child: ChildProcess): void {
  if (child.pid !== undefined) guard.watch(child.pid)
}

/** The settings of a server that keeps its bytes there, reached at `endpoint`. */
export function s3Env({ accessKey, secretKey }: Pick<Minio, 'accessKey' | 'secretKey'>, endpoint: string): Record<string, string> {
  return {
    STORAGE: 's3',
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY: accessKey,
    S3_SECRET_KEY: secretKey,
  }
}
