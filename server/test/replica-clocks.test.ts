import type { TestUser, TestWorkspace } from './factories.ts'
import type { MainProcess } from './main-process.ts'
import type { TestApp } from './test-app.ts'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashPassword } from '../src/crypto/passwords.ts'
import { links } from '../src/features/links/links.table.ts'
import { users } from '../src/features/users/users.table.ts'
import { createFile, createWorkspace } from './factories.ts'
import { fakeTime } from './faketime.ts'
import { startMain } from './main-process.ts'
import { createTestApp } from './test-app.ts'

const HOUR = 3_600_000
const PASSWORD = 'correct horse battery'
const at = fakeTime()

interface Replica { name: string, url: string, process: MainProcess }
interface Answer { status: number, headers: Headers, body: any }

/** Two real servers whose machines are two hours ahead and two hours behind, and this process, whose clock is right. */
describe.skipIf(!at)('replicas whose machines do not agree about the time', () => {
  let test: TestApp
  let workspace: TestWorkspace
  let owner: TestUser
  let fileId: string
  let ahead: Replica
  let behind: Replica
  const both = () => [ahead, behind]

  beforeAll(async () => {
    test = await createTestApp({
      env: { STORAGE: 'local' },
    })
    ahead = await start('ahead', '+2h')
    behind = await start('behind', '-2h')
    workspace = await createWorkspace(test)
    owner = workspace.owner
    await test.deps.db.update(users).set({ passwordHash: await hashPassword(PASSWORD) }).where(eq(users.id, owner.id))
    fileId = (await createFile(test, workspace, { name: 'Report.pdf', content: 'the report' })).id
  })
  afterAll(async () => {
    for (const replica of [ahead, behind]) {
      replica?.process.child.kill('SIGTERM')
      await replica?.process.ended
    }
    await test?.close()
  })

  async function start(name: string, offset: string): Promise<Replica> {
    const probe = createServer().listen(0, 'localhost')
    await once(probe, 'listening')
    const { port } = probe.address() as { port: number }
    probe.close()
    await once(probe, 'close')
    const process = startMain({
      ipc: true,
      env: {
        ...at!(offset),
        PORT: String(port),
        DATA_DIR: test.config.dataDir,
        DATABASE_URL: test.config.databaseUrl,
        STORAGE: 'local',
        SECRET_KEY: test.config.secretKey,
        PUBLIC_URL: test.config.publicUrl,
        WEB_DIR: '/nonexistent',
        PROCESS_MODE: 'web',
        LOG_LEVEL: 'error',
      },
      keep: true,
    })
    await Promise.race([
      once(process.child, 'message'),
      process.ended.then(() => { throw new Error(process.output()) }),
    ])
    return { name, url: `http://localhost:${port}/api/v1`, process }
  }

  async function ask(replica: Replica, method: string, path: string, { token, body, headers = {} }: { token?: string, body?: object, headers?: Record<string, string> } = {}): Promise<Answer> {
    const response = await fetch(replica.url + path, {
      method,
      headers: {
        ...headers,
        ...token && { authorization: `Bearer ${token}` },
        ...body && { 'content-type': 'application/json' },
      },
      body: body && JSON.stringify(body),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: /json/.test(response.headers.get('content-type') ?? '')
        ? JSON.parse(text)
        : text,
    }
  }
  const statuses = async (ask: (replica: Replica) => Promise<Answer>) => [
    (await ask(ahead)).status,
    (await ask(behind)).status,
  ]
  const run = (statement: ReturnType<typeof sql>) => test.deps.db.execute(statement)
  const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { iat: number, exp: number }

  async function createLink(replica: Replica, input: object = {}): Promise<{ id: string, token: string }> {
    const { status, body } = await ask(replica, 'POST', `/workspaces/${workspace.id}/links`, {
      token: owner.token,
      body: {
        itemIds: [fileId],
        ...input,
      },
    })
    expect([status, body.detail]).toEqual([201, undefined])
    return {
      id: body.id,
      token: body.url.split('/').at(-1),
    }
  }

  it('believe what they are told, and say so', async () => {
    const told = await Promise.all(both().map(async replica => Math.round((Date.parse((await ask(replica, 'GET', '/instance')).headers.get('date')!) - Date.now()) / HOUR)))
    expect(told).toEqual([2, -2])
    expect(ahead.process.output()).toMatch(/The clock of this machine is 2 hours ahead of the database’s/)
    expect(behind.process.output()).toMatch(/The clock of this machine is 2 hours behind the database’s/)
  })

  it('agree about who is signed in, for how long, and whose cookie was stolen', async () => {
    const cookieOf = (answer: Answer) => answer.headers.getSetCookie()[0]!.split(';')[0]!
    const refresh = (replica: Replica, cookie: string) => ask(replica, 'POST', '/auth/refresh', {
      headers: { cookie },
    })
    for (const [one, other] of [
      [ahead, behind],
      [behind, ahead],
    ] as const) {
      const login = await ask(one, 'POST', '/auth/login', {
        body: { email: owner.email, password: PASSWORD },
      })
      expect([login.status, login.body.detail]).toEqual([200, undefined])
      const { iat, exp } = claimsOf(login.body.accessToken)
      expect(Math.abs(iat * 1000 - Date.now())).toBeLessThan(HOUR)
      expect(exp - iat).toBe(900)
      expect((await ask(other, 'GET', '/me', { token: login.body.accessToken })).status).toBe(200)

      const first = cookieOf(login)
      const rotated = await refresh(other, first)
      expect(rotated.status).toBe(200)
      // Two tabs: a moment later the old one still counts, on each of them.
      await run(sql`update sessions set rotated_at = clock_timestamp()`)
      expect(cookieOf(await refresh(one, first))).toBe(cookieOf(rotated))
      expect(await statuses(replica => refresh(replica, first))).toEqual([200, 200])
      // An hour later it was stolen, and the thief has it.
      await run(sql`update sessions set rotated_at = clock_timestamp() - interval '1 hour'`)
      expect((await refresh(other, first)).status).toBe(401)
      expect((await refresh(one, cookieOf(rotated))).status).toBe(401)

      const second = await ask(one, 'POST', '/auth/login', {
        body: { email: owner.email, password: PASSWORD },
      })
      await run(sql`update sessions set expires_at = clock_timestamp() - interval '1 hour' where revoked_at is null and id <> ${owner.sessionId}`)
      expect((await refresh(other, cookieOf(second))).status).toBe(401)
    }
    test.clock.advance(-HOUR)
    const old = owner.token
    test.clock.advance(HOUR)
    expect(await statuses(replica => ask(replica, 'GET', '/me', { token: old }))).toEqual([401, 401])
    expect(await statuses(replica => ask(replica, 'GET', '/me', { token: owner.token }))).toEqual([200, 200])
  })

  it('agree about who guessed too often, and until when', async () => {
    const guess = (replica: Replica) => ask(replica, 'POST', '/auth/login', {
      body: { email: owner.email, password: 'wrong' },
    })
    expect(await statuses(guess)).toEqual([401, 401])
    await run(sql`update throttles set blocked_until = clock_timestamp() + interval '1 hour'`)
    for (const replica of both()) {
      const { status, headers } = await guess(replica)
      expect(status).toBe(429)
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(3600)
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(1800)
    }
    await run(sql`update throttles set blocked_until = clock_timestamp() - interval '1 hour'`)
    expect(await statuses(guess)).toEqual([401, 401])
    await run(sql`delete from throttles`)
  })

  it('agree about which links are open, and who has shown the password', async () => {
    for (const maker of both()) {
      const link = await createLink(maker, {
        expiresAt: new Date(Date.now() + HOUR).toISOString(),
        password: 'between us',
      })
      const show = (replica: Replica, grant?: string) => ask(replica, 'GET', `/public/links/${link.token}`, grant === undefined
        ? {}
        : {
            headers: { 'x-link-grant': grant },
          })
      expect(await statuses(show)).toEqual([401, 401])
      const unlocked = await ask(maker, 'POST', `/public/links/${link.token}/unlock`, {
        body: { password: 'between us' },
      })
      for (const replica of both()) expect((await show(replica, unlocked.body.grant)).status).toBe(200)
      test.clock.advance(-2 * HOUR)
      const old = test.app.tokens.signLinkGrant({ linkId: link.id, gateRevision: 1 })
      test.clock.advance(2 * HOUR)
      for (const replica of both()) expect((await show(replica, old)).status).toBe(401)

      await test.deps.db.update(links).set({
        expiresAt: new Date(Date.now() - HOUR),
      }).where(eq(links.id, link.id))
      expect(await statuses(show)).toEqual([404, 404])
      await run(sql`delete from throttles`)
    }
  })

  it('agree about what was downloaded, and whose ticket is good', async () => {
    for (const [one, other] of [
      [ahead, behind],
      [behind, ahead],
    ] as const) {
      const link = await createLink(one, { maxDownloads: 1 })
      const claim = (replica: Replica) => ask(replica, 'POST', `/public/links/${link.token}/download`)
      const claimed = await claim(one)
      expect(claimed.status).toBe(200)
      expect((await claim(other)).status).not.toBe(200)
      const ticket = new URL(claimed.body.url).pathname.replace('/api/v1', '')
      const headers = { cookie: claimed.headers.getSetCookie()[0]!.split(';')[0]! }
      expect((await ask(other, 'GET', ticket, {
        headers: { ...headers, range: 'bytes=0-3' },
      })).body).toBe('the ')
      expect((await ask(one, 'GET', ticket, {
        headers: { ...headers, range: 'bytes=4-7' },
      })).body).toBe('repo')
      await run(sql`update download_tickets set expires_at = clock_timestamp() - interval '1 hour'`)
      expect(await statuses(replica => ask(replica, 'GET', ticket, { headers }))).toEqual([404, 404])
    }
  })

  it('do once what is asked of both with one key', async () => {
    const create = (replica: Replica, key: string) => ask(replica, 'POST', `/workspaces/${workspace.id}/folders`, {
      token: owner.token,
      headers: { 'idempotency-key': key },
      body: { parentId: workspace.rootId, name: key },
    })
    for (const [one, other] of [
      [ahead, behind],
      [behind, ahead],
    ] as const) {
      const made = await create(one, one.name)
      expect([made.status, made.body.detail]).toEqual([201, undefined])
      const again = await create(other, one.name)
      expect([
        again.body.id,
        again.headers.get('idempotency-replayed'),
      ]).toEqual([made.body.id, 'true'])
    }
  })
})
