import type { TestUser } from '../../../test/factories.ts'
import type { TestTotp } from '../../../test/second-factor.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { and, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { whileHeld } from '../../../test/held.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { codeOf } from '../../../test/totp-code.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { unseal } from '../../crypto/secrets.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { sessions } from '../auth/sessions.table.ts'
import { signInSteps } from '../auth/sign-in-steps.table.ts'
import { totpKeyOf } from '../instance/instance-key.service.ts'
import { members } from '../members/members.table.ts'
import { createAccountsService } from '../users/accounts.service.ts'
import { users } from '../users/users.table.ts'
import { recoveryCodes, totpFactors } from './factors.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
const ANOTHER = 'fog-behind-the-harbour-crane'
const MINUTE_MS = 60_000

let test: TestApp
/** The same database and key, another process. */
let replica: TestApp
let passwordHash: string
beforeAll(async () => {
  test = await createTestApp()
  await setUpInstance(test)
  replica = await createTestApp({
    env: { DATABASE_URL: test.config.databaseUrl, SECRET_KEY: test.config.secretKey },
    database: {
      url: test.config.databaseUrl,
      drop: async () => {},
    },
  })
  passwordHash = await hashPassword(PASSWORD)
})
// What is forgiven with time, and which code is shown, depends on no machine's speed.
beforeEach(() => setTime(new Date()))
afterAll(async () => {
  await replica.close()
  await test.close()
})

function setTime(at: Date): void {
  test.clock.set(at)
  replica.clock.set(at)
}

const codeIn = ({ status, body }: { status: number, body: any }) => [status, body.code]
const eventsAbout = async ({ id }: TestUser) => (await toldEvents(test, eq(auditEvents.subjectId, id)))
  .map(({ action, details }) => [action, details])
  .filter(([action]) => action !== 'session.started')

async function createAccount(): Promise<TestUser> {
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash }).where(eq(users.id, user.id))
  return user
}
async function createHolder(): Promise<{ user: TestUser, totp: TestTotp }> {
  const user = await createAccount()
  return { user, totp: await addTotp(test, user) }
}

let hosts = 0
const newAddress = () => `198.51.${100 + Math.trunc(++hosts / 250)}.${hosts % 250 + 1}`
async function post(path: string, body: object, { app, ip = newAddress(), token }: { app?: TestApp, ip?: string, token?: string } = {}) {
  const response = await (app ?? test).app.inject({
    method: 'POST',
    url: `/api/v1${path}`,
    remoteAddress: ip,
    headers: token === undefined
      ? {}
      : { authorization: `Bearer ${token}` },
    payload: body,
  })
  return {
    status: response.statusCode,
    body: response.body === ''
      ? undefined
      : response.json(),
    cookies: response.cookies,
  }
}
const login = ({ email }: TestUser, password = PASSWORD, options: { app?: TestApp, ip?: string } = {}) => post('/auth/login', { email, password }, options)
const begin = async (user: TestUser, password = PASSWORD): Promise<string> => (await login(user, password)).body.mfaToken
const finish = (mfaToken: string, code: string, options: { method?: 'totp' | 'recovery', app?: TestApp, ip?: string } = {}) => post('/auth/mfa', {
  mfaToken,
  method: options.method ?? 'totp',
  code,
}, options)

describe('an authenticator app', () => {
  it('is not said to count when another secret was asked for at the same moment', async () => {
    const { token } = await createAccount()
    const { body: { secret } } = await test.call('POST', '/me/totp', { token })
    const confirmed = await whileHeld(test, sql`lock table recovery_codes in share mode`, () => test.call('POST', '/me/totp/confirm', {
      token,
      body: {
        code: codeOf(secret, test.clock.now()),
      },
    }), async () => expect((await test.call('POST', '/me/totp', { token })).status).toBe(200))
    expect([confirmed.status, confirmed.body.code]).toEqual([404, 'not_found'])
    expect((await test.call('GET', '/me/factors', { token })).body).toEqual({ totp: null, passkeys: [], recoveryCodes: null })
  })

  it('counts from when a code of it was confirmed, and brings ten recovery codes, shown once', async () => {
    const user = await createAccount()
    const { token } = user
    const first = await test.call('POST', '/me/totp', { token })
    const { body: { secret, uri } } = await test.call('POST', '/me/totp', { token })
    expect(uri).toContain(`secret=${secret}`)
    expect(uri).toContain('Test%20instance')
    expect(secret).not.toBe(first.body.secret)
    const confirm = (code: string) => test.call('POST', '/me/totp/confirm', {
      token,
      body: { code },
    })
    // Of the secret that was replaced.
    const wrong = await confirm(codeOf(first.body.secret, test.clock.now()))
    expect([
      ...codeIn(wrong),
      wrong.body.errors[0].pointer,
    ]).toEqual([400, 'auth.wrong_code', '/code'])
    expect((await login(user)).body.accessToken).toBeTruthy()
    const answers = await Promise.all([1, 2].map(() => confirm(codeOf(secret, test.clock.now()))))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const codes = answers.find(({ status }) => status === 200)!.body.recoveryCodes
    expect(codes).toHaveLength(10)
    expect(codeIn(await test.call('POST', '/me/totp', { token }))).toEqual([409, 'auth.factor_exists'])

    const { body } = await test.call('GET', '/me/factors', { token })
    expect(body).toEqual({
      passkeys: [],
      totp: {
        createdAt: test.clock.now().toISOString(),
        lastUsedAt: null,
      },
      recoveryCodes: {
        createdAt: test.clock.now().toISOString(),
        left: 10,
        usedAt: [],
      },
    })
    expect((await test.call('GET', '/me', { token })).body.hasSecondFactor).toBe(true)
    // Neither stands in the database as it is.
    const [row] = await test.deps.db.select().from(totpFactors).where(eq(totpFactors.userId, user.id))
    expect(unseal(totpKeyOf(test.config.secretKey), row!.secret)).toBe(secret)
    const kept = await test.deps.db.select().from(recoveryCodes).where(eq(recoveryCodes.userId, user.id))
    expect(JSON.stringify(kept)).not.toContain(codes[0])
    expect(await eventsAbout(user)).toEqual([
      [
        'user.factor_added',
        { factor: 'totp' },
      ],
    ])
  })

  it('is removed with its recovery codes, and then the password alone signs in', async () => {
    const { user } = await createHolder()
    const { token } = user
    expect((await test.call('DELETE', '/me/totp', { token })).status).toBe(204)
    expect(codeIn(await test.call('DELETE', '/me/totp', { token }))).toEqual([404, 'not_found'])
    expect((await test.call('GET', '/me/factors', { token })).body).toEqual({ totp: null, passkeys: [], recoveryCodes: null })
    expect(codeIn(await test.call('POST', '/me/recovery-codes', { token }))).toEqual([409, 'conflict'])
    expect((await login(user)).body.accessToken).toBeTruthy()
    expect((await eventsAbout(user)).map(([action]) => action)).toEqual(['user.factor_added', 'user.factor_removed'])
  })

  it('that nobody confirmed is forgotten after a day', async () => {
    const { token, id } = await createAccount()
    await test.call('POST', '/me/totp', { token })
    test.clock.advance(25 * 60 * MINUTE_MS)
    await purgeDue(test)
    expect(await test.deps.db.$count(totpFactors, eq(totpFactors.userId, id))).toBe(0)
  })
})

describe('a sign-in of somebody with a second factor', () => {
  it('is a session only with the code, which counts once', async () => {
    const { user, totp } = await createHolder()
    const { status, body, cookies } = await login(user)
    expect([status, body, cookies]).toEqual([
      200,
      {
        mfaRequired: true,
        mfaToken: expect.stringMatching(/^[\w-]{43}$/),
        methods: ['totp', 'recovery'],
      },
      [],
    ])
    expect(codeIn(await test.call('GET', '/me', { token: body.mfaToken }))).toEqual([401, 'auth.unauthenticated'])
    // The code that confirmed the app was used by that.
    expect(codeIn(await finish(body.mfaToken, codeOf(totp.secret, test.clock.now())))).toEqual([400, 'auth.wrong_code'])
    const code = totp.nextCode()
    const done = await finish(body.mfaToken, `${code.slice(0, 3)} ${code.slice(3)}`)
    expect(done.status).toBe(200)
    expect(done.cookies).toHaveLength(1)
    expect((await test.call('GET', '/me', { token: done.body.accessToken })).body.id).toBe(user.id)
    expect(codeIn(await finish(body.mfaToken, totp.nextCode()))).toEqual([401, 'auth.sign_in_expired'])
    expect(codeIn(await finish(await begin(user), code))).toEqual([400, 'auth.wrong_code'])
    expect((await eventsAbout(user)).slice(1)).toEqual(Array.from({ length: 2 }).fill([
      'session.refused',
      { reason: 'wrong_code' },
    ]))
  })

  it('takes one code once of two at a time, on two replicas', async () => {
    const { user, totp } = await createHolder()
    const [one, two] = [await begin(user), await begin(user)]
    const code = totp.nextCode()
    setTime(test.clock.now())
    const answers = await Promise.all([
      finish(one, code),
      finish(two, code, { app: replica }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
  })

  it('takes each recovery code once, and tells how many are left', async () => {
    const { user, totp } = await createHolder()
    const [code, next] = totp.recoveryCodes
    const answers = await Promise.all([await begin(user), await begin(user)].map(mfaToken => finish(mfaToken, code!.toUpperCase().replaceAll('-', ' '), { method: 'recovery' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
    expect((await test.call('GET', '/me/factors', { token: user.token })).body.recoveryCodes).toMatchObject({
      left: 9,
      usedAt: [
        test.clock.now().toISOString(),
      ],
    })
    expect((await eventsAbout(user)).filter(([action]) => action === 'user.recovery_code_used')).toEqual([
      [
        'user.recovery_code_used',
        { left: 9 },
      ],
    ])
    const renewed = await test.call('POST', '/me/recovery-codes', { token: user.token })
    expect(codeIn(await finish(await begin(user), next!, { method: 'recovery' }))).toEqual([400, 'auth.wrong_code'])
    expect((await finish(await begin(user), renewed.body.recoveryCodes[9], { method: 'recovery' })).status).toBe(200)
    // Somebody else's is nobody's here.
    const other = await createHolder()
    expect(codeIn(await finish(await begin(other.user), renewed.body.recoveryCodes[0], { method: 'recovery' }))).toEqual([400, 'auth.wrong_code'])
  })

  it('begins again at the password after ten minutes and after five codes, however many come at once', async () => {
    const { user, totp } = await createHolder()
    const old = await begin(user)
    test.clock.advance(10 * MINUTE_MS)
    expect(codeIn(await finish(old, totp.nextCode()))).toEqual([401, 'auth.sign_in_expired'])
    expect(codeIn(await finish('unknown', totp.nextCode()))).toEqual([401, 'auth.sign_in_expired'])
    const mfaToken = await begin(user)
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => finish(mfaToken, String(n).padStart(6, '0'))))
    expect(answers.filter(({ body }) => body.code === 'auth.wrong_code')).toHaveLength(5)
    expect(codeIn(await finish(mfaToken, totp.nextCode()))).toEqual([401, 'auth.sign_in_expired'])
    expect((await finish(await begin(user), totp.nextCode())).status).toBe(200)
    test.clock.advance(11 * MINUTE_MS)
    await purgeDue(test)
    expect(await test.deps.db.$count(signInSteps, eq(signInSteps.userId, user.id))).toBe(0)
  })

  it('is not guessed: twenty codes from twenty addresses by two replicas end in a block, for the right one too; a recovery code lets its owner in', async () => {
    const { user, totp } = await createHolder()
    const answers = []
    let mfaToken = ''
    for (let n = 0; n < 20; n++) {
      if (n % 5 === 0) mfaToken = await begin(user)
      answers.push((await finish(mfaToken, String(n).padStart(6, '0'), {
        app: n % 2
          ? replica
          : test,
      })).body.code)
    }
    expect(answers).toEqual([
      ...Array.from({ length: 10 }).fill('auth.wrong_code'),
      ...Array.from({ length: 10 }).fill('rate.limited'),
    ])
    mfaToken = await begin(user)
    expect(codeIn(await finish(mfaToken, codeOf(totp.secret, test.clock.now(), 1)))).toEqual([429, 'rate.limited'])
    expect((await finish(await begin(user), totp.recoveryCodes[0]!, { method: 'recovery' })).status).toBe(200)
    test.clock.advance(MINUTE_MS)
    expect((await finish(mfaToken, codeOf(totp.secret, test.clock.now()))).status).toBe(200)
  })

  it.each<[string, (user: TestUser) => Promise<unknown>]>([
    [
      'a new password',
      user => test.call('POST', '/me/password', {
        token: user.token,
        body: { currentPassword: PASSWORD, newPassword: ANOTHER },
      }),
    ],
    [
      'a disabled account',
      user => test.deps.db.update(users).set({
        disabledAt: test.clock.now(),
      }).where(eq(users.id, user.id)),
    ],
  ])('ends with %s', async (_what, act) => {
    const { user, totp } = await createHolder()
    const mfaToken = await begin(user)
    await act(user)
    expect(codeIn(await finish(mfaToken, totp.nextCode()))).toEqual([401, 'auth.sign_in_expired'])
  })

  it('asks for it after a password that was set by a link, too', async () => {
    const { user, totp } = await createHolder()
    const mfaToken = await begin(user)
    const operator = await createUser(test, { isOperator: true })
    const { url } = await test.deps.db.transaction(tx => test.deps.passwordResets.make(tx, user.id, operator.id))
    expect((await post(`/auth/password-reset/${url.split('=').at(-1)}`, { password: ANOTHER })).status).toBe(204)
    expect(codeIn(await finish(mfaToken, totp.nextCode()))).toEqual([401, 'auth.sign_in_expired'])
    expect((await finish(await begin(user, ANOTHER), totp.nextCode())).status).toBe(200)
  })

  it('is no other by an invitation: nobody joins, and no session begins, by the password alone', async () => {
    const workspace = await createWorkspace(test)
    const { user, totp } = await createHolder()
    const { body: { url } } = await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
      token: workspace.owner.token,
      body: { role: 'staff' },
    })
    const path = `/public/invitations/${url.split('/').at(-1)}/accept`
    const isMember = () => test.deps.db.$count(members, and(eq(members.workspaceId, workspace.id), eq(members.userId, user.id)))
    for (const name of [undefined, 'Ana']) {
      const { body, cookies } = await post(path, { name, email: user.email, password: PASSWORD })
      expect([body, cookies, await isMember()]).toEqual([
        {
          mfaRequired: true,
          mfaToken: expect.any(String),
          methods: ['totp', 'recovery'],
        },
        [],
        0,
      ])
      if (name === undefined) continue
      const { accessToken } = (await finish(body.mfaToken, totp.nextCode())).body
      expect((await post(path, {}, { token: accessToken })).body).toEqual({ workspaceSlug: workspace.slug, session: null })
      expect(await isMember()).toBe(1)
    }
  })

  it('is asked of a factor that was set up while the password was looked at', async () => {
    const { user } = await createHolder()
    const { deps } = test
    const caller = {
      actor: { kind: 'visitor', id: null, name: '' },
      origin: { via: 'api', ip: null, userAgent: null },
    } as const
    await expect(deps.db.transaction(tx => deps.auth.startSession(tx, caller, { ...user, isOperator: false, locale: null }))).rejects.toMatchObject({ code: 'auth.sign_in_expired' })
  })
})

it('is taken from somebody who has lost it by an operator, or by whoever has the machine, with every session', async () => {
  const operator = await createUser(test, { isOperator: true })
  const { user } = await createHolder()
  const reset = () => test.call('POST', `/admin/users/${user.id}/reset-factors`, { token: operator.token })
  const shown = async () => (await test.call('GET', `/admin/users?q=${user.email}`, { token: operator.token })).body.items[0].hasSecondFactor
  const mfaToken = await begin(user)
  expect([await shown(), (await reset()).body, await shown()]).toEqual([
    true,
    { endedSessions: 1 },
    false,
  ])
  expect(codeIn(await test.call('GET', '/me', { token: user.token }))).toEqual([401, 'auth.unauthenticated'])
  expect(codeIn(await finish(mfaToken, '123456'))).toEqual([401, 'auth.sign_in_expired'])
  expect((await login(user)).body.accessToken).toBeTruthy()
  expect((await reset()).body).toEqual({ endedSessions: 0 })
  expect(await test.deps.db.$count(recoveryCodes, eq(recoveryCodes.userId, user.id))).toBe(0)

  const other = await createHolder()
  const accounts = createAccountsService(test.deps)
  expect(await accounts.resetFactors(other.user.email)).toMatchObject({ endedSessions: 1 })
  await expect(accounts.resetFactors(other.user.email)).rejects.toThrow('has no second factor')
  expect([
    ...await eventsAbout(user),
    ...await eventsAbout(other.user),
  ].filter(([action]) => action === 'user.factors_reset').map(([, details]) => details)).toEqual([
    { endedSessions: 1, by: 'operator' },
    { endedSessions: 1, by: 'machine' },
  ])
})

describe('a step-up', () => {
  const session = async (user: TestUser, finishing?: string) => {
    const { body } = await login(user)
    return finishing === undefined
      ? body.accessToken as string
      : (await finish(body.mfaToken, finishing)).body.accessToken as string
  }
  const stepUp = (token: string, body: object) => post('/me/step-up', body, { token })
  const asks = async (token: string) => {
    const { body } = await test.call('POST', '/me/totp', { token })
    return body.code === 'auth.step_up_required'
  }

  it('counts for five minutes, as a sign-in does', async () => {
    const user = await createAccount()
    const token = await session(user)
    test.clock.advance(5 * MINUTE_MS - 1)
    expect(await asks(token)).toBe(false)
    test.clock.advance(1)
    expect(codeIn(await test.call('POST', '/me/totp', { token }))).toEqual([403, 'auth.step_up_required'])
    expect((await test.call('POST', '/me/step-up/options', { token })).body).toEqual({ methods: [], hasPassword: true })
    const wrong = await stepUp(token, { password: ANOTHER })
    expect([
      ...codeIn(wrong),
      wrong.body.errors[0].pointer,
      await asks(token),
    ]).toEqual([
      400,
      'auth.wrong_password',
      '/password',
      true,
    ])
    expect((await stepUp(token, { password: PASSWORD })).status).toBe(204)
    expect(await asks(token)).toBe(false)
    // Of this session alone.
    await test.deps.db.update(sessions).set({ steppedUpAt: null }).where(eq(sessions.id, user.sessionId))
    expect(await asks(user.token)).toBe(true)
  })

  it('asks for the second factor of whoever has one, beside the password', async () => {
    const { user, totp } = await createHolder()
    const token = await session(user, totp.nextCode())
    test.clock.advance(5 * MINUTE_MS)
    expect((await test.call('POST', '/me/step-up/options', { token })).body).toEqual({
      methods: ['totp', 'recovery'],
      hasPassword: true,
    })
    const alone = await stepUp(token, { password: PASSWORD })
    expect([
      ...codeIn(alone),
      alone.body.errors[0].pointer,
    ]).toEqual([400, 'request.invalid', '/code'])
    expect(codeIn(await stepUp(token, {
      password: ANOTHER,
      method: 'totp',
      code: totp.nextCode(),
    }))).toEqual([400, 'auth.wrong_password'])
    expect(codeIn(await stepUp(token, { password: PASSWORD, method: 'totp', code: '000000' }))).toEqual([400, 'auth.wrong_code'])
    expect(codeIn(await test.call('DELETE', '/me/totp', { token }))).toEqual([403, 'auth.step_up_required'])
    expect((await stepUp(token, {
      password: PASSWORD,
      method: 'totp',
      code: totp.nextCode(),
    })).status).toBe(204)
    expect((await test.call('DELETE', '/me/totp', { token })).status).toBe(204)
  })

  it('of a session that has not passed the first factor ends with that: it adds and removes none', async () => {
    const user = await createAccount()
    const token = await session(user)
    const begun = await test.call('POST', '/me/totp', { token })
    const totp = await addTotp(test, user)
    // Signed in a moment ago, but by the password alone.
    expect(codeIn(await test.call('POST', '/me/totp/confirm', {
      token,
      body: {
        code: codeOf(begun.body.secret, test.clock.now()),
      },
    }))).toEqual([403, 'auth.step_up_required'])
    for (const [method, path] of [
      ['DELETE', '/me/totp'],
      ['POST', '/me/recovery-codes'],
    ] as const) expect(codeIn(await test.call(method, path, { token }))).toEqual([403, 'auth.step_up_required'])
    expect(codeIn(await stepUp(token, { password: PASSWORD }))).toEqual([400, 'request.invalid'])
    expect((await stepUp(token, {
      password: PASSWORD,
      method: 'totp',
      code: totp.nextCode(),
    })).status).toBe(204)
    expect((await test.call('POST', '/me/recovery-codes', { token })).status).toBe(200)
  })

  it('is asked for by what a body does where that decides', async () => {
    const workspace = await createWorkspace(test)
    await test.deps.db.update(sessions).set({ steppedUpAt: null }).where(eq(sessions.id, workspace.owner.sessionId))
    const invite = (role: string) => test.call('POST', `/workspaces/${workspace.id}/invitations`, {
      token: workspace.owner.token,
      body: { role },
    })
    expect([
      (await invite('staff')).status,
      codeIn(await invite('owner')),
    ]).toEqual([
      201,
      [403, 'auth.step_up_required'],
    ])
  })
})
