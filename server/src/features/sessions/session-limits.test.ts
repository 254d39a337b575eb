import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createUser } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { sessions } from '../auth/sessions.table.ts'
import { users } from '../users/users.table.ts'
import { endOfSession } from './sessions.policy.ts'

const COOKIE = 'clientshare-session'
const PASSWORD = 'drizzle-on-the-tin-roof'
const MINUTE = 60_000

let test: TestApp
let passwordHash: string
const begin = new Date('2026-03-02T08:00:00Z')

beforeAll(async () => {
  test = await createTestApp()
  test.clock.set(begin)
  passwordHash = await hashPassword(PASSWORD)
})
beforeEach(async () => {
  test.clock.set(begin)
  expect((await setLimits({ sessionIdleMinutes: 30 * 1440, sessionTotalMinutes: null })).status).toBe(200)
})
afterAll(() => test.close())

/** By a session of the operator's own each time: their others end like anybody's. */
async function setLimits(body: { sessionIdleMinutes?: number, sessionTotalMinutes?: number | null }) {
  const { token } = await createUser(test, { isOperator: true })
  return test.call('PATCH', '/admin/instance', { token, body })
}

let hosts = 0
async function signIn() {
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash }).where(eq(users.id, user.id))
  const answer = await test.app.inject({
    method: 'POST',
    url: '/api/v1/auth/login',
    remoteAddress: `198.51.100.${++hosts}`,
    payload: { email: user.email, password: PASSWORD },
  })
  expect(answer.statusCode).toBe(200)
  return {
    user,
    ...shown(answer),
  }
}

const shown = (answer: Awaited<ReturnType<TestApp['app']['inject']>>) => ({
  cookie: answer.cookies.find(({ name }) => name === COOKIE)!,
  token: answer.json().accessToken as string,
  expiresIn: answer.json().expiresIn as number,
})

const refresh = (cookie: { value: string }, query = '') => test.app.inject({
  method: 'POST',
  url: `/api/v1/auth/refresh${query}`,
  cookies: { [COOKIE]: cookie.value },
})

async function ended(cookie: { value: string }, query?: string) {
  const answer = await refresh(cookie, query)
  return [answer.statusCode, answer.json().code, answer.json().sessionLimit]
}

const me = async (token: string) => (await test.call('GET', '/me', { token })).status
const isOver = (kind: string, minutes: number) => [
  401,
  'auth.unauthenticated',
  { kind, minutes },
]

describe('a session', () => {
  it('ends after its rest, says by which limit, and is renewed by use', async () => {
    await setLimits({ sessionIdleMinutes: 30 })
    const { cookie, expiresIn } = await signIn()
    // Renewed often enough that who works is not taken for resting; the cookie is there to be told why.
    expect([expiresIn, cookie.maxAge]).toEqual([450, 30 * 60 + 7 * 86_400])
    test.clock.advance(29 * MINUTE)
    const second = shown(await refresh(cookie))
    test.clock.advance(29 * MINUTE)
    const third = shown(await refresh(second.cookie))
    expect(await me(third.token)).toBe(200)
    test.clock.advance(30 * MINUTE)
    expect(await me(third.token)).toBe(401)
    expect(await ended(third.cookie)).toEqual(isOver('idle', 30))
    // Who has only a token of long ago learns nothing.
    expect(await ended(cookie)).toEqual([401, 'auth.unauthenticated', undefined])
    test.clock.advance(6 * 1440 * MINUTE)
    expect(await ended(third.cookie)).toEqual(isOver('idle', 30))
  })

  it('rests while a page asks by itself, however often, and not while another page of it is used', async () => {
    await setLimits({ sessionIdleMinutes: 30 })
    let { cookie } = await signIn()
    for (const minutes of [10, 20]) {
      test.clock.advance(10 * MINUTE)
      cookie = shown(await refresh(cookie, `?restedSeconds=${minutes * 60}`)).cookie
    }
    test.clock.advance(10 * MINUTE)
    expect(await ended(cookie, '?restedSeconds=1800')).toEqual(isOver('idle', 30))

    const other = await signIn()
    test.clock.advance(20 * MINUTE)
    const used = shown(await refresh(other.cookie, '?restedSeconds=0'))
    test.clock.advance(20 * MINUTE)
    const rested = shown(await refresh(used.cookie, '?restedSeconds=2400'))
    test.clock.advance(9 * MINUTE)
    expect(await me(shown(await refresh(rested.cookie)).token)).toBe(200)
    expect((await refresh(rested.cookie, '?restedSeconds=-1')).statusCode).toBe(400)
  })

  it('ends so long after its sign-in, used or not', async () => {
    await setLimits({ sessionIdleMinutes: 60, sessionTotalMinutes: 120 })
    let { cookie, token } = await signIn()
    for (let i = 0; i < 3; i++) {
      test.clock.advance(39 * MINUTE)
      ;({ cookie, token } = shown(await refresh(cookie)))
    }
    expect(await me(token)).toBe(200)
    test.clock.advance(3 * MINUTE)
    expect(await me(token)).toBe(401)
    expect(await ended(cookie)).toEqual(isOver('total', 120))
  })

  it('that is not used for longer than a new limit ends at once, and is not brought back by a longer one', async () => {
    const [away, used] = [await signIn(), await signIn()]
    test.clock.advance(45 * MINUTE)
    const { cookie, token } = shown(await refresh(used.cookie))
    const others = shown(await refresh(away.cookie, '?restedSeconds=2700'))
    await setLimits({ sessionIdleMinutes: 40 })
    expect([await me(others.token), await me(token)]).toEqual([401, 200])
    await setLimits({ sessionIdleMinutes: 1440 })
    expect((await refresh(others.cookie)).json().code).toBe('auth.unauthenticated')
    test.clock.advance(60 * MINUTE)
    expect((await refresh(cookie)).statusCode).toBe(200)
  })

  it('that was begun while the limits changed ends by the new ones at its next renewal', async () => {
    const { user, cookie } = await signIn()
    await setLimits({ sessionIdleMinutes: 30 })
    await test.deps.db.update(sessions).set({
      expiresAt: new Date(begin.getTime() + 86_400_000),
    }).where(eq(sessions.userId, user.id))
    test.clock.advance(31 * MINUTE)
    expect(await ended(cookie)).toEqual(isOver('idle', 30))
  })

  it('tells in the list of devices when it ends, and by what', async () => {
    await setLimits({ sessionIdleMinutes: 60, sessionTotalMinutes: 90 })
    const { cookie, token } = await signIn()
    const listed = async (token: string) => (await test.call('GET', '/me/sessions', { token })).body.items.find((one: { isCurrent: boolean }) => one.isCurrent)
    expect(await listed(token)).toMatchObject({ endsAt: '2026-03-02T09:00:00.000Z', endsBy: 'idle' })
    test.clock.advance(45 * MINUTE)
    expect(await listed(shown(await refresh(cookie)).token)).toMatchObject({ endsAt: '2026-03-02T09:30:00.000Z', endsBy: 'total' })
  })
})

it.each([
  { sessionIdleMinutes: 14 },
  { sessionIdleMinutes: 90 * 1440 + 1 },
  { sessionIdleMinutes: null },
  { sessionTotalMinutes: 59 },
  { sessionTotalMinutes: 365 * 1440 + 1 },
  { sessionTotalMinutes: 60.5 },
])('no limit is %j', async (body) => {
  expect((await setLimits(body as object)).status).toBe(400)
})

it('the shorter limit ends a session', () => {
  const at = new Date(0)
  const end = (sessionIdleMinutes: number, sessionTotalMinutes: number | null) => endOfSession({
    createdAt: at,
    lastUsedAt: new Date(10 * MINUTE),
  }, { sessionIdleMinutes, sessionTotalMinutes })
  expect(end(60, null)).toEqual({
    at: new Date(70 * MINUTE),
    by: { kind: 'idle', minutes: 60 },
  })
  expect(end(60, 65)).toEqual({
    at: new Date(65 * MINUTE),
    by: { kind: 'total', minutes: 65 },
  })
  expect(end(60, 71)).toEqual({
    at: new Date(70 * MINUTE),
    by: { kind: 'idle', minutes: 60 },
  })
})
