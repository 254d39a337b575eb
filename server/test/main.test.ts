import type { TestDatabase } from './database.ts'
import type { MainProcess } from './main-process.ts'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { writeStoreIdentity } from '../src/features/identity/store-identity.ts'
import { createLocalStorage } from '../src/storage/local-storage.ts'
import { createTestDatabase } from './database.ts'
import { startMain } from './main-process.ts'

let database: TestDatabase
let dataDir: string
let port: number
beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = mkdtempSync(join(tmpdir(), 'clientshare-main-'))
  const probe = createServer().listen(0, 'localhost')
  await once(probe, 'listening')
  port = (probe.address() as { port: number }).port
  probe.close()
})
afterAll(async () => {
  await database.drop()
  rmSync(dataDir, { recursive: true })
})

const start = ({ env = {}, ipc = true, ...options }: Partial<Parameters<typeof startMain>[0]> = {}) => startMain({
  ...options,
  ipc,
  env: {
    PORT: String(port),
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    SECRET_KEY: randomBytes(32).toString('base64url'),
    WEB_DIR: join(dataDir, 'none'),
    ...env,
  },
})

async function ready(running: MainProcess): Promise<{ url: string, setupToken?: string }> {
  const [message] = await Promise.race([
    once(running.child, 'message'),
    running.ended.then(() => { throw new Error(running.output()) }),
  ])
  expect(message).toMatchObject({ type: 'ready' })
  return message as { url: string, setupToken?: string }
}

/** Without the log, which begins with who speaks. */
const refused = (env: Record<string, string>) => start({
  env: { LOG_LEVEL: 'silent', ...env },
})

describe('a start that cannot be', () => {
  it.each([
    [
      'settings that are wrong, each in one line',
      { PORT: 'x', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://hunter2' },
      78,
      [/PORT must be/, /LOG_LEVEL must be/, /DATABASE_URL/],
    ],
    [
      'a database that does not answer',
      { DATABASE_URL: 'postgres://user:hunter2@localhost:1/none' },
      1,
      [/The database does not answer \(.*ECONNREFUSED.*\)\. Check DATABASE_URL\.$/],
    ],
  ])('tells %s', async (_what, env, code, lines) => {
    const running = refused(env)
    expect(await running.ended).toBe(code)
    const told = running.output().trim().split('\n')
    expect(told).toEqual(lines.map(line => expect.stringMatching(line)))
    expect(running.output()).not.toContain('hunter2')
    expect(told.every(line => line.startsWith('clientshare: '))).toBe(true)
  })

  it('tells that the bytes are elsewhere, and makes no store of its own', async () => {
    const elsewhere = await createTestDatabase()
    onTestFinished(() => elsewhere.drop())
    const client = new pg.Client(elsewhere.url)
    await client.connect()
    await client.query(`insert into instance (storage) values ('s3')`).finally(() => client.end())
    const lost = refused({
      DATABASE_URL: elsewhere.url,
      DATA_DIR: join(dataDir, 'by mistake'),
    })
    expect([
      await lost.ended,
      lost.output(),
    ]).toEqual([78, 'clientshare: The bytes of this deployment are in STORAGE=s3, but this process has STORAGE=local. Set STORAGE=s3, or move them: node server/src/main.ts move-storage --to local\n'])
    expect(existsSync(join(dataDir, 'by mistake'))).toBe(false)
  })

  it('tells that the store is not the database’s own, until it is adopted', async () => {
    const other = await createTestDatabase()
    onTestFinished(() => other.drop())
    const folder = join(dataDir, 'of another')
    const env = { DATABASE_URL: other.url, DATA_DIR: folder }
    const storage = await createLocalStorage({
      root: join(folder, 'storage'),
    })
    await writeStoreIdentity(storage, {
      deployment: randomUUID(),
      usedAt: new Date(),
    })
    await storage.putObject('w/of/another', Readable.from(['bytes']))
    const refused = start({ env })
    expect(await refused.ended).toBe(78)
    expect(refused.output()).toMatch(new RegExp(`clientshare: The store has files of a deployment, but the database is empty: .* Store ${folder}/storage: deployment .* Nothing was changed\\. .* adopt\\n$`))

    const adopted = start({
      env,
      args: ['adopt', '--yes'],
      ipc: false,
    })
    expect([
      await adopted.ended,
      adopted.output(),
    ]).toEqual([
      0,
      expect.stringMatching(/Kept aside: 1 objects .*\nDone: start the servers\.\n/),
    ])
    const running = start({ env })
    await ready(running)
    expect(running.output()).toMatch(/Database .*: deployment [0-9a-f]{8}, 0 workspaces, 0 files, last used .*\n.*Store .*: deployment [0-9a-f]{8}, last used/)
    expect(await storage.statObject('w/of/another')).toEqual({ size: 5 })
    await storage.close()
  })

  it('tells a schema that is too old, a port that is taken', async () => {
    const empty = await createTestDatabase({ empty: true })
    onTestFinished(() => empty.drop())
    const old = refused({ DATABASE_URL: empty.url })
    expect(await old.ended).toBe(78)
    expect(old.output()).toMatch(/^clientshare: The database has an older schema .*\n/)

    const taken = createServer().listen(0, 'localhost')
    await once(taken, 'listening')
    onTestFinished(() => { taken.close() })
    const second = refused({
      PORT: String((taken.address() as { port: number }).port),
    })
    expect([
      await second.ended,
      second.output(),
    ]).toEqual([1, 'clientshare: The port is taken. Set PORT to another one, or stop what uses it.\n'])
  })
})

describe('a running server', () => {
  it('begins its log with which ClientShare it is; tells the set-up token to the launcher, or to whoever reads its errors, and not to the log', async () => {
    const launched = start()
    const { url, setupToken } = await ready(launched)
    expect(url).toBe(`http://localhost:${port}`)
    expect(setupToken).toMatch(/^\S{16,}$/)
    expect(launched.output()).not.toContain(setupToken!)
    launched.child.disconnect()
    expect(await launched.ended).toBe(0)

    const alone = start({
      ipc: false,
      env: { SETUP_TOKEN: 'set-up-hunter2', CLIENTSHARE_COMMIT: 'c0ffee' },
    })
    while (!alone.output().includes('Not set up yet')) await sleep(20)
    expect(alone.output()).toMatch(new RegExp(`^clientshare: Not set up yet\\. Open http://localhost:${port}/setup and enter the token set-up-hunter2$`, 'm'))
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
    expect(JSON.parse(alone.output().split('\n', 1)[0]!)).toMatchObject({ version, commit: 'c0ffee', msg: `ClientShare ${version} (c0ffee)` })
    alone.child.kill('SIGTERM')
    expect(await alone.ended).toBe(0)
    expect(alone.output().split('\n').filter(line => line.startsWith('{')).join('')).not.toContain('hunter2')
  })

  it('ends when nobody knows its state any more, and says why', async () => {
    const running = start({
      node: ['--import', 'data:text/javascript,process.on("SIGUSR2",()=>{Promise.reject(new Error("boom"))})'],
    })
    await ready(running)
    running.child.kill('SIGUSR2')
    expect(await running.ended).toBe(1)
    const last = JSON.parse(running.output().trim().split('\n').at(-1)!)
    expect(last).toMatchObject({
      level: 60,
      err: {
        message: 'boom',
        stack: expect.any(String),
      },
    })
  })

  it('reads the files of policies when it starts and on SIGHUP, and does not end by that', async () => {
    const folder = join(dataDir, 'policies')
    mkdirSync(folder)
    const write = (name: string, text: string) => writeFileSync(join(folder, name), `---\nkind: page\nslug: ${name.slice(0, -3)}\nlanguage: en\ntitle: A page\neffective: 2026-01-01\n---\n${text}\n`)
    write('first.md', 'Hello.')
    write('wrong.md', 'Hello {{nobody}}.')
    const running = start({
      env: { POLICIES_DIR: folder },
    })
    const { url } = await ready(running)
    const shown = async (slug: string) => (await fetch(`${url}/policies/${slug}.md`)).text()
    expect(await shown('first')).toBe('Hello.')
    const logged = () => running.output().split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line))
    expect(logged()).toContainEqual(expect.objectContaining({
      level: 40,
      file: 'wrong.md',
      line: 8,
      says: 'There is no fact {{nobody}}.',
    }))
    write('second.md', 'Later.')
    running.child.kill('SIGHUP')
    await expect.poll(() => shown('second')).toBe('Later.')
    running.child.kill('SIGTERM')
    expect(await running.ended).toBe(0)

    const without = start()
    await ready(without)
    without.child.kill('SIGHUP')
    await expect.poll(without.output).toContain('reading the files of policies')
    without.child.kill('SIGTERM')
    expect(await without.ended).toBe(0)
  })

  it('ends when it is told so while it starts', async () => {
    const [holder, watcher] = [
      new pg.Client(database.url),
      new pg.Client(database.url),
    ]
    for (const client of [holder, watcher]) {
      await client.connect()
      onTestFinished(() => client.end())
    }
    // It asks where the bytes are, and hears of it when this ends.
    await holder.query('begin; lock table instance in access exclusive mode')
    const running = start()
    await expect.poll(async () => (await watcher.query(`select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)).rows[0].count).toBeGreaterThan(0)
    running.child.kill('SIGTERM')
    await holder.query('rollback')
    await running.ended
    expect(running.output()).not.toContain('did not stop in time')
    expect(running.output()).not.toContain('Server listening')
  })

  it('finishes transfers when it is stopped, ends event streams at once, and cuts who does not read (after 8 s)', async () => {
    const running = start()
    const { url, setupToken } = await ready(running)
    const api = async (method: string, path: string, token?: string, body?: unknown) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          ...(token
            ? { authorization: `Bearer ${token}` }
            : {}),
          ...(body === undefined || body instanceof FormData
            ? {}
            : { 'content-type': 'application/json' }),
        },
        body: body === undefined || body instanceof FormData
          ? body as FormData | undefined
          : JSON.stringify(body),
      })
      expect(response.ok, await response.clone().text()).toBe(true)
      return response.json() as Promise<any>
    }
    const { accessToken } = await api('POST', '/setup', undefined, {
      token: setupToken,
      name: 'Operator',
      email: 'operator@example.com',
      password: 'correct horse battery',
      instanceName: 'Test',
    })
    const workspace = await api('POST', '/workspaces', accessToken, { name: 'Work', slug: 'work' })
    const { items: [space] } = await api('GET', `/workspaces/${workspace.id}/spaces`, accessToken)
    const bytes = randomBytes(30_000_000)
    const form = new FormData()
    form.append('file', new Blob([bytes]), 'large.bin')
    const file = await api('POST', `/workspaces/${workspace.id}/files?parentId=${space.rootFolderId}&name=large.bin`, accessToken, form)

    const open = async (path: string) => {
      const request = get(`${url}/api/v1${path}`, {
        headers: { authorization: `Bearer ${accessToken}` },
        agent: false,
      })
      onTestFinished(() => { request.destroy() })
      const [response] = await once(request, 'response')
      response.pause()
      return response as import('node:http').IncomingMessage
    }
    const [events, download, stuck] = await Promise.all([
      open('/me/events'),
      open(`/files/${file.id}/content`),
      open(`/files/${file.id}/content`),
    ])
    let isCut = false
    stuck.on('error', () => {}).on('close', () => { isCut = true })

    running.child.kill('SIGTERM')
    await buffer(events)
    // Not only when what flows is cut, 8 seconds later.
    expect(isCut).toBe(false)
    expect((await buffer(download)).equals(bytes)).toBe(true)
    expect(await running.ended).toBe(0)
    expect(running.output()).not.toContain('did not stop in time')
    expect(running.output()).toContain('transfers still under way were cut')
  })
})
