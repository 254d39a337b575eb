import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { randomUUIDv7 } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { addMember, createUser, createWorkspace } from '../../../test/factories.ts'
import { createTestApp, useTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { mails } from '../../mail/mails.table.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { sessions } from '../auth/sessions.table.ts'
import { createThrottle } from '../auth/throttle.ts'
import { users } from '../users/users.table.ts'
import { invitations, members } from './members.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
let test: TestApp
let workspace: TestWorkspace
beforeAll(async () => {
  test = await createTestApp()
  workspace = await createWorkspace(test)
})
afterAll(() => test.close())

let n = 0
const freshEmail = () => `newcomer${++n}@example.com`
const invite = (body: object = {}, actor: TestUser = workspace.owner) => test.call('POST', `/workspaces/${workspace.id}/invitations`, {
  token: actor.token,
  body: { role: 'staff', ...body },
})
async function tokenOf(body: object = {}, actor?: TestUser): Promise<string> {
  const answer = await invite(body, actor)
  return answer.body.url.split('/').at(-1)
}
const show = (token: string) => test.call('GET', `/public/invitations/${token}`)
const accept = (token: string, body: object = {}, user?: TestUser) => test.call('POST', `/public/invitations/${token}/accept`, { body, token: user?.token })
const seatOf = async (userId: string) => (await test.deps.db.select().from(members).where(and(eq(members.workspaceId, workspace.id), eq(members.userId, userId))))[0]
const newcomer = () => ({
  name: 'Nadia Newcomer',
  email: freshEmail(),
  password: PASSWORD,
})
async function createAccount(): Promise<TestUser> {
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash: await hashPassword(PASSWORD) }).where(eq(users.id, user.id))
  return user
}
const gone = {
  status: 404,
  body: { code: 'invitation.not_found' },
}

describe('an invitation', () => {
  it('of somebody who manages members is made by who has shown who they are', async () => {
    const admin = await addMember(test, workspace, 'admin')
    await test.deps.db.update(sessions).set({ steppedUpAt: null }).where(eq(sessions.id, admin.sessionId))
    expect((await invite({ role: 'admin' }, admin)).body.code).toBe('auth.step_up_required')
    expect((await invite({ spaceRole: 'manager' }, admin)).status).toBe(201)
  })

  it('is a link whose token is kept nowhere in clear', async () => {
    const email = freshEmail()
    const { status, body } = await invite({ email, spaceRole: 'viewer' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      email,
      role: 'staff',
      spaceRole: 'viewer',
      state: 'open',
      createdBy: { id: workspace.owner.id, name: workspace.owner.name },
    })
    expect(body.url).toMatch(/^http:\/\/localhost:3000\/invite\/[\w-]{43}$/)
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBe(7 * 86_400_000)
    const token = body.url.split('/').at(-1)
    const { items } = (await test.call('GET', `/workspaces/${workspace.id}/invitations`, { token: workspace.owner.token })).body
    const { url, isMailed, ...listed } = body
    // Without SMTP the link is all there is.
    expect(isMailed).toBe(false)
    expect(items).toContainEqual(listed)
    expect(JSON.stringify([items, await test.deps.db.select().from(invitations), await toldEvents(test)])).not.toContain(token)
    expect((await show(token)).body).toEqual({
      workspaceName: expect.stringMatching(/^Workspace/),
      invitedBy: workspace.owner.name,
      role: 'staff',
      email,
      expiresAt: body.expiresAt,
      makesAccounts: true,
      needsPassword: true,
    })
  })

  it.each([
    [
      'no role',
      { role: undefined },
    ],
    [
      'a space role for a client’s contact',
      { role: 'client', spaceRole: 'viewer' },
    ],
    [
      'a space role for an admin',
      { role: 'admin', spaceRole: 'viewer' },
    ],
    [
      'no e-mail address',
      { email: 'x' },
    ],
    [
      'too long a life',
      { expiresInDays: 31 },
    ],
    [
      'no life',
      { expiresInDays: 0 },
    ],
    [
      'an unknown field',
      {
        workspaceId: randomUUIDv7(),
      },
    ],
  ])('refuses %s', async (_what, body) => {
    const answer = await invite(body)
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
  })

  it('to somebody who is a member is refused', async () => {
    const answer = await invite({
      email: workspace.owner.email.toUpperCase(),
    })
    expect([answer.status, answer.body.code]).toEqual([409, 'member.already'])
  })

  it('is mailed to one address five times in an hour, and two hundred times in a day by one workspace; the link is made all the same', async () => {
    const mailing = await useTestApp({
      env: { SMTP_URL: 'smtp://127.0.0.1:1', SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' },
    })
    mailing.clock.set(mailing.clock.now())
    const own = await createWorkspace(mailing)
    const isMailed = async (email: string) => {
      const { status, body } = await mailing.call('POST', `/workspaces/${own.id}/invitations`, {
        token: own.owner.token,
        body: { role: 'staff', email },
      })
      expect([status, body.url]).toEqual([
        201,
        expect.stringContaining('/invite/'),
      ])
      return body.isMailed
    }
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await isMailed('ana@example.org'))
    expect(answers).toEqual([true, true, true, true, true, false])
    const throttle = createThrottle({ db: mailing.deps.db, clock: mailing.clock.now })
    for (let i = 6; i < 200; i++) await throttle.limit(`invitations:subject:${own.id}`, { count: 200, windowSeconds: 86_400 })
    expect([await isMailed('ben@example.org'), await isMailed('cora@example.org')]).toEqual([true, false])
    expect(await mailing.deps.db.$count(mails)).toBe(6)
  })

  it('gives no more than the inviter may', async () => {
    const [admin, staff] = [await addMember(test, workspace, 'admin'), await addMember(test, workspace, 'staff')]
    expect((await invite({ role: 'owner' }, admin)).status).toBe(403)
    expect((await invite({ role: 'admin' }, admin)).status).toBe(201)
    expect((await invite({}, staff)).status).toBe(403)
    expect((await invite({ role: 'owner' })).status).toBe(201)
  })
})

describe('accepting', () => {
  it('with a new account makes it, joins and signs in', async () => {
    const token = await tokenOf({ spaceRole: 'contributor' })
    const person = newcomer()
    expect((await accept(token, { ...person, locale: 'fr' })).status).toBe(400)
    const { status, body, headers } = await accept(token, { ...person, locale: 'de' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      workspaceSlug: workspace.slug,
      session: {
        expiresIn: 900,
        user: { name: person.name, email: person.email, isOperator: false },
      },
    })
    expect(String(headers['set-cookie'])).toContain('clientshare-session=')
    const { accessToken, user } = body.session
    expect((await test.call('GET', '/me', { token: accessToken })).body.locale).toBe('de')
    const [space] = (await test.call('GET', `/workspaces/${workspace.id}/spaces`, { token: accessToken })).body.items
    expect(space.permissions).toEqual(['see', 'preview', 'download', 'upload'])
    expect((await test.call('POST', '/auth/login', {
      body: { email: person.email, password: PASSWORD },
    })).status).toBe(200)
    const events = (await toldEvents(test, eq(auditEvents.actorId, user.id))).sort((a, b) => a.at.getTime() - b.at.getTime())
    expect(events.slice(0, 3).map(event => event.action).sort()).toEqual(['invitation.accepted', 'member.joined', 'session.started'])
    expect(await show(token)).toMatchObject(gone)
  })

  it('with a session needs nothing else and starts none', async () => {
    const user = await createUser(test)
    const { status, body, headers } = await accept(await tokenOf({ role: 'admin' }), {}, user)
    expect([status, body]).toEqual([
      200,
      { workspaceSlug: workspace.slug, session: null },
    ])
    expect(headers['set-cookie']).toBeUndefined()
    expect(await seatOf(user.id)).toMatchObject({ role: 'admin' })
  })

  it('with an account signs in to it; with a wrong password it is a refused sign-in', async () => {
    const user = await createAccount()
    const token = await tokenOf()
    const wrong = await accept(token, { email: user.email, password: 'not-the-password' })
    expect([wrong.status, wrong.body.code]).toEqual([401, 'auth.wrong_credentials'])
    const unknown = await accept(token, {
      email: freshEmail(),
      password: 'not-the-password',
    })
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' })
    const takeover = await accept(token, { name: 'Mallory', email: user.email, password: 'another-long-sentence' })
    expect([takeover.status, takeover.body.code]).toEqual([401, 'auth.wrong_credentials'])
    const right = await accept(token, { email: user.email, password: PASSWORD })
    expect(right.body.session.user.id).toBe(user.id)
  })

  it('counts guesses like a sign-in', async () => {
    test.clock.set(test.clock.now()) // what is forgiven with time is not while a slow machine hashes
    onTestFinished(() => test.clock.set(null))
    const user = await createAccount()
    const token = await tokenOf()
    const guess = () => test.app.inject({
      method: 'POST',
      url: `/api/v1/public/invitations/${token}/accept`,
      remoteAddress: '203.0.113.50',
      payload: { email: user.email, password: 'not-the-password' },
    })
    const answers = []
    for (let i = 0; i < 6; i++) answers.push((await guess()).statusCode)
    expect(answers).toEqual([401, 401, 401, 401, 401, 429])
    const login = await test.app.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      remoteAddress: '203.0.113.50',
      payload: { email: user.email, password: PASSWORD },
    })
    expect(login.statusCode).toBe(429)
  })

  it('to nobody in particular tells of ten addresses an hour whether they have an account, whoever asks, and of no more', async () => {
    test.clock.set(test.clock.now())
    onTestFinished(() => test.clock.set(null))
    const token = await tokenOf()
    const tryWith = async (email: string, n: number) => (await test.app.inject({
      method: 'POST',
      url: `/api/v1/public/invitations/${token}/accept`,
      remoteAddress: `198.51.${n}.50`,
      payload: { name: 'Mallory', email, password: 'another-long-sentence' },
    })).statusCode
    const answers = []
    for (let n = 0; n < 10; n++) answers.push(await tryWith((await createAccount()).email, n))
    expect(answers).toEqual(answers.map(() => 401))
    const other = await createAccount()
    expect(await tryWith(other.email, 10)).toBe(429)
    expect(await tryWith(freshEmail(), 11)).toBe(429)
    test.clock.advance(3_600_000)
    expect(await tryWith(other.email, 12)).toBe(401)
  })

  it.each([
    [
      'no password',
      { name: 'N', email: 'n1@example.com' },
      '/password',
    ],
    [
      'no e-mail address',
      { name: 'N', password: PASSWORD },
      '/email',
    ],
    [
      'a weak password',
      { name: 'N', email: 'n2@example.com', password: 'Password2026!' },
      '/password',
    ],
    [
      'a short password',
      { name: 'N', email: 'n3@example.com', password: 'short' },
      '/password',
    ],
    [
      'an unknown field',
      { role: 'owner' },
      '/role',
    ],
  ])('refuses %s and stays open', async (_what, body, pointer) => {
    const token = await tokenOf()
    const answer = await accept(token, body)
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer])
    expect((await show(token)).status).toBe(200)
  })

  it('does not tell by a weak password who has an account', async () => {
    const token = await tokenOf()
    const existing = await createAccount()
    const answers = [
      await accept(token, { name: 'Somebody', email: existing.email, password: 'short' }),
      await accept(token, {
        name: 'Somebody',
        email: freshEmail(),
        password: 'short',
      }),
    ]
    expect(answers[0]!.body.code).toBe('auth.password_weak')
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [answers[1]!.status, answers[1]!.body.code]))
  })

  it('is for the address that it was bound to', async () => {
    const user = await createUser(test)
    const token = await tokenOf({ email: 'Bound@Example.com' })
    for (const answer of [await accept(token, {}, user), await accept(token, newcomer())]) expect([answer.status, answer.body.code]).toEqual([403, 'invitation.other_email'])
    const { status, body } = await accept(token, { name: 'Bound', password: PASSWORD })
    expect([status, body.session.user.email]).toEqual([200, 'Bound@Example.com'])
  })

  it('by a member says so and leaves the invitation unused', async () => {
    const member = await addMember(test, workspace, 'staff')
    const token = await tokenOf()
    const answer = await accept(token, {}, member)
    expect([answer.status, answer.body.code]).toEqual([409, 'member.already'])
    expect((await accept(token, {}, await createUser(test))).status).toBe(200)
  })

  it('with a member’s password signs them in, as everywhere, and leaves the invitation unused: nobody tries passwords here unseen', async () => {
    const member = await addMember(test, workspace, 'staff')
    await test.deps.db.update(users).set({
      passwordHash: await hashPassword(PASSWORD),
    }).where(eq(users.id, member.id))
    const token = await tokenOf()
    const answer = await accept(token, { email: member.email, password: PASSWORD })
    expect([answer.status, answer.body.session.user.id]).toEqual([200, member.id])
    expect((await toldEvents(test, eq(auditEvents.subjectId, member.id))).map(({ action }) => action)).toEqual(['session.started'])
    expect((await accept(token, {}, await createUser(test))).status).toBe(200)
  })

  it('happens once, however many try at once', async () => {
    const token = await tokenOf()
    const people: TestUser[] = []
    for (let i = 0; i < 50; i++) people.push(await createUser(test))
    const answers = await Promise.all(people.map(person => accept(token, {}, person)))
    expect(answers.filter(answer => answer.status === 200)).toHaveLength(1)
    for (const answer of answers.filter(each => each.status !== 200)) expect(answer).toMatchObject(gone)
    const seats = await Promise.all(people.map(person => seatOf(person.id)))
    expect(seats.filter(Boolean)).toHaveLength(1)
  })

  it('of two invitations with the same new account makes one account', async () => {
    const person = newcomer()
    const [first, second] = [await tokenOf(), await tokenOf()]
    const answers = await Promise.all([
      accept(first, person),
      accept(second, person),
    ])
    // Whose came second is a sign-in, and stays unused.
    expect(answers.map(answer => answer.status)).toEqual([200, 200])
    expect(new Set(answers.map(answer => answer.body.session.user.id)).size).toBe(1)
    expect(await test.deps.db.$count(users, eq(users.email, person.email))).toBe(1)
  })

  it('with an ended session is refused', async () => {
    expect((await test.call('POST', `/public/invitations/${await tokenOf()}/accept`, {
      body: {},
      headers: { authorization: 'Bearer a.b.c' },
    })).status).toBe(401)
  })
})

describe('an invitation that counts no longer', () => {
  it('looks like an unknown one', async () => {
    const [used, revoked, expired] = [await tokenOf(), await invite(), await tokenOf({ expiresInDays: 1 })]
    await accept(used, {}, await createUser(test))
    const revokedPath = `/workspaces/${workspace.id}/invitations/${revoked.body.id}`
    for (let i = 0; i < 2; i++) expect((await test.call('DELETE', revokedPath, { token: workspace.owner.token })).status).toBe(204)
    test.clock.advance(86_400_000)
    const tokens = [
      'unknown',
      used,
      revoked.body.url.split('/').at(-1),
      expired,
    ]
    for (const token of tokens) {
      for (const answer of [await show(token), await accept(token, newcomer())]) {
        const { requestId, ...body } = answer.body
        expect([answer.status, body]).toEqual([
          404,
          {
            type: 'about:blank',
            status: 404,
            code: 'invitation.not_found',
            title: 'This invitation does not exist or counts no longer',
            detail: 'Ask whoever sent it for a new one',
          },
        ])
      }
    }
    const { items } = (await test.call('GET', `/workspaces/${workspace.id}/invitations`, { token: workspace.owner.token })).body
    expect(new Set(items.map((item: { state: string }) => item.state))).toEqual(new Set([
      'accepted',
      'revoked',
      'expired',
      'open',
    ]))
  })

  it.each([
    [
      'was demoted',
      async (inviter: TestUser) => test.deps.db.update(members).set({ role: 'staff' }).where(eq(members.userId, inviter.id)),
    ],
    [
      'was ended',
      async (inviter: TestUser) => test.deps.db.delete(members).where(eq(members.userId, inviter.id)),
    ],
    [
      'was disabled',
      async (inviter: TestUser) => test.deps.db.update(users).set({
        disabledAt: new Date(),
      }).where(eq(users.id, inviter.id)),
    ],
  ])('is one whose inviter %s', async (_what, lose) => {
    const inviter = await addMember(test, workspace, 'admin')
    const token = await tokenOf({ role: 'admin' }, inviter)
    expect((await show(token)).status).toBe(200)
    await lose(inviter)
    expect(await show(token)).toMatchObject(gone)
    expect(await accept(token, {}, await createUser(test))).toMatchObject(gone)
  })

  it('is one for an owner by an owner who is an admin now', async () => {
    const inviter = await addMember(test, workspace, 'owner')
    const [owner, staff] = [await tokenOf({ role: 'owner' }, inviter), await tokenOf({}, inviter)]
    await test.deps.db.update(members).set({ role: 'admin' }).where(eq(members.userId, inviter.id))
    expect(await show(owner)).toMatchObject(gone)
    expect((await show(staff)).status).toBe(200)
  })

  it('cannot be revoked once it was used, nor from another workspace', async () => {
    const { body } = await invite()
    const other = await createWorkspace(test)
    expect((await test.call('DELETE', `/workspaces/${other.id}/invitations/${body.id}`, { token: other.owner.token })).status).toBe(404)
    await accept(body.url.split('/').at(-1), {}, await createUser(test))
    const answer = await test.call('DELETE', `/workspaces/${workspace.id}/invitations/${body.id}`, { token: workspace.owner.token })
    expect([answer.status, answer.body.code]).toEqual([409, 'invitation.used'])
  })
})
