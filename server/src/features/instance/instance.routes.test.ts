import type { TestApp } from '../../../test/test-app.ts'
import { describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { sessions } from '../auth/sessions.table.ts'
import { users } from '../users/users.table.ts'
import { instance } from './instance.table.ts'

const TOKEN = 'set-up-token-of-this-test'
const input = {
  token: TOKEN,
  name: 'Olga Operator',
  email: 'Olga@Example.com',
  password: 'drizzle-on-the-tin-roof',
  instanceName: 'Harbour Files',
}
const useFresh = (env: Record<string, string> = { SETUP_TOKEN: TOKEN }) => useTestApp({ env })
const actions = async (test: TestApp) => (await toldEvents(test)).map(event => event.action)

describe('the first set-up', () => {
  it('makes the operator, signs in, and is gone for ever', async () => {
    const test = await useFresh()
    expect(await test.deps.instance.prepareSetup()).toBe(TOKEN)
    expect((await test.call('GET', '/setup')).body).toEqual({ required: true })

    const answer = await test.call('POST', '/setup', {
      body: { ...input, locale: 'de' },
    })
    expect(answer.status).toBe(201)
    expect((await test.call('GET', '/me', { token: answer.body.accessToken })).body.locale).toBe('de')
    expect(answer.body).toMatchObject({
      expiresIn: 900,
      user: { name: 'Olga Operator', email: 'Olga@Example.com', isOperator: true },
    })
    expect(String(answer.headers['set-cookie'])).toMatch(/clientshare-session=.*HttpOnly.*SameSite=Strict/)
    expect((await test.call('GET', '/setup')).body).toEqual({ required: false })
    const known = {
      name: 'Harbour Files',
      publicUrl: test.config.publicUrl,
      version: '0.0.0-test',
      canMail: false,
      hasHome: false,
      trashDays: 30,
      analytics: null,
      hasProviders: false,
      registration: { mode: 'invitation', domains: [], isOpen: false },
    }
    expect((await test.call('GET', '/instance', { token: answer.body.accessToken })).body).toMatchObject({ ...known, commit: 'c0ffee' })
    for (const token of [undefined, `${answer.body.accessToken}x`]) {
      const { status, body } = await test.call('GET', '/instance', { token })
      expect([status, body]).toEqual([
        200,
        { ...known, organisation: '', contactEmail: '' },
      ])
    }

    const again = await test.call('POST', '/setup', { body: input })
    expect([again.status, again.body.code]).toEqual([404, 'not_found'])
    expect((await test.call('POST', '/setup', { body: {} })).status).toBe(404)
    expect(await test.deps.instance.prepareSetup()).toBeUndefined()
    const [row] = await test.deps.db.select().from(instance)
    expect(row!.setupTokenHash).toBeNull()

    const workspace = await test.call('POST', '/workspaces', {
      token: answer.body.accessToken,
      body: { name: 'Harbour', slug: 'harbour' },
    })
    expect(workspace.status).toBe(201)
    const login = await test.call('POST', '/auth/login', {
      body: { email: 'olga@example.com', password: input.password },
    })
    expect(login.status).toBe(200)
    expect((await actions(test)).sort()).toEqual([
      'instance.set_up',
      'session.started',
      'session.started',
      'workspace.created',
    ])
  })

  it('has one winner among parallel calls', async () => {
    const test = await useFresh()
    await test.deps.instance.prepareSetup()
    const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => test.call('POST', '/setup', {
      body: { ...input, email: `olga${n}@example.com` },
    })))
    expect(answers.map(answer => answer.status).sort()).toEqual([201, 404, 404, 404, 404])
    expect(await test.deps.db.$count(users)).toBe(1)
  })

  it('refuses a wrong token, points at it, and slows guessing', async () => {
    const test = await useFresh()
    test.clock.set(test.clock.now()) // what is forgiven with time is not while a slow machine answers
    await test.deps.instance.prepareSetup()
    const answers = []
    for (let i = 0; i < 6; i++) {
      answers.push(await test.call('POST', '/setup', {
        body: { ...input, token: `guess-${i}` },
      }))
    }
    expect(answers.map(answer => answer.status)).toEqual([401, 401, 401, 401, 401, 429])
    expect(answers[0]!.body).toMatchObject({
      code: 'setup.wrong_token',
      errors: [
        { pointer: '/token' },
      ],
    })
    expect(await test.deps.db.$count(users)).toBe(0)
  })

  it('tells a wrong token before the rest is filled in, as slow to guesses as the whole', async () => {
    const test = await useFresh()
    test.clock.set(test.clock.now()) // what is forgiven with time is not while a slow machine answers
    await test.deps.instance.prepareSetup()
    const check = (token: string) => test.call('POST', '/setup/check', {
      body: { token },
    })
    expect((await check(input.token)).status).toBe(204)
    const wrong = await check('guess')
    expect(wrong).toMatchObject({
      status: 401,
      body: {
        code: 'setup.wrong_token',
        errors: [
          { pointer: '/token' },
        ],
      },
    })
    for (let i = 0; i < 4; i++) await check(`guess-${i}`)
    expect((await check('guess')).status).toBe(429)
    expect((await test.call('POST', '/setup', {
      body: { ...input, token: 'guess' },
    })).status).toBe(429)
    expect(await test.deps.db.$count(users)).toBe(0)
  })

  it('makes a token at random when none is set, new with every start', async () => {
    const test = await useFresh({})
    const [first, second] = [await test.deps.instance.prepareSetup(), await test.deps.instance.prepareSetup()]
    expect(first).toMatch(/^[\w-]{43}$/)
    expect(second).not.toBe(first)
    expect((await test.call('POST', '/setup', {
      body: { ...input, token: first },
    })).status).toBe(401)
    expect((await test.call('POST', '/setup', {
      body: { ...input, token: second },
    })).status).toBe(201)
  })

  it('refuses everything before a token exists', async () => {
    const test = await useFresh({})
    expect((await test.call('POST', '/setup', {
      body: { ...input, token: 'anything' },
    })).status).toBe(401)
  })

  it.each([
    [
      'a weak password',
      { password: 'ClientShare2026' },
      'auth.password_weak',
      '/password',
    ],
    [
      'the own name as password',
      { password: 'olgaoperator' },
      'auth.password_weak',
      '/password',
    ],
    [
      'the instance name as password',
      { password: 'harbourfiles1' },
      'auth.password_weak',
      '/password',
    ],
    [
      'a short password',
      { password: 'short' },
      'request.invalid',
      '/password',
    ],
    [
      'no e-mail address',
      { email: 'olga' },
      'request.invalid',
      '/email',
    ],
    [
      'an empty name',
      { name: '' },
      'request.invalid',
      '/name',
    ],
    [
      'an unknown field',
      { isOperator: true },
      'request.invalid',
      '/isOperator',
    ],
  ])('refuses %s and stays open', async (_what, change, code, pointer) => {
    const test = await useFresh()
    await test.deps.instance.prepareSetup()
    const answer = await test.call('POST', '/setup', {
      body: {
        ...input,
        ...change,
      },
    })
    expect([answer.status, answer.body.code, answer.body.errors[0].pointer]).toEqual([400, code, pointer])
    expect((await test.call('GET', '/setup')).body.required).toBe(true)
  })
})

describe('the unattended set-up', () => {
  const env = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'drizzle-on-the-tin-roof' }

  it('makes the operator once, also when replicas start together, and never again', async () => {
    const test = await useFresh(env)
    expect(await Promise.all([1, 2, 3].map(() => test.deps.instance.prepareSetup()))).toEqual([undefined, undefined, undefined])
    expect(await test.deps.instance.prepareSetup()).toBeUndefined()
    expect(await test.deps.db.$count(users)).toBe(1)
    expect(await actions(test)).toEqual(['instance.set_up'])
    expect((await test.call('POST', '/setup', { body: input })).status).toBe(404)
    const login = await test.call('POST', '/auth/login', {
      body: { email: 'root@example.com', password: env.ADMIN_PASSWORD },
    })
    expect(login.body.user.isOperator).toBe(true)
  })

  it('says in plain words when the password cannot be used', async () => {
    const test = await useFresh({ ...env, ADMIN_PASSWORD: 'Password1234' })
    await expect(test.deps.instance.prepareSetup()).rejects.toThrow(/^ADMIN_PASSWORD cannot be used\. This password is among/)
    expect(await test.deps.instance.isSetUp()).toBe(false)
  })
})

describe('the settings', () => {
  it('are the operator’s to change, and each change is recorded', async () => {
    const test = await useFresh()
    const operator = await setUpInstance(test)
    const change = { organisation: 'Harbour GmbH', contactEmail: 'office@example.com', postalAddress: 'Quay 1\nHamburg' }
    const answer = await test.call('PATCH', '/admin/instance', { token: operator.token, body: change })
    expect(answer.body).toEqual({
      name: 'Test instance',
      publicUrl: test.config.publicUrl,
      operatorsNeedFactor: false,
      registration: 'invitation',
      registrationDomains: [],
      sessionIdleMinutes: 43_200,
      sessionTotalMinutes: null,
      timeZone: 'UTC',
      policyLanguage: 'en',
      policyReview: false,
      ...change,
    })
    expect((await test.call('PATCH', '/admin/instance', { token: operator.token, body: change })).status).toBe(200)
    expect((await test.call('GET', '/admin/instance', { token: operator.token })).body).toEqual(answer.body)
    const [event, ...more] = await toldEvents(test)
    expect(more).toEqual([])
    expect(event).toMatchObject({
      action: 'instance.changed',
      actorId: operator.id,
      details: {
        organisation: { from: '', to: change.organisation },
        contactEmail: { from: '', to: change.contactEmail },
        postalAddress: { from: '', to: change.postalAddress },
      },
    })
  })

  it('that say who comes in and for how long ask who it is, others do not', async () => {
    const test = await useFresh()
    const operator = await setUpInstance(test)
    await test.deps.db.update(sessions).set({ steppedUpAt: null })
    for (const [change, code] of [
      [
        { registration: 'open' },
        'auth.step_up_required',
      ],
      [
        {
          registrationDomains: ['example.com'],
        },
        'auth.step_up_required',
      ],
      [
        { sessionIdleMinutes: 60 },
        'auth.step_up_required',
      ],
      [
        { sessionTotalMinutes: null },
        'auth.step_up_required',
      ],
      [
        { name: 'Renamed' },
        undefined,
      ],
    ] as const) expect((await test.call('PATCH', '/admin/instance', { token: operator.token, body: change })).body.code).toBe(code)
  })

  it('are nobody else’s', async () => {
    const test = await useFresh()
    const user = await createUser(test)
    for (const method of ['GET', 'PATCH'] as const) {
      const body = method === 'PATCH'
        ? { name: 'Mine' }
        : undefined
      expect((await test.call(method, '/admin/instance', { token: user.token, body })).status).toBe(403)
      expect((await test.call(method, '/admin/instance', { body })).status).toBe(401)
    }
    expect((await test.call('GET', '/instance')).body.name).toBe('ClientShare')
  })
})
