import type { Instance } from './instance.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../scripts/lib/free-port.ts'

const launcher = fileURLToPath(new URL('../../scripts/launch.ts', import.meta.url))

export interface Launcher extends Instance {
  /** SIGKILL, then a start on the same data: what a crash looks like to a browser. */
  crash: () => Promise<void>
  stop: () => Promise<void>
}

/** What `npm start` runs, with an embedded PostgreSQL and a temporary DATA_DIR; `stop` leaves nothing behind. */
export async function startLauncher(settings: Record<string, string> = {}): Promise<Launcher> {
  const home = mkdtempSync(join(tmpdir(), 'launcher-'))
  const port = await findFreePort()
  const setupToken = 'e2e-set-up-token-of-this-run-alone'

  async function start() {
    const child = spawn(process.execPath, [launcher], {
      env: {
        PATH: process.env.PATH,
        TMPDIR: process.env.TMPDIR,
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        PORT: String(port),
        HOST: 'localhost',
        PUBLIC_URL: `http://localhost:${port}`,
        DATA_DIR: join(home, 'data'),
        SETUP_TOKEN: setupToken,
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const exited = once(child, 'exit')
    let text = ''
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout!, child.stderr!]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
          if (text.includes('ClientShare is ready')) resolve()
        })
      }
      void exited.then(() => reject(new Error(`The server did not get ready:\n${text}`)))
    })
    return { child, exited }
  }

  let running = await start().catch((error) => {
    rmSync(home, { recursive: true, force: true })
    throw error
  })
  return {
    url: `http://localhost:${port}`,
    setupToken,
    async crash() {
      // The launcher dies without a word; the server notices by its channel, PostgreSQL is recovered by the next start.
      running.child.kill('SIGKILL')
      await running.exited
      await untilSilent(port)
      running = await start()
    },
    async stop() {
      running.child.kill('SIGTERM')
      await running.exited
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The next start would find the port taken. */
async function untilSilent(port: number): Promise<void> {
  while (await fetch(`http://localhost:${port}/healthz`).then(() => true, () => false)) await new Promise(resolve => setTimeout(resolve, 50))
}
