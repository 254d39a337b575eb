import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { createHook } from 'node:async_hooks'
import { createHmac, randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, createWorkspace } from '../../../test/factories.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { deriveKey } from '../../http/tokens.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { users } from '../users/users.table.ts'
import { sessions } from './sessions.table.ts'
import { createThrottle, throttleKeys } from './throttle.ts'
import { throttles } from './throttles.table.ts'

const COOKIE = 'clientshare-session'
const PASSWORD = 'drizzle-on-the-tin-roof'

let test: TestApp
let passwordHash: string
beforeAll(async () => {
  test = await createTestApp()
  passwordHash = await hashPassword(PASSWORD)
})
afterAll(() => test.close())

async function createAccount(): Promise<TestUser> {
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash }).where(eq(users.id, user.id))
  return user
}

/** Every test comes from an address of its own, so that failures of one do not slow another. */
let hosts = 0
const login = (email: string, password: string, ip = `198.51.100.${++hosts}`) => test.app.inject({
  method: 'POST',
  url: '/api/v1/auth/login',
  remoteAddress: ip,
  payload: { email, password },
})
const cookieOf = (response: Awaited<ReturnType<typeof login>>) => response.cookies.find(cookie => cookie.name === COOKIE)
const refresh = (token: string | undefined, headers: Record<string, string> = {}, restedSeconds?: number) => test.app.inject({
  method: 'POST',
  url: `/api/v1/auth/refresh${restedSeconds === undefined
    ? ''
    : `?restedSeconds=${restedSeconds}`}`,
  headers,
  cookies: token === undefined
    ? {}
    : { [COOKIE]: token },
})
const eventsAbout = async (userId: string) => (await toldEvents(test, eq(auditEvents.subjectId, userId))).map(event => event.action)

/** What is forgiven with time is not while a slow machine hashes. */
function stopClock(): void {
  test.clock.set(test.clock.now())
  onTestFinished(() => test.clock.set(null))
}

describe('sign-in', () => {
  it('answers a token, sets the cookie and records it', async () => {
    const user = await createAccount()
    const response = await login(user.email.toUpperCase(), PASSWORD)
    expect(response.statusCode).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.json()).toMatchObject({
      expiresIn: 900,
      user: { id: user.id, email: user.email, isOperator: false },
    })
    expect(cookieOf(response)).toMatchObject({
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      // The session’s 30 days, and the week in which it is still told why it has ended.
      maxAge: 37 * 86_400,
    })
    const me = await test.call('GET', '/me', { token: response.json().accessToken })
    expect(me.body).toMatchObject({ id: user.id, memberships: [] })
    expect(await eventsAbout(user.id)).toEqual(['session.started'])
  })

  it('does not tell unknown, disabled, without a password and wrong apart', async () => {
    const [wrong, disabled, bare] = [await createAccount(), await createAccount(), await createUser(test)]
    await test.deps.db.update(users).set({
      disabledAt: new Date(),
    }).where(eq(users.id, disabled.id))
    const answers = [
      await login(wrong.email, 'not-the-password'),
      await login(disabled.email, PASSWORD),
      await login(bare.email, PASSWORD),
      await login('nobody@example.com', PASSWORD),
    ].map((response) => {
      const { requestId, ...body } = response.json()
      expect(requestId).toBeTruthy()
      return { status: response.statusCode, body, cookies: response.cookies }
    })
    expect(answers[0]).toMatchObject({
      status: 401,
      body: { code: 'auth.wrong_credentials' },
      cookies: [],
    })
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await eventsAbout(wrong.id)).toEqual(['session.refused'])
  })

  it('hashes as much for an unknown account as for a wrong password, so that it takes as long', async () => {
    const user = await createAccount()
    let hashes = 0
    const hook = createHook({
      init(_id, type) { if (/^argon2/i.test(type)) hashes++ },
    }).enable()
    onTestFinished(() => { hook.disable() })
    const countOf = async (email: string) => {
      const before = hashes
      await login(email, 'not-the-password')
      return hashes - before
    }
    expect(await countOf(user.email)).toBe(1)
    expect(await countOf('nobody@example.com')).toBe(1)
  })

  it('slows guessing from one source, with Retry-After, and lets the owner in from elsewhere', async () => {
    stopClock()
    const user = await createAccount()
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await login(user.email, `guess-number-${i}`, '203.0.113.5'))
    expect(answers.map(answer => answer.statusCode)).toEqual([401, 401, 401, 401, 401, 429])
    expect(answers[5]!.json().code).toBe('rate.limited')
    expect(Number(answers[5]!.headers['retry-after'])).toBeGreaterThan(0)
    expect((await login(user.email, PASSWORD, '203.0.113.5')).statusCode).toBe(429)
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200)
  })

  it('lets no burst of parallel guesses through', async () => {
    stopClock()
    const user = await createAccount()
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => login(user.email, `guess-number-${i}`, '203.0.113.6')))
    expect(answers.filter(answer => answer.statusCode === 401)).toHaveLength(5)
    expect(answers.filter(answer => answer.statusCode === 429)).toHaveLength(15)
  })

  it('only slows an account under attack from everywhere, and not where its owner is signed in', async () => {
    stopClock()
    const user = await createAccount()
    expect((await login(user.email, PASSWORD, '192.0.2.1')).statusCode).toBe(200)
    const started = await login(user.email, PASSWORD, '192.0.2.2')
    expect(started.statusCode).toBe(200)
    // 55 sources with one failure each, as rows: what counts is the account's own key.
    const throttle = createThrottle({ db: test.deps.db, clock: test.clock.now })
    for (let i = 0; i < 55; i++) await throttle.fail(throttleKeys('login', { subject: user.email, source: `10.0.0.${i}` }))
    const stranger = await login(user.email, PASSWORD, '192.0.2.77')
    expect(stranger.statusCode).toBe(429)
    expect(Number(stranger.headers['retry-after'])).toBeLessThanOrEqual(10)
    expect((await login(user.email, PASSWORD, '192.0.2.2')).statusCode).toBe(200)
  })

  it('counts the guesses in a browser that the person has used by themselves: neither strangers nor the office next door shut it out', async () => {
    stopClock()
    const user = await createAccount()
    const inBrowser = (password: string, device?: string) => test.app.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      remoteAddress: '192.0.2.90',
      headers: { 'sec-fetch-mode': 'cors' },
      cookies: device === undefined
        ? {}
        : { 'clientshare-device': device },
      payload: { email: user.email, password },
    })
    const device = (await inBrowser(PASSWORD)).cookies.find(({ name }) => name === 'clientshare-device')!.value
    for (let i = 0; i < 6; i++) await login(user.email, `guess-number-${i}`, '192.0.2.90')
    expect([
      (await inBrowser(PASSWORD)).statusCode,
      (await inBrowser(PASSWORD, 'x'.repeat(43))).statusCode,
      (await inBrowser(PASSWORD, device)).statusCode,
    ]).toEqual([429, 429, 200])
    const answers = []
    for (let i = 0; i < 6; i++) answers.push((await inBrowser(`guess-number-${i}`, device)).statusCode)
    expect(answers).toEqual([401, 401, 401, 401, 401, 429])
  })
})

describe('refresh', () => {
  const signIn = async () => {
    const user = await createAccount()
    const response = await login(user.email, PASSWORD)
    const token = cookieOf(response)!.value
    return { user, token, accessToken: response.json().accessToken as string }
  }

  it('rotates', async () => {
    const { user, token } = await signIn()
    const response = await refresh(token)
    expect(response.statusCode).toBe(200)
    expect(response.json().user.id).toBe(user.id)
    const next = cookieOf(response)!.value
    expect(next).not.toBe(token)
    expect((await refresh(next)).statusCode).toBe(200)
  })

  it('keeps no token in the database', async () => {
    const { token } = await signIn()
    const next = cookieOf(await refresh(token))!.value
    const rows = JSON.stringify(await test.deps.db.select().from(sessions))
    for (const secret of [token, next]) expect(rows).not.toContain(secret.split('.')[1])
  })

  it('answers the old token of a lost answer with the same new one for 30 seconds', async () => {
    const { token } = await signIn()
    const first = cookieOf(await refresh(token))!.value
    test.clock.advance(29_000)
    const again = await refresh(token)
    expect([again.statusCode, cookieOf(again)!.value]).toEqual([200, first])
    expect((await refresh(first)).statusCode).toBe(200)
  })

  it('takes a rotated token after that for theft: the family ends, and so does the thief', async () => {
    const { user, token, accessToken } = await signIn()
    const next = cookieOf(await refresh(token))!.value
    test.clock.advance(31_000)
    const reuse = await refresh(token)
    expect([reuse.statusCode, reuse.json().code]).toEqual([401, 'auth.unauthenticated'])
    expect((await refresh(next)).statusCode).toBe(401)
    expect((await test.call('GET', '/me', { token: accessToken })).status).toBe(401)
    expect(await eventsAbout(user.id)).toEqual(['session.started', 'session.reuse_detected'])
  })

  it('knows a token of several rotations ago', async () => {
    const { token } = await signIn()
    let newest = token
    for (let i = 0; i < 3; i++) newest = cookieOf(await refresh(newest))!.value
    expect((await refresh(token)).statusCode).toBe(401)
    expect((await refresh(newest)).statusCode).toBe(401)
  })

  it('survives many tabs at once', async () => {
    const { user, token } = await signIn()
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token)))
    expect(new Set(answers.map(answer => answer.statusCode))).toEqual(new Set([200]))
    const cookies = new Set(answers.map(answer => cookieOf(answer)!.value))
    expect(cookies.size).toBe(1)
    expect((await refresh([...cookies][0])).statusCode).toBe(200)
    expect(await eventsAbout(user.id)).toEqual(['session.started'])
  })

  it('ends after 30 days without use, and is renewed by use', async () => {
    const { token } = await signIn()
    test.clock.advance(29 * 86_400_000)
    const next = cookieOf(await refresh(token))!.value
    test.clock.advance(29 * 86_400_000)
    const last = cookieOf(await refresh(next))!.value
    test.clock.advance(30 * 86_400_000)
    const over = await refresh(last)
    expect([over.statusCode, over.json().code, over.json().sessionLimit]).toEqual([
      401,
      'auth.unauthenticated',
      { kind: 'idle', minutes: 30 * 1440 },
    ])
  })

  it.each([
    ['none', undefined],
    ['nonsense', 'nonsense'],
    ['another family', `${randomUUID()}.${'a'.repeat(43)}`],
    [
      'very long',
      'x'.repeat(4000),
    ],
    ['a NUL', 'a%00b'],
  ])('refuses a cookie that is %s', async (_what, token) => {
    const response = await refresh(token)
    expect([response.statusCode, response.json().code]).toEqual([401, 'auth.unauthenticated'])
  })

  it('ends at once for somebody disabled', async () => {
    const { user, token, accessToken } = await signIn()
    await test.deps.db.update(users).set({
      disabledAt: new Date(),
    }).where(eq(users.id, user.id))
    expect((await refresh(token)).statusCode).toBe(401)
    expect((await test.call('GET', '/me', { token: accessToken })).status).toBe(401)
  })

  it.each(['cross-site', 'same-site'])('refuses a %s page, on sign-out too', async (site) => {
    const { token } = await signIn()
    for (const path of ['refresh', 'logout']) {
      const response = await test.app.inject({
        method: 'POST',
        url: `/api/v1/auth/${path}`,
        headers: { 'sec-fetch-site': site },
        cookies: { [COOKIE]: token },
      })
      expect([response.statusCode, response.cookies]).toEqual([403, []])
    }
    expect((await refresh(token, { 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200)
  })
})

describe('sign-out', () => {
  it('ends the session, its access token and its cookie; again it is quiet', async () => {
    const user = await createAccount()
    const response = await login(user.email, PASSWORD)
    const token = cookieOf(response)!.value
    for (let i = 0; i < 2; i++) {
      const out = await test.app.inject({
        method: 'POST',
        url: '/api/v1/auth/logout',
        cookies: { [COOKIE]: token },
      })
      expect([out.statusCode, out.body]).toEqual([204, ''])
      expect(cookieOf(out)).toMatchObject({ value: '' })
    }
    expect((await refresh(token)).statusCode).toBe(401)
    expect((await test.call('GET', '/me', { token: response.json().accessToken })).status).toBe(401)
    expect(await eventsAbout(user.id)).toEqual(['session.started', 'session.ended'])
  })

  it('is quiet without a session', async () => {
    expect((await test.call('POST', '/auth/logout')).status).toBe(204)
  })
})

describe('access tokens', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  function forge(header: object, claims: object, secret: Buffer, hash = 'sha256'): string {
    const signed = `${encode(header)}.${encode(claims)}`
    return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
  }
  let user: TestUser
  beforeAll(async () => { user = await createUser(test) })
  const key = () => deriveKey(test.config.secretKey, 'jwt')
  const hs256 = { alg: 'HS256', typ: 'JWT' }
  const claims = (overrides: object = {}) => {
    const now = Math.floor(test.clock.now().getTime() / 1000)
    return {
      typ: 'access',
      sid: user.sessionId,
      sub: user.id,
      aud: 'clientshare',
      iss: test.config.publicUrl,
      iat: now,
      exp: now + 600,
      ...overrides,
    }
  }

  it('are accepted when all is right', async () => {
    expect((await test.call('GET', '/me', {
      token: forge(hs256, claims(), key()),
    })).status).toBe(200)
  })

  it.each<[string, () => string]>([
    [
      'without a signature',
      () => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims())}.`,
    ],
    [
      'of another algorithm',
      () => forge({ alg: 'HS512', typ: 'JWT' }, claims(), key(), 'sha512'),
    ],
    [
      'that name another algorithm than they use',
      () => forge({ alg: 'RS256', typ: 'JWT' }, claims(), key()),
    ],
    [
      'by another key',
      () => forge(hs256, claims(), Buffer.alloc(32)),
    ],
    [
      'by the instance key itself',
      () => forge(hs256, claims(), Buffer.from(test.config.secretKey)),
    ],
    [
      'changed',
      () => `${forge(hs256, claims(), key()).split('.')[0]}.${encode(claims({
        sub: randomUUID(),
      }))}.${forge(hs256, claims(), key()).split('.')[2]}`,
    ],
    [
      'expired',
      () => forge(hs256, claims({ exp: Math.floor(test.clock.now().getTime() / 1000) - 1 }), key()),
    ],
    [
      'of another issuer',
      () => forge(hs256, claims({ iss: 'https://other.example' }), key()),
    ],
    [
      'for another audience',
      () => forge(hs256, claims({ aud: 'other' }), key()),
    ],
    [
      'for something else',
      () => forge(hs256, claims({ typ: 'refresh' }), key()),
    ],
    ...[
      'exp',
      'sub',
      'aud',
      'iss',
      'typ',
      'sid',
    ].map((name): [string, () => string] => [
      `without ${name}`,
      () => forge(hs256, claims({ [name]: undefined }), key()),
    ]),
    [
      'that are a link grant',
      () => test.app.tokens.signLinkGrant({ linkId: user.id, gateRevision: 1 }),
    ],
    [
      'of a session of somebody else',
      () => test.app.tokens.signAccess({
        userId: user.id,
        sessionId: randomUUID(),
      }),
    ],
    [
      'that are a refresh token',
      () => `${user.sessionId}.${'a'.repeat(43)}`,
    ],
  ])('are refused %s', async (_what, make) => {
    const answer = await test.call('GET', '/me', {
      token: make(),
    })
    expect([answer.status, answer.body.code]).toEqual([401, 'auth.unauthenticated'])
  })
})

describe('me', () => {
  it('lists memberships and changes name and language', async () => {
    const workspace = await createWorkspace(test)
    const { token, id } = workspace.owner
    const me = await test.call('GET', '/me', { token })
    expect(me.body.memberships).toEqual([
      {
        workspaceId: workspace.id,
        slug: workspace.slug,
        name: expect.any(String),
        role: 'owner',
        shutsAt: null,
      },
    ])
    const changed = await test.call('PATCH', '/me', {
      token,
      body: { name: 'Zoë', locale: 'de' },
    })
    expect(changed.body).toMatchObject({ name: 'Zoë', locale: 'de' })
    expect((await test.call('PATCH', '/me', {
      token,
      body: { name: 'Zoë' },
    })).status).toBe(200)
    expect((await test.call('PATCH', '/me', { token, body: {} })).status).toBe(200)
    expect((await test.call('PATCH', '/me', {
      token,
      body: { locale: null },
    })).body.locale).toBeNull()
    expect(await eventsAbout(id)).toEqual(['user.changed', 'user.changed'])
  })

  it.each([
    [
      'an unknown field',
      { isOperator: true },
    ],
    [
      'an empty name',
      { name: '' },
    ],
    [
      'control characters',
      { name: 'a\u0000b' },
    ],
    [
      'an unknown language',
      { locale: 'xx' },
    ],
    [
      'the prototype',
      JSON.parse('{"__proto__":{"isOperator":true}}'),
    ],
  ])('refuses %s', async (_what, body) => {
    const user = await createUser(test)
    expect((await test.call('PATCH', '/me', { token: user.token, body })).status).toBe(400)
  })
})

describe('the clean-up', () => {
  it('removes what is dead and nothing else', async () => {
    const [live, told, expired, revoked] = [
      await createUser(test),
      await createUser(test),
      await createUser(test),
      await createUser(test),
    ]
    const now = test.clock.now()
    await test.deps.db.update(sessions).set({
      expiresAt: new Date(now.getTime() - 7 * 86_400_000 - 1),
    }).where(eq(sessions.id, expired.sessionId))
    await test.deps.db.update(sessions).set({
      expiresAt: new Date(now.getTime() - 6 * 86_400_000),
    }).where(eq(sessions.id, told.sessionId))
    await test.deps.db.update(sessions).set({
      revokedAt: new Date(now.getTime() - 2 * 86_400_000),
    }).where(eq(sessions.id, revoked.sessionId))
    await test.deps.db.insert(throttles).values([
      {
        key: 'old',
        failures: 3,
        lastFailureAt: new Date(now.getTime() - 86_400_001),
      },
      { key: 'young', failures: 3, lastFailureAt: now },
    ])
    await purgeDue(test)
    const kept = (await test.deps.db.select({ id: sessions.id }).from(sessions)).map(row => row.id)
    expect([live, told, expired, revoked].map(user => kept.includes(user.sessionId))).toEqual([true, true, false, false])
    const keys = (await test.deps.db.select({ key: throttles.key }).from(throttles)).map(row => row.key)
    expect([
      keys.includes('old'),
      keys.includes('young'),
    ]).toEqual([false, true])
  })
})
