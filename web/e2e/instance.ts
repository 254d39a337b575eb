import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startCluster } from '../../scripts/embedded-postgres.ts'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { serverFlags } from '../../scripts/lib/server-flags.ts'
import { startRoundRobin } from './round-robin.ts'

/** Real servers on databases of one PostgreSQL, which is thrown away with all that is in it. */
const root = fileURLToPath(new URL('../../', import.meta.url))
/** Set by the global set-up: the server as one file. Else its sources are started, as operators do. */
const BUNDLED_MAIN = 'E2E_BUNDLED_MAIN'
const PORT_ATTEMPTS = 5

/** Where databases may be made, and the migrated one that they are copies of. */
export interface Postgres { url: string, template: string }

export interface Instance {
  /** `http://localhost:<port>` */
  url: string
  setupToken: string
  /** For what no page and no call can bring about; undefined where the launcher keeps it to itself. */
  databaseUrl?: string
}

export interface OwnInstance extends Instance {
  /** SIGKILL, then a start on the same data. */
  crash: () => Promise<void>
  stop: () => Promise<void>
}

export interface Person { name: string, email: string, password: string }

export interface Account extends Person {
  workspaceId: string
  slug: string
}

export async function startPostgres(): Promise<{ postgres: Postgres, stop: () => Promise<void> }> {
  const cluster = await startCluster({
    folder: mkdtempSync(join(tmpdir(), 'postgres-')),
    ephemeral: true,
    maxConnections: 200,
  })
  try {
    const postgres = {
      url: cluster.url(),
      template: 'migrated',
    }
    await query(postgres, `create database ${postgres.template}`)
    const { code, text } = await endOf(spawnServer(['migrate'], {
      DATABASE_URL: databaseUrl(postgres, postgres.template),
    }))
    if (code !== 0) throw new Error(`The database could not be migrated:\n${text}`)
    return {
      postgres,
      stop: () => cluster.stop(),
    }
  }
  catch (error) {
    await cluster.stop()
    throw error
  }
}

/** From here on each server is started from this file: starting one takes a quarter of the processor's time. */
export function useBundle(main: string): void {
  process.env[BUNDLED_MAIN] = main
}

/** Set by the global set-up of a run on two servers: the settings of the store that they share. */
const SHARED_STORE = 'E2E_SHARED_STORE'

/** From here on each instance is two servers on one database and one store, which take turns (`browser on two servers` of the soak). */
export function useTwoServers(store: Record<string, string>): void {
  process.env[SHARED_STORE] = JSON.stringify(store)
}

/** A server with a database and a folder of its own, not set up; `stop` leaves neither process nor folder. */
export async function startInstance(postgres: Postgres, settings: Record<string, string> = {}): Promise<OwnInstance> {
  const store = process.env[SHARED_STORE]
  return store
    ? startTwoServers(postgres, {
        ...JSON.parse(store) as Record<string, string>,
        S3_BUCKET: `e2e-${randomBytes(8).toString('hex')}`,
        ...settings,
      })
    : startServer(postgres, settings)
}

/** Both stand behind the address that people know. One that is killed leaves the other: no test of that runs here. */
async function startTwoServers(postgres: Postgres, settings: Record<string, string>): Promise<OwnInstance> {
  const port = await findFreePort()
  const url = `http://localhost:${port}`
  const first = await startServer(postgres, { ...settings, PUBLIC_URL: url })
  const second = await startServer(postgres, { ...settings, PUBLIC_URL: url, DATABASE_URL: first.databaseUrl! }).catch(async (error) => {
    await first.stop()
    throw error
  })
  const proxy = await startRoundRobin(port, [first, second].map(server => Number(new URL(server.url).port)))
  return {
    ...first,
    url,
    crash: () => { throw new Error('There are two servers: none is killed.') },
    async stop() {
      await proxy.stop()
      await Promise.all([
        first.stop(),
        second.stop(),
      ])
    },
  }
}

async function startServer(postgres: Postgres, settings: Record<string, string> = {}): Promise<OwnInstance> {
  const home = mkdtempSync(join(tmpdir(), 'instance-'))
  const database = `e2e_${home.slice(-6).toLowerCase()}`
  const setupToken = 'e2e-set-up-token-of-this-run-alone'
  if (!settings.DATABASE_URL) await query(postgres, `create database "${database}" template ${postgres.template}`)
  let port = await findFreePort()
  const start = async () => {
    const child = spawnServer(['serve'], {
      DATABASE_URL: databaseUrl(postgres, database),
      DATA_DIR: join(home, 'data'),
      SECRET_KEY: 'the instance key of a test, thrown away with it',
      SETUP_TOKEN: setupToken,
      // Not `localhost`: that may be one address or two, and a test visits the server by another name than its own.
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: `http://localhost:${port}`,
      ...settings,
    })
    const ended = endOf(child)
    const outcome = await Promise.race([
      once(child, 'message'),
      ended,
    ])
    if (Array.isArray(outcome)) return { child, ended }
    throw new Error(`The server did not get ready:\n${outcome.text}`)
  }
  const startAnywhere = async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await start()
      }
      catch (error) {
        // Somebody else was given it meanwhile.
        if (attempt === PORT_ATTEMPTS || !/port is taken/i.test(String(error))) throw error
        port = await findFreePort()
      }
    }
  }
  let running = await startAnywhere().catch((error) => {
    rmSync(home, { recursive: true, force: true })
    throw error
  })
  return {
    url: `http://localhost:${port}`,
    setupToken,
    databaseUrl: settings.DATABASE_URL ?? databaseUrl(postgres, database),
    async crash() {
      running.child.kill('SIGKILL')
      await running.ended
      running = await start()
    },
    async stop() {
      running.child.kill('SIGTERM')
      await running.ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Nothing of this environment but the way to its programs. It ends when its channel does, however we end. */
function spawnServer(args: string[], settings: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [
    ...serverFlags,
    process.env[BUNDLED_MAIN] ?? join(root, 'server/src/main.ts'),
    ...args,
  ], {
    env: {
      PATH: process.env.PATH,
      TMPDIR: process.env.TMPDIR,
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'),
      LOG_LEVEL: 'warn',
      SECRET_KEY: 'nothing is signed with this one at all',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}

/** Resolves when it has ended: its exit code, and all that it wrote. */
async function endOf(child: ChildProcess): Promise<{ code: number | null, text: string }> {
  let text = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  await once(child, 'close')
  return { code: child.exitCode, text }
}

function databaseUrl({ url }: Postgres, name: string): string {
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}

async function query({ url }: Postgres, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

/** Calls the API as a program does, without the browser: for what a test needs but does not test. */
export async function callApi<T = Record<string, any>>(instance: Instance, method: string, path: string, body?: unknown, token?: string): Promise<T> {
  const response = await fetch(`${instance.url}/api/v1${path}`, {
    method,
    headers: {
      ...(body === undefined || body instanceof FormData
        ? {}
        : { 'content-type': 'application/json' }),
      ...(token
        ? { authorization: `Bearer ${token}` }
        : {}),
    },
    body: body === undefined || body instanceof FormData
      ? body
      : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw Object.assign(new Error(`${method} ${path}: ${response.status} ${text}`), { status: response.status })
  return (text
    ? JSON.parse(text)
    : undefined) as T
}

export type Api = <T = Record<string, any>>(method: string, path: string, body?: unknown) => Promise<T>

/** The API as somebody with an account; signs in, and again when that has run out; shows once more who it is where a dangerous act asks. */
export function apiOf(instance: Instance, { email, password }: Pick<Person, 'email' | 'password'>): Api {
  let token: string | undefined
  const signIn = async () => (await callApi<{ accessToken: string }>(instance, 'POST', '/auth/login', { email, password })).accessToken
  return async (method, path, body) => {
    token ??= await signIn()
    try {
      return await callApi(instance, method, path, body, token)
    }
    catch (error) {
      const { status, message } = error as Error & { status?: number }
      if (message.includes('auth.step_up_required')) await callApi(instance, 'POST', '/me/step-up', { password }, token)
      else if (status === 401) token = await signIn()
      else throw error
      return callApi(instance, method, path, body, token)
    }
  }
}

/** Does what the wizard does, by the API: the first operator. */
export async function setUpInstance(instance: Instance, person: Person): Promise<void> {
  await callApi(instance, 'POST', '/setup', {
    token: instance.setupToken,
    instanceName: 'Northwind files',
    ...person,
  })
}

/** A new workspace whose only owner is a new person; the operator, who makes it, leaves it again. */
export async function makeAccount(instance: Instance, operator: Api, slug: string): Promise<Account> {
  const person = { name: 'Robin Keller', email: `robin@${slug}.example`, password: 'a long walk by the canal' }
  const { id } = await operator<{ id: string }>('POST', '/workspaces', { name: 'Northwind', slug })
  const { url } = await operator<{ url: string }>('POST', `/workspaces/${id}/invitations`, { role: 'owner' })
  await callApi(instance, 'POST', `/public/invitations/${url.split('/').at(-1)}/accept`, person)
  const { items } = await operator<{ items: { id: string, isYou: boolean }[] }>('GET', `/workspaces/${id}/members`)
  await operator('DELETE', `/workspaces/${id}/members/${items.find(({ isYou }) => isYou)!.id}`)
  return { ...person, workspaceId: id, slug }
}
