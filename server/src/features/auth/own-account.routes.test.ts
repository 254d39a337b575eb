import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { users } from '../users/users.table.ts'
import { createThrottle, throttleKeys } from './throttle.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
const ANOTHER = 'fog-behind-the-harbour-crane'

let test: TestApp
let passwordHash: string
beforeAll(async () => {
  test = await createTestApp()
  passwordHash = await hashPassword(PASSWORD)
})
afterAll(() => test.close())

const code = ({ status, body }: { status: number, body: any }) => [status, body.code]
const eventsAbout = async ({ id }: TestUser) => (await toldEvents(test, eq(auditEvents.subjectId, id))).map(({ action, details }) => [action, details])

async function createAccount(): Promise<TestUser> {
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash }).where(eq(users.id, user.id))
  return user
}

let hosts = 0
/** Another browser of the person, from an address of its own. @returns its access token */
async function signIn({ email }: TestUser, password = PASSWORD): Promise<{ status: number, token: string }> {
  const response = await test.app.inject({
    method: 'POST',
    url: '/api/v1/auth/login',
    remoteAddress: `198.51.100.${++hosts}`,
    headers: { 'user-agent': `Browser ${hosts}` },
    payload: { email, password },
  })
  return { status: response.statusCode, token: response.json().accessToken }
}
const isGood = async (token: string) => (await test.call('GET', '/me', { token })).status === 200

describe('one’s own password', () => {
  const change = (user: TestUser, currentPassword: string, newPassword: string) => test.call('POST', '/me/password', {
    token: user.token,
    body: { currentPassword, newPassword },
  })

  it('is changed by who knows it, and ends every other session', async () => {
    const user = await createAccount()
    const { token } = await signIn(user)
    expect((await change(user, PASSWORD, ANOTHER)).status).toBe(204)
    expect([await isGood(user.token), await isGood(token)]).toEqual([true, false])
    expect([(await signIn(user)).status, (await signIn(user, ANOTHER)).status]).toEqual([401, 200])
    expect((await eventsAbout(user)).filter(([action]) => action === 'user.password_changed')).toEqual([
      [
        'user.password_changed',
        { endedSessions: 1 },
      ],
    ])
  })

  it('changed, makes a link to a new one that was made before count no longer', async () => {
    const user = await createAccount()
    const operator = await createUser(test, { isOperator: true })
    const { url } = await test.deps.db.transaction(tx => test.deps.passwordResets.make(tx, user.id, operator.id))
    const link = `/auth/password-reset/${url.split('=').at(-1)}`
    expect((await test.call('GET', link)).status).toBe(200)
    expect((await change(user, PASSWORD, ANOTHER)).status).toBe(204)
    expect(code(await test.call('POST', link, {
      body: { password: PASSWORD },
    }))).toEqual([404, 'auth.reset_not_found'])
  })

  it('stays when the one before is wrong, or the new one easily guessed', async () => {
    const user = await createAccount()
    const wrong = await change(user, ANOTHER, 'another-lantern-by-the-quay')
    expect([wrong.status, wrong.body.code, wrong.body.errors]).toEqual([
      400,
      'auth.wrong_password',
      [
        { pointer: '/currentPassword', detail: 'is not your password' },
      ],
    ])
    const weak = await change(user, PASSWORD, `${user.email}1`)
    expect([weak.status, weak.body.code, weak.body.errors[0].pointer]).toEqual([400, 'auth.password_weak', '/newPassword'])
    expect((await signIn(user)).status).toBe(200)
  })

  it('is guessed by a session that was left open no oftener than at the door', async () => {
    const user = await createAccount()
    test.clock.set(test.clock.now())
    const answers = []
    for (let n = 0; n < 7; n++) answers.push((await change(user, `guess ${n}`, ANOTHER)).body.code)
    test.clock.set(null)
    expect(answers.slice(0, 5)).toEqual(Array.from({ length: 5 }).fill('auth.wrong_password'))
    expect(answers.at(-1)).toBe('rate.limited')
  })

  it('is asked for of who is signed in, whatever strangers guess at the door, and a wrong one is told in the log', async () => {
    const user = await createAccount()
    test.clock.set(test.clock.now())
    const throttle = createThrottle({ db: test.deps.db, clock: test.clock.now })
    for (let n = 0; n < 55; n++) await throttle.fail(throttleKeys('login', { subject: user.email, source: '127.0.0.1' }))
    expect((await test.call('POST', '/me/step-up', {
      token: user.token,
      body: { password: ANOTHER },
    })).body.code).toBe('auth.wrong_password')
    expect((await test.call('POST', '/me/step-up', {
      token: user.token,
      body: { password: PASSWORD },
    })).status).toBe(204)
    expect((await change(user, PASSWORD, ANOTHER)).status).toBe(204)
    test.clock.set(null)
    expect((await eventsAbout(user))[0]).toEqual([
      'session.refused',
      { reason: 'wrong_password' },
    ])
  })

  it('of two changes at once, one counts', async () => {
    const user = await createAccount()
    const answers = await Promise.all([ANOTHER, 'another-lantern-by-the-quay'].map(password => change(user, PASSWORD, password)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 400])
  })

  it('that nobody set cannot be changed', async () => {
    expect(code(await change(await createUser(test), '', ANOTHER))).toEqual([400, 'request.invalid'])
    expect(code(await change(await createUser(test), 'anything', ANOTHER))).toEqual([400, 'auth.wrong_password'])
  })
})

describe('one’s own sessions', () => {
  const list = async (token: string) => (await test.call('GET', '/me/sessions', { token })).body.items

  it('are listed, the one that asks marked, and end one by one or all others', async () => {
    const user = await createAccount()
    const other = await signIn(user)
    const third = await signIn(user)
    const sessions = await list(other.token)
    expect(sessions).toHaveLength(3)
    expect(sessions.filter(({ isCurrent }: { isCurrent: boolean }) => isCurrent)).toEqual([
      {
        id: expect.any(String),
        isCurrent: true,
        createdAt: expect.any(String),
        lastUsedAt: expect.any(String),
        endsAt: expect.any(String),
        endsBy: 'idle',
        ip: `198.51.100.${hosts - 1}`,
        userAgent: `Browser ${hosts - 1}`,
      },
    ])
    const thirdId = sessions.find(({ userAgent }: { userAgent: string }) => userAgent === `Browser ${hosts}`).id
    for (let again = 0; again < 2; again++) expect((await test.call('DELETE', `/me/sessions/${thirdId}`, { token: other.token })).status).toBe(204)
    expect([await isGood(third.token), await isGood(user.token)]).toEqual([false, true])
    expect((await test.call('DELETE', '/me/sessions', { token: other.token })).body).toEqual({ endedSessions: 1 })
    expect((await test.call('DELETE', '/me/sessions', { token: other.token })).body).toEqual({ endedSessions: 0 })
    expect([await isGood(user.token), await isGood(other.token)]).toEqual([false, true])
    expect((await eventsAbout(user)).filter(([action]) => action !== 'session.started')).toEqual([
      [
        'session.ended',
        { sessionId: thirdId },
      ],
      [
        'user.sessions_ended',
        { endedSessions: 1 },
      ],
    ])
  })

  it('are nobody else’s to end', async () => {
    const [mine, theirs] = [await createAccount(), await createAccount()]
    expect(code(await test.call('DELETE', `/me/sessions/${theirs.sessionId}`, { token: mine.token }))).toEqual([404, 'not_found'])
    expect(await isGood(theirs.token)).toBe(true)
  })
})
