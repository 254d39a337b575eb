import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { passwordResets } from './password-resets.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'

let test: TestApp
let operator: TestUser
beforeEach(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
})
afterEach(() => test.close())

const code = ({ status, body }: { status: number, body: any }) => [status, body.code]
const asked = (method: string, path: string, body?: object, token = operator.token) => test.call(method, path, { token, body })
const eventsAbout = async ({ id }: TestUser) => (await toldEvents(test, eq(auditEvents.subjectId, id))).map(({ action, actor, details }) => [action, actor.name, details])
const isSignedIn = async ({ token }: TestUser) => (await test.call('GET', '/me', { token })).status === 200
const login = (email: string, password: string) => test.call('POST', '/auth/login', {
  body: { email, password },
})
const linkFor = async ({ id }: TestUser) => {
  const { url } = (await asked('POST', `/admin/users/${id}/reset-link`)).body as { url: string }
  return `/auth/password-reset/${new URL(url).hash.slice('#token='.length)}`
}

describe('people', () => {
  it('are found by name, by address and by the id that the doctor names', async () => {
    const [{ id, email, name }] = [
      await createUser(test, { name: 'Zora Quill' }),
      await createUser(test),
    ]
    for (const q of [
      name.slice(0, 4),
      email,
      id.toUpperCase(),
    ]) {
      expect((await asked('GET', `/admin/users?${new URLSearchParams({ q })}`)).body.items.map((person: { id: string }) => person.id)).toEqual([id])
    }
  })

  it('are listed by address, a page at a time, with what they have', async () => {
    const workspace = await createWorkspace(test)
    for (let n = 0; n < 3; n++) await createUser(test)
    const all = (await asked('GET', '/admin/users')).body
    const addresses = all.items.map(({ email }: { email: string }) => email)
    expect(addresses).toEqual([...addresses].sort())
    expect(all).toMatchObject({ nextCursor: null })
    expect(all.items.find(({ id }: { id: string }) => id === workspace.owner.id)).toEqual({
      id: workspace.owner.id,
      name: workspace.owner.name,
      email: workspace.owner.email,
      isOperator: false,
      isDisabled: false,
      hasSecondFactor: false,
      isEmailVerified: false,
      pendingEmail: null,
      picture: null,
      workspaceCount: 1,
      sessionCount: 1,
      createdAt: expect.any(String),
      lastUsedAt: expect.any(String),
    })
    const paged: string[] = []
    let cursor: string | null = null
    do {
      const { items, nextCursor }: { items: { email: string }[], nextCursor: string | null } = (await asked('GET', `/admin/users?limit=2${cursor
        ? `&cursor=${cursor}`
        : ''}`)).body
      paged.push(...items.map(({ email }) => email))
      cursor = nextCursor
    } while (cursor)
    expect(paged).toEqual(addresses)
    expect(code(await asked('GET', '/admin/users?cursor=WzFd'))).toEqual([400, 'request.invalid'])
  })

  it('are found by a part of name or address, whatever signs it has, and by what they are', async () => {
    const percent = await createUser(test, { name: 'Ana 100%' })
    await createUser(test, { name: 'Ben 1000' })
    const names = async (query: string) => (await asked('GET', `/admin/users?${query}`)).body.items.map(({ name }: { name: string }) => name)
    expect(await names(`q=${encodeURIComponent('100%')}`)).toEqual(['Ana 100%'])
    expect(await names(`q=${percent.email.toUpperCase()}`)).toEqual(['Ana 100%'])
    expect(await names('q=nobody-like-this')).toEqual([])
    expect(await names('only=operators')).toEqual(['Operator'])
    expect(await names('only=disabled')).toEqual([])
    await asked('PATCH', `/admin/users/${percent.id}`, { disabled: true })
    expect(await names('only=disabled')).toEqual(['Ana 100%'])
  })
})

describe('an account', () => {
  it('that is disabled ends at once, is told in the log, and can be enabled', async () => {
    const person = await createUser(test)
    const link = await linkFor(person)
    expect(await isSignedIn(person)).toBe(true)
    const disabled = await asked('PATCH', `/admin/users/${person.id}`, { disabled: true })
    expect(disabled.body).toMatchObject({ isDisabled: true, sessionCount: 0 })
    expect(await isSignedIn(person)).toBe(false)
    expect(code(await test.call('GET', link))).toEqual([404, 'auth.reset_not_found'])
    expect(code(await asked('POST', `/admin/users/${person.id}/reset-link`))).toEqual([409, 'user.disabled'])
    // Once more says nothing new.
    await asked('PATCH', `/admin/users/${person.id}`, { disabled: true })
    expect((await asked('PATCH', `/admin/users/${person.id}`, { disabled: false })).body).toMatchObject({ isDisabled: false })
    expect(await isSignedIn(person)).toBe(false)
    expect(await eventsAbout(person)).toEqual([
      [
        'user.reset_link_made',
        'Operator',
        {
          expiresAt: expect.any(String),
        },
      ],
      [
        'user.disabled',
        'Operator',
        { endedSessions: 1, endedTokens: 0 },
      ],
      ['user.enabled', 'Operator', {}],
    ])
  })

  it('becomes an operator’s and is none any more, but the last one stays', async () => {
    const person = await createUser(test)
    expect(code(await asked('PATCH', `/admin/users/${operator.id}`, { isOperator: false }))).toEqual([409, 'user.last_operator'])
    expect(code(await asked('PATCH', `/admin/users/${operator.id}`, { disabled: true }))).toEqual([409, 'user.last_operator'])
    expect((await asked('PATCH', `/admin/users/${person.id}`, { isOperator: true })).body).toMatchObject({ isOperator: true })
    expect((await asked('GET', '/admin/users', undefined, person.token)).status).toBe(200)
    expect((await asked('PATCH', `/admin/users/${operator.id}`, { isOperator: false }, person.token)).body).toMatchObject({ isOperator: false })
    expect(code(await asked('GET', '/admin/users'))).toEqual([403, 'access.denied'])
    expect(await eventsAbout(person)).toEqual([
      [
        'user.operator_made',
        'Operator',
        { isNew: false },
      ],
    ])
    expect(await eventsAbout(operator)).toEqual([
      ['user.operator_unmade', person.name, {}],
    ])
  })

  it('of two operators who unmake each other at once, leaves one', async () => {
    for (let round = 0; round < 5; round++) {
      const [one, two] = [await createUser(test, { isOperator: true }), await createUser(test, { isOperator: true })]
      await asked('PATCH', `/admin/users/${operator.id}`, { isOperator: false }, one.token)
      const answers = await Promise.all([
        asked('PATCH', `/admin/users/${two.id}`, { isOperator: false }, one.token),
        asked('PATCH', `/admin/users/${one.id}`, { disabled: true }, two.token),
      ])
      expect(answers.map(({ status }) => status).sort()[0]).toBe(200)
      const left = answers[0]!.status === 200
        ? one
        : two
      const { items } = (await asked('GET', '/admin/users?only=operators', undefined, left.token)).body
      expect(items.filter(({ isDisabled }: { isDisabled: boolean }) => !isDisabled)).toHaveLength(1)
      await asked('PATCH', `/admin/users/${operator.id}`, { isOperator: true }, left.token)
      await asked('PATCH', `/admin/users/${left.id}`, { isOperator: false })
    }
  })

  it('is signed out everywhere', async () => {
    const person = await createUser(test)
    expect((await asked('POST', `/admin/users/${person.id}/end-sessions`)).body).toEqual({ endedSessions: 1 })
    expect(await isSignedIn(person)).toBe(false)
    expect((await asked('POST', `/admin/users/${person.id}/end-sessions`)).body).toEqual({ endedSessions: 0 })
    expect(await eventsAbout(person)).toEqual([
      [
        'user.sessions_ended',
        'Operator',
        { endedSessions: 1 },
      ],
    ])
  })

  it('that nobody has is not found', async () => {
    const nobody = '01a22b6e-84f5-7747-999d-1e1991761664'
    for (const [method, path, body] of [
      [
        'PATCH',
        '',
        { disabled: true },
      ],
      ['POST', '/end-sessions'],
      ['POST', '/reset-link'],
    ] as const) {
      expect(code(await asked(method, `/admin/users/${nobody}${path}`, body))).toEqual([404, 'not_found'])
    }
  })
})

describe('a link to a new password', () => {
  it('sets it once, signs out everywhere, and is told in the log as the person’s own', async () => {
    const person = await createUser(test)
    const link = await linkFor(person)
    expect((await test.call('GET', link)).body).toEqual({ name: person.name, email: person.email })
    const weak = await test.call('POST', link, {
      body: { password: 'password1234' },
    })
    expect(code(weak)).toEqual([400, 'auth.password_weak'])
    expect(await isSignedIn(person)).toBe(true)
    expect((await test.call('POST', link, {
      body: { password: PASSWORD },
    })).status).toBe(204)
    expect(await isSignedIn(person)).toBe(false)
    expect((await login(person.email, PASSWORD)).status).toBe(200)
    for (const method of ['GET', 'POST']) {
      expect(code(await test.call(method, link, {
        body: method === 'POST'
          ? { password: PASSWORD }
          : undefined,
      }))).toEqual([404, 'auth.reset_not_found'])
    }
    expect((await eventsAbout(person)).slice(1, 2)).toEqual([
      [
        'user.password_reset',
        person.name,
        { endedSessions: 1, endedTokens: 0, by: 'link' },
      ],
    ])
  })

  it('is used by one of many at once', async () => {
    const person = await createUser(test)
    const link = await linkFor(person)
    const answers = await Promise.all(Array.from({ length: 4 }, (_, n) => test.call('POST', link, {
      body: { password: `${PASSWORD} ${n}` },
    })))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404])
    expect((await login(person.email, `${PASSWORD} ${answers.findIndex(({ status }) => status === 204)}`)).status).toBe(200)
  })

  it('counts only as long as whoever made it is an operator', async () => {
    const [user, maker] = [await createUser(test), await createUser(test, { isOperator: true })]
    const { url } = (await asked('POST', `/admin/users/${user.id}/reset-link`, undefined, maker.token)).body as { url: string }
    const link = `/auth/password-reset/${new URL(url).hash.slice('#token='.length)}`
    for (const change of [
      { isOperator: false },
      { disabled: true },
    ]) {
      await asked('PATCH', `/admin/users/${maker.id}`, change)
      expect(code(await test.call('GET', link))).toEqual([404, 'auth.reset_not_found'])
      expect(code(await test.call('POST', link, {
        body: { password: PASSWORD },
      }))).toEqual([404, 'auth.reset_not_found'])
      await asked('PATCH', `/admin/users/${maker.id}`, { isOperator: true, disabled: false })
    }
    expect((await test.call('POST', link, {
      body: { password: PASSWORD },
    })).status).toBe(204)
  })

  it('counts no longer once it is replaced, old, or truncated, and is cleaned away', async () => {
    const person = await createUser(test)
    const first = await linkFor(person)
    const second = await linkFor(person)
    for (const link of [
      first,
      second.slice(0, -1),
      `${second}x`,
      '/auth/password-reset/x',
    ]) expect(code(await test.call('GET', link))).toEqual([404, 'auth.reset_not_found'])
    expect((await test.call('GET', second)).status).toBe(200)
    test.clock.set(new Date(test.clock.now().getTime() + 24 * 3_600_000 + 1000))
    expect(code(await test.call('POST', second, {
      body: { password: PASSWORD },
    }))).toEqual([404, 'auth.reset_not_found'])
    await purgeDue(test)
    expect(await test.deps.db.$count(passwordResets)).toBe(0)
  })
})
