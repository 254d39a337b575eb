import type { FastifyInstance } from 'fastify'
import type { Socket } from 'node:net'
import type { TestApp } from '../../test/test-app.ts'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../test/database.ts'
import { createUser } from '../../test/factories.ts'
import { isSoak } from '../../test/soak.ts'
import { createTcpProxy } from '../../test/tcp-proxy.ts'
import { createTestApp } from '../../test/test-app.ts'
import { buildApp } from '../app.ts'
import { createDeps } from '../deps.ts'
import { StorageError } from '../storage/storage.ts'
import { logOptions } from './request-log.ts'
import { Nullable } from './schemas.ts'

let test: TestApp
let app: FastifyInstance
const lines: string[] = []
const failures: Record<string, () => unknown> = {
  error: () => { throw new Error('secret at /srv/secret.ts') },
  text: () => { throw 'secret' }, // eslint-disable-line no-throw-literal
  sql: () => test.deps.db.execute(sql`select * from nowhere where secret = ${'secret'}`),
  constraint: () => test.deps.db.execute(sql`insert into audit_events (chain_id, seq, at, action, outcome, actor_kind, subject_kind, via, details, commitments, previous_hash, hash) values (gen_random_uuid(), 1, now(), ${'secret'}, '', '', '', '', '{}', '', '', '')`),
  nul: () => test.deps.db.execute(sql`select ${'secret\0'}::text`),
  range: () => test.deps.db.execute(sql`select ${'99999999999'}::int`),
  gone: () => test.deps.db.execute(sql`select pg_terminate_backend(pg_backend_pid())`),
  full: () => { throw new StorageError('full', 'secret') },
  store: () => { throw new StorageError('unavailable', 'secret') },
  header: () => { throw Object.assign(new Error('secret'), { statusCode: 200 }) },
}

beforeAll(async () => {
  test = await createTestApp({
    env: { BODY_IDLE_SECONDS: '1' },
  })
  app = await buildApp(test.deps, {
    loggerInstance: pino(logOptions('info'), {
      write: (line: string) => { lines.push(line) },
    }),
  })
  for (const [name, fail] of Object.entries(failures)) {
    app.get(`/fail/${name}`, {
      config: { access: 'public' },
    }, async () => fail())
  }
  app.get('/slow', {
    config: { access: 'public' },
  }, () => sleep(300, { done: true }))
  app.post('/checked', {
    config: { access: 'public' },
    schema: {
      body: Type.Object({
        name: Type.String({ maxLength: 100 }),
        limit: Type.Optional(Nullable(Type.Integer({ minimum: 1 }))),
        either: Type.Optional(Type.Union([
          Type.Object({
            a: Type.Integer(),
          }),
          Type.Object({
            b: Type.Integer(),
          }),
        ])),
      }, { additionalProperties: false }),
    },
  }, async () => ({ done: true }))
  await app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await app.close()
  await test.close()
})

/** Sends bytes as they are and reads until the server closes. */
async function raw(bytes: string, to: FastifyInstance = app): Promise<string> {
  const socket = connect((to.server.address() as { port: number }).port, '127.0.0.1')
  onTestFinished(() => { socket.destroy() })
  await once(socket, 'connect')
  socket.write(bytes)
  return text(socket)
}
/** When it is closed, however: what the server resets is closed too. */
function closeOf(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  return new Promise(resolve => socket.once('close', () => resolve()))
}

/** A route that answers when it is told to. */
function addSlowRoute(to: FastifyInstance): { arrived: Promise<void>, answer: () => void } {
  const [arrived, answered] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ]
  to.get('/slow', {
    config: { access: 'public' },
  }, async () => {
    arrived.resolve()
    await answered.promise
    return { done: true }
  })
  return { arrived: arrived.promise, answer: answered.resolve }
}

const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))

describe('a body that is not valid', () => {
  it.each([
    [
      undefined,
      [
        ['', 'must be object'],
      ],
    ],
    [
      [],
      [
        ['', 'must be object'],
      ],
    ],
    [
      {},
      [
        ['/name', 'is required'],
      ],
    ],
    [
      { name: 1 },
      [
        ['/name', 'must be string'],
      ],
    ],
    [
      { name: 'x', more: 1 },
      [
        ['/more', 'is not a known field'],
      ],
    ],
    [
      { name: 'x', limit: 0 },
      [
        ['/limit', 'must be >= 1'],
      ],
    ],
    [
      { name: 'x', limit: 'many' },
      [
        ['/limit', 'must be integer'],
      ],
    ],
    [
      { name: 'x', either: {} },
      [
        ['/either', 'must match a schema in anyOf'],
      ],
    ],
  ])('%j is told by what can be mended', async (payload, expected) => {
    const response = await app.inject({
      method: 'POST',
      url: '/checked',
      headers: { 'content-type': 'application/json' },
      payload: payload && JSON.stringify(payload),
    })
    const { status, code, errors } = response.json() as { status: number, code: string, errors: { pointer: string, detail: string }[] }
    expect([
      status,
      code,
      errors.map(({ pointer, detail }) => [pointer, detail]),
    ]).toEqual([400, 'request.invalid', expected])
  })
})

describe('a failure', () => {
  it.each([
    ['error', 500, 'internal'],
    ['text', 500, 'internal'],
    ['sql', 500, 'internal'],
    ['constraint', 500, 'internal'],
    ['header', 500, 'internal'],
    ['nul', 400, 'request.invalid'],
    ['range', 400, 'request.invalid'],
    ['gone', 503, 'service.unavailable'],
    ['store', 503, 'service.unavailable'],
    ['full', 507, 'storage.full'],
  ])('in %s is a %i that hides everything', async (name, status, code) => {
    lines.length = 0
    const response = await app.inject(`/fail/${name}`)
    expect([response.statusCode, response.json().code]).toEqual([status, code])
    expect(response.headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
    expect(response.headers['retry-after']).toBe(status === 503
      ? '5'
      : undefined)
    expect(response.body).not.toMatch(/secret|nowhere|select|insert|at \//i)
    expect(response.json()).toMatchObject({
      type: 'about:blank',
      status,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    if (status >= 500) expect(lines.some(line => JSON.parse(line).level === 50 && JSON.parse(line).reqId === response.json().requestId)).toBe(true)
    if (['sql', 'constraint', 'nul'].includes(name)) expect(lines.join('')).not.toContain('secret"')
    if (name === 'constraint') expect(lines.join('')).toContain('audit_events_chain_id_audit_chains_id_fk')
  })
})

describe('what is no request', () => {
  it.each([
    [
      'a broken address',
      'GET /%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
      'request.invalid',
    ],
    [
      'a parameter beyond all measure',
      `GET /api/v1/public/links/${'x'.repeat(2000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      414,
      'request.invalid',
    ],
    [
      'no HTTP',
      'hello\r\n\r\n',
      400,
      'request.malformed',
    ],
    [
      'a header without a name',
      'GET / HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n',
      400,
      'request.malformed',
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'request.malformed',
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'request.malformed',
    ],
    [
      'headers beyond all measure',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'request.headers_too_large',
    ],
  ])('(%s) is a problem too', async (_what, bytes, status, code) => {
    const answer = await raw(bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/i)
    expect(answer).toMatch(/\r\ncache-control: no-store\r\n/i)
    expect(bodyOf(answer)).toMatchObject({
      status,
      code,
      requestId: expect.any(String),
    })
  })

  it.each([
    ['headers that never end', 'GET / HTTP/1.1\r\nHost: x\r\nX-A'],
    ['nothing at all', ''],
  ])('(%s) is ended', async (_what, bytes) => {
    const slow = await buildApp(test.deps)
    onTestFinished(() => slow.close())
    slow.server.headersTimeout = 200
    await slow.listen({ port: 0, host: '127.0.0.1' })
    expect(await raw(bytes, slow)).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('(a body refused by its length alone, and never sent) leaves the server running', async () => {
    const socket = connect((app.server.address() as { port: number }).port, '127.0.0.1')
    const closed = closeOf(socket)
    socket.write('POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900000000\r\n\r\n{')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
    await closed
    await sleep(50) // for the server to see it gone: an error nobody hears would end this run
    expect(await raw('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
  })

  it.each([
    ['/api/v1/auth/login', 'application/json'],
    ['/api/v1/auth/login', 'text/plain'],
  ])('(a body that stands still) is ended: %s, %s', async (path, type) => {
    const answer = await raw(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 100\r\n\r\n{"email":`)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
    expect(bodyOf(answer)).toMatchObject({ code: 'request.timeout' })
  })
})

describe('a client that is still sending when it is refused', () => {
  it('gets its answer every time', async () => {
    const { port } = app.server.address() as { port: number }
    const url = `http://127.0.0.1:${port}/api/v1/uploads/01900000-0000-7000-8000-000000000000/parts/1`
    const send = () => fetch(url, {
      method: 'PUT',
      headers: { authorization: 'Bearer wrong' },
      body: new Uint8Array(20_000_000),
    })
    for (let round = 0; round < (isSoak ? 5 : 1); round++) {
      const answers = await Promise.all([
        send(),
        send(),
        send(),
        send(),
      ])
      expect(answers.map(answer => answer.status)).toEqual([401, 401, 401, 401])
      for (const answer of answers) expect(await answer.json()).toMatchObject({ code: 'upload.wrong_token' })
    }
  })

  /** Writes all of it before it reads, on a connection that is to be closed, as simple clients do. */
  async function sendAll(head: string, bytes: number): Promise<{ status: number, code: string }> {
    const { port } = app.server.address() as { port: number }
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => { socket.destroy() })
    await once(socket, 'connect')
    socket.pause()
    const chunked = !/content-length/i.test(head)
    socket.write(`${head}${chunked
      ? '\r\nTransfer-Encoding: chunked'
      : ''}\r\nHost: x\r\nConnection: close\r\n\r\n${chunked
      ? `${bytes.toString(16)}\r\n`
      : ''}`)
    await new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.write(Buffer.alloc(bytes, ' '), error => error
        ? reject(error)
        : resolve(undefined))
    })
    if (chunked) socket.write('\r\n0\r\n\r\n')
    const answer = await text(socket)
    return {
      status: Number(answer.split(' ')[1]),
      code: bodyOf(answer).code,
    }
  }
  const LENGTH = 12_000_000
  const json = 'Content-Type: application/json'
  const sized = `Content-Length: ${LENGTH}`
  it.each([
    ['too large, by its length', `POST /api/v1/auth/login HTTP/1.1\r\n${json}\r\n${sized}`, 413],
    ['too large, as it comes', `POST /api/v1/auth/login HTTP/1.1\r\n${json}`, 413],
    ['nobody’s', `PATCH /api/v1/me HTTP/1.1\r\n${json}\r\n${sized}`, 401],
    ['not theirs to send', `PATCH /api/v1/admin/instance HTTP/1.1\r\nAuthorization: Bearer {token}\r\n${json}\r\n${sized}`, 403],
    ['to nowhere', `POST /api/v1/nothing HTTP/1.1\r\n${json}\r\n${sized}`, 404],
    ['by no method of it', `PUT /api/v1/auth/login HTTP/1.1\r\n${json}\r\n${sized}`, 405],
    ['of another kind', `POST /api/v1/auth/login HTTP/1.1\r\nContent-Type: image/png\r\n${sized}`, 415],
    ['to an address that cannot be read', `POST /%ff HTTP/1.1\r\n${json}\r\n${sized}`, 400],
    ['with two of what there is one of', `POST /api/v1/auth/login HTTP/1.1\r\n${json}\r\n${json}\r\n${sized}`, 400],
    ['no HTTP', `POST /api/v1/auth/login HTTP/1.1\r\n${json}\r\nx: \0\r\n${sized}`, 400],
  ])('reads its answer in every try, when what it sends is %s', async (_what, head, status) => {
    const { token } = await createUser(test)
    // It was lost in a third of tries: of the forty here some.
    for (let round = 0; round < (isSoak ? 8 : 1); round++) {
      const answers = await Promise.all(Array.from({ length: 4 }, () => sendAll(head.replace('{token}', token), LENGTH)))
      expect(answers.map(answer => answer.status)).toEqual(answers.map(() => status))
    }
  })

  it('is cut off when it goes on and on (after 5 s)', async () => {
    const { port } = app.server.address() as { port: number }
    const socket = connect(port, '127.0.0.1')
    const closed = closeOf(socket)
    socket.write(`PUT /api/v1/uploads/01900000-0000-7000-8000-000000000000/parts/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\nContent-Length: 1000000000\r\n\r\n`)
    const drip = setInterval(() => socket.write('x'), 100)
    const [answer] = await once(socket, 'data') as [Buffer]
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /)
    await closed
    clearInterval(drip)
  })
})

describe('without its database', () => {
  it('the server says so, and is well again when the database is', async () => {
    const database = await createTestDatabase()
    const proxy = await createTcpProxy(database.url)
    const deps = await createDeps({
      config: { ...test.config, databaseUrl: proxy.url },
      version: '0',
      log: {
        info: () => {},
        error: () => {},
      },
    })
    const away = await buildApp(deps)
    onTestFinished(async () => {
      await away.close()
      await deps.close()
      await proxy.close()
      await database.drop()
    })
    const ask = async () => {
      const response = await away.inject('/api/v1/public/policies')
      return [response.statusCode, response.json().code, response.headers['retry-after']]
    }
    expect((await ask())[0]).toBe(200)
    for (let round = 0; round < 2; round++) {
      proxy.set('cut')
      expect(await ask()).toEqual([503, 'service.unavailable', '5'])
      expect((await away.inject('/healthz')).statusCode).toBe(200)
      const ready = await away.inject('/readyz')
      expect([ready.statusCode, ready.json().checks, ready.headers['retry-after']]).toEqual([
        503,
        { database: 'unavailable', storage: 'ok' },
        '5',
      ])
      proxy.set('open')
      expect((await ask())[0]).toBe(200)
    }
    const inFlight = away.inject('/api/v1/public/policies')
    proxy.set('cut')
    expect([200, 503]).toContain((await inFlight).statusCode)
  })
})

describe('while it stops', () => {
  it('the server ends what it has begun, and does not wait for the connection to be used again', async () => {
    const stopping = await buildApp(test.deps)
    const slow = addSlowRoute(stopping)
    await stopping.listen({ port: 0, host: '127.0.0.1' })
    const answers = raw('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n', stopping)
    await slow.arrived
    const closed = stopping.close()
    await expect.poll(() => stopping.server.listening).toBe(false)
    slow.answer()
    const [text] = await Promise.all([
      answers,
      closed,
    ])
    expect(text).toMatch(/^HTTP\/1\.1 200 .*\{"done":true\}/s)
  })

  it('a request that still arrives gets a problem', async () => {
    const stopping = await buildApp(test.deps)
    const slow = addSlowRoute(stopping)
    await stopping.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect((stopping.server.address() as { port: number }).port, '127.0.0.1')
    await once(socket, 'connect')
    const answers = text(socket)
    socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await slow.arrived
    const closed = stopping.close()
    await expect.poll(() => stopping.server.listening).toBe(false)
    const second = once(stopping.server, 'request')
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await second
    slow.answer()
    await closed
    const [, refused] = (await answers).split(/(?=HTTP\/1\.1 503)/)
    expect(refused).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: 5\r\n/is)
    expect(bodyOf(refused!)).toMatchObject({ code: 'service.unavailable' })
  })
})
