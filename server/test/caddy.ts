import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { createGuard } from '../../scripts/postgres/guard.ts'

/** A real Caddy: the program that CADDY_BINARY names, or the one on the PATH. Absent: tests that need it are skipped, and `npm test` says so. */
export const caddyBinary = [process.env.CADDY_BINARY || 'caddy'].find(binary => spawnSync(binary, ['version']).status === 0)

export interface Caddy {
  port: number
  /** The same site at https://localhost. */
  tlsPort: number
  /** `storeAddress` at https://localhost. */
  storeTlsPort: number
  /** PEM of the authority that signed for both. */
  authority: string
  /** What it logged. */
  output: () => string
  stop: () => Promise<void>
}

const START_PATIENCE_MS = 20_000

interface Running { home: string, output: () => string, stop: () => Promise<void> }

/** Starts Caddy with the Caddyfile that `prepare` names, given a folder of its own. It does not outlive this process. */
async function runCaddy(port: number, prepare: (home: string) => { config: string, env: Record<string, string> }): Promise<Running> {
  if (!caddyBinary) throw new Error('there is no Caddy')
  const home = mkdtempSync(join(tmpdir(), 'clientshare-caddy-'))
  const guard = createGuard(home)
  const { config, env } = prepare(home)
  const child = spawn(caddyBinary, [
    'run',
    '--adapter',
    'caddyfile',
    '--config',
    config,
  ], {
    env: {
      HOME: home,
      XDG_DATA_HOME: home,
      XDG_CONFIG_HOME: home,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const over = once(child, 'exit')
  if (child.pid !== undefined) guard.watch(child.pid)
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => { text = (text + chunk).slice(-500_000) })

  async function stop(): Promise<void> {
    child.kill('SIGKILL')
    await over
    guard.release()
    rmSync(home, { recursive: true, force: true })
  }
  const until = Date.now() + START_PATIENCE_MS
  while (!await answers(port)) {
    if (Date.now() > until || child.exitCode !== null) {
      await stop()
      throw new Error(`Caddy did not start: ${text}`)
    }
    await sleep(25)
  }
  return {
    home,
    output: () => text,
    stop,
  }
}

const authorityIn = (home: string) => join(home, 'caddy/pki/authorities/local/root.crt')

/** Caddy with downloads.Caddyfile in front of a server on this host. */
export async function startCaddy({ serverPort, downloadsRoot, storeAddress }: { serverPort: number, downloadsRoot: string, storeAddress?: string }): Promise<Caddy> {
  const [port, tlsPort, storeTlsPort] = [await findFreePort(), await findFreePort(), await findFreePort()]
  const { home, output, stop } = await runCaddy(port, home => ({
    config: fileURLToPath(new URL('downloads.Caddyfile', import.meta.url)),
    env: {
      CADDY_PORT: String(port),
      CADDY_TLS_PORT: String(tlsPort),
      STORE_TLS_PORT: String(storeTlsPort),
      SSL_CERT_FILE: authorityIn(home),
      ...(storeAddress === undefined
        ? {}
        : { STORE_ADDRESS: storeAddress }),
      SERVER_PORT: String(serverPort),
      DOWNLOADS_ROOT: downloadsRoot,
    },
  }))
  return {
    port,
    tlsPort,
    storeTlsPort,
    authority: readFileSync(authorityIn(home), 'utf8'),
    output,
    stop,
  }
}

export interface SiteOptions {
  serverPort: number
  webDir: string
  /** The port of a name server on this host that knows where the servers are; without: one server, on this host. */
  namesPort?: number
  /** More of its environment. */
  env?: Record<string, string>
}

/** The site of the compose file itself (docker/Caddyfile), with the web app of a folder, in front of servers on this host. */
export async function startSite({ serverPort, webDir, namesPort, env = {} }: SiteOptions): Promise<{ port: number, output: () => string, stop: () => Promise<void> }> {
  const [port, healthPort] = [await findFreePort(), await findFreePort()]
  const { output, stop } = await runCaddy(port, (home) => {
    const config = join(home, 'site')
    cpSync(fileURLToPath(new URL('../../docker', import.meta.url)), config, { recursive: true })
    const file = join(config, 'Caddyfile')
    let site = readFileSync(file, 'utf8')
      .replace('127.0.0.1:2080', `127.0.0.1:${healthPort}`)
      .replace('/srv/web', webDir)
      .replaceAll('output stdout', 'output stderr')
    if (namesPort !== undefined) site = site.replaceAll('refresh 1s', `refresh 1s\nresolvers udp/127.0.0.1:${namesPort}`)
    writeFileSync(file, site)
    return {
      config: file,
      env: {
        SITE_ADDRESS: `http://127.0.0.1:${port}`,
        SERVER_HOST: namesPort === undefined
          ? '127.0.0.1'
          : 'server.example',
        SERVER_PORT: String(serverPort),
        ...env,
      },
    }
  })
  return { port, output, stop }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    }).once('error', () => resolve(false))
  })
}
