import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { Lie, LyingProvider, TestProvider } from '../../../test/oidc-providers.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { Buffer } from 'node:buffer'
import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { and, eq, inArray } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { addMember, createUser, createWorkspace } from '../../../test/factories.ts'
import { person, whileHeld } from '../../../test/held.ts'
import { callbackOf, cookieOf, createOidcBrowser, HERE, stateCookie } from '../../../test/oidc-browser.ts'
import { CLIENT, startLyingProvider, startProvider } from '../../../test/oidc-providers.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { sessions } from '../auth/sessions.table.ts'
import { passkeys } from '../factors/factors.table.ts'
import { members } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { oidcProviders } from './oidc-providers.table.ts'
import { oidcIdentities, oidcStates } from './oidc.table.ts'

let test: TestApp
let operator: TestUser
let workspace: TestWorkspace
let real: TestProvider
let liar: LyingProvider
let browser: ReturnType<typeof createOidcBrowser>
/** The ids of both. */
const ids: Record<string, string> = {}

async function addProvider(slug: string, issuer: string, settings: object = {}): Promise<any> {
  const { status, body } = await test.call('POST', '/admin/oidc-providers', {
    token: operator.token,
    body: {
      slug,
      name: `The ${slug} provider`,
      issuer,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      trustedDomains: ['harbour.example'],
      ...settings,
    },
  })
  expect([status, body.code]).toEqual([201, undefined])
  ids[slug] = body.id
  return body
}
const change = (slug: string, body: object) => test.call('PATCH', `/admin/oidc-providers/${ids[slug]}`, { token: operator.token, body })
const register = (body: object) => test.call('PATCH', '/admin/instance', { token: operator.token, body })

beforeAll(async () => {
  test = await createTestApp()
  browser = createOidcBrowser(test, () => real)
  workspace = await createWorkspace(test)
  operator = await createUser(test, { isOperator: true })
  real = await startProvider(['harbour', 'second'].map(callbackOf), [`${HERE}/login`])
  liar = await startLyingProvider()
  await addProvider('harbour', `${real.issuer}/.well-known/openid-configuration`)
  await addProvider('liar', liar.issuer)
  await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
    token: workspace.owner.token,
    body: { role: 'staff', email: 'Nadia@harbour.example', spaceRole: 'viewer' },
  })
})
afterAll(async () => {
  await test.close()
  await real.close()
  await liar.close()
})

const start = (slug: string, next?: string) => browser.start(slug, next)
const comeBack = (url: string, state: string | undefined) => browser.comeBack(url, state)
const refresh = (session: string) => browser.refresh(session)
const signIn = (login: string, { slug = 'harbour', next }: { slug?: string, next?: string } = {}) => browser.signIn(slug, login, next)
const connect = (user: TestUser, login: string) => browser.connect('harbour', user, login)
const accountOf = async (email: string) => (await test.deps.db.select().from(users).where(eq(users.emailKey, email)))[0]
describe('a sign-in by a provider', () => {
  it('asks it by PKCE, with state and nonce, and keeps the state in a cookie that other pages’ links bring', async () => {
    const { url, answer, state } = await start('harbour')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: CLIENT.id,
      redirect_uri: callbackOf('harbour'),
      response_type: 'code',
      scope: 'openid email profile',
      state,
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(cookieOf(answer, 'clientshare-oidc')).toMatch(/; Max-Age=600; Path=\/api\/v1\/auth\/oidc; HttpOnly; SameSite=Lax$/)
    expect(JSON.stringify(await test.deps.db.select().from(oidcStates))).not.toContain(state)
    expect((await test.call('GET', '/auth/oidc')).body.items).toContainEqual({ id: 'harbour', name: 'The harbour provider' })
  })

  it('begins by a button of ours alone: neither a link nor a form of another site begins one', async () => {
    expect((await test.call('GET', '/auth/oidc/harbour/start')).status).toBe(405)
    const forms = {
      'application/x-www-form-urlencoded': 'next=%2F',
      'multipart/form-data; boundary=x': '--x--\r\n',
      'text/plain': '{"next":"/"}',
    }
    for (const [type, body] of Object.entries(forms)) {
      const { status, headers } = await test.call('POST', '/auth/oidc/harbour/start', {
        body,
        headers: { 'content-type': type },
      })
      expect([type, status >= 400, headers['set-cookie']]).toEqual([type, true, undefined])
    }
    expect((await test.call('POST', '/auth/oidc/harbour/start')).status).toBe(400)
  })

  it('lets whoever is invited in, as who they are there, and the same person again', async () => {
    real.people.nadia = {
      email: 'nadia@harbour.example',
      email_verified: true,
      name: 'Nadia Newcomer',
      locale: 'de-CH',
    }
    const first = await signIn('nadia', { next: '/w/harbour?folder=1#top' })
    expect(first.problem).toBeNull()
    expect(first.page.pathname + first.page.search).toBe(`/signed-in?${new URLSearchParams({ next: '/w/harbour?folder=1#top' })}`)
    expect(cookieOf(first.answer, 'clientshare-oidc')).toContain('Expires=Thu, 01 Jan 1970')
    const { body } = await refresh(first.session!)
    expect(body.user).toMatchObject({
      name: 'Nadia Newcomer',
      email: 'nadia@harbour.example',
      isOperator: false,
      locale: 'de',
    })
    const me = await test.call('GET', '/me', { token: body.accessToken })
    expect(me.body).toMatchObject({
      isEmailVerified: true,
      memberships: [
        { workspaceId: workspace.id, role: 'staff' },
      ],
    })
    const events = await toldEvents(test, eq(auditEvents.actorId, body.user.id))
    expect(events.map(({ action }) => action).sort()).toEqual([
      'invitation.accepted',
      'member.joined',
      'session.started',
      'user.registered',
    ])

    const again = await signIn('nadia')
    expect((await refresh(again.session!)).body.user.id).toBe(body.user.id)
    expect(await test.deps.db.select().from(oidcIdentities).where(eq(oidcIdentities.userId, body.user.id))).toMatchObject([
      { subject: 'nadia', label: 'nadia@harbour.example' },
    ])
  })

  it('lets nobody in for whom there is no reason, and tells nobody who has an account', async () => {
    const existing = await createUser(test)
    await test.deps.db.update(users).set({ email: 'known@harbour.example', emailKey: 'known@harbour.example' }).where(eq(users.id, existing.id))
    await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
      token: workspace.owner.token,
      body: { role: 'staff', email: 'invited@elsewhere.example' },
    })
    Object.assign(real.people, {
      unknown: { email: 'unknown@harbour.example', email_verified: true },
      known: { email: 'known@harbour.example', email_verified: true },
      invited: { email: 'invited@elsewhere.example', email_verified: true },
      nameless: {},
    })
    const pages = []
    for (const login of [
      'unknown',
      'known',
      'invited',
      'nameless',
    ]) {
      const { page, session } = await signIn(login)
      expect(session).toBeUndefined()
      pages.push(page.href)
    }
    expect(new Set(pages)).toEqual(new Set([`${HERE}/signed-in?next=%2F&problem=provider.nobody_connected`]))
    expect(await test.deps.db.select().from(oidcIdentities).where(inArray(oidcIdentities.subject, [
      'unknown',
      'known',
      'invited',
      'nameless',
    ]))).toEqual([])
  })

  it('goes by how people may make accounts by themselves', async () => {
    onTestFinished(async () => void await register({ registration: 'invitation' }))
    Object.assign(real.people, {
      open: {
        email: 'open@harbour.example',
        email_verified: true,
        name: '\u202Eevil',
        preferred_username: 'open',
      },
      unverified: { email: 'unverified@harbour.example', email_verified: false },
      unlisted: { email: 'unlisted@other.example', email_verified: true },
      below: { email: 'below@sub.harbour.example', email_verified: true },
    })
    await register({ registration: 'open' })
    for (const login of ['unverified', 'unlisted', 'below']) expect((await signIn(login)).problem, login).toBe('provider.nobody_connected')
    const { session } = await signIn('open')
    expect((await refresh(session!)).body.user.name).toBe('evil')
    await register({
      registration: 'domain',
      registrationDomains: ['other.example'],
    })
    real.people.domain = { email: 'domain@harbour.example', email_verified: true }
    expect((await signIn('domain')).problem).toBe('provider.nobody_connected')
  })

  it('asks for the second factor that the person has here', async () => {
    const user = await createUser(test)
    real.people.careful = {}
    await connect(user, 'careful')
    const totp = await addTotp(test, user)
    const { page, session } = await signIn('careful', { next: '/account' })
    expect([page.pathname, session]).toEqual(['/signed-in', undefined])
    const fragment = new URLSearchParams(page.hash.slice(1))
    const step = JSON.parse(fragment.get('step')!)
    expect(step.methods).toEqual(['totp', 'recovery'])
    const done = await test.call('POST', '/auth/mfa', {
      body: {
        mfaToken: step.mfaToken,
        method: 'totp',
        code: totp.nextCode(),
      },
    })
    expect(done.body.user.id).toBe(user.id)
    const [{ oidcProviderId }] = await test.deps.db.select().from(sessions).where(eq(sessions.userId, user.id)).orderBy(sessions.createdAt).then(rows => rows.slice(-1)) as [typeof sessions.$inferSelect]
    expect(oidcProviderId).toBe(ids.harbour)
  })

  it('is over for who gives up there, for a disabled account, and where the provider is off', async () => {
    expect((await signIn('')).problem).toBe('provider.given_up')
    const user = await createUser(test)
    real.people.gone = {}
    await connect(user, 'gone')
    await test.call('PATCH', `/admin/users/${user.id}`, {
      token: operator.token,
      body: { disabled: true },
    })
    expect((await signIn('gone')).problem).toBe('provider.nobody_connected')
    const { url, state } = await start('harbour')
    onTestFinished(async () => void await change('harbour', { isEnabled: true }))
    await change('harbour', { isEnabled: false })
    expect((await comeBack(await real.visit(url.href, 'nadia'), state)).problem).toBe('provider.not_begun')
    const off = await test.call('POST', '/auth/oidc/harbour/start', { body: {} })
    expect([off.status, off.headers['set-cookie']]).toEqual([404, undefined])
    expect((await test.call('GET', '/auth/oidc')).body.items.map(({ id }: { id: string }) => id)).toEqual(['liar'])
  })

  it('ends where the provider ends it too', async () => {
    const { session } = await signIn('nadia')
    const { status, body } = await test.call('POST', '/auth/logout', {
      headers: { cookie: `clientshare-session=${session}` },
    })
    expect(status).toBe(200)
    const url = new URL(body.url)
    expect([
      url.origin,
      Object.fromEntries(url.searchParams),
    ]).toEqual([
      real.issuer,
      { client_id: CLIENT.id, post_logout_redirect_uri: `${HERE}/login` },
    ])
    expect((await fetch(url)).status).toBe(200)
  })
})

describe('a role', () => {
  it('comes from a claim at each sign-in, and makes and takes no owner', async () => {
    onTestFinished(async () => void await change('harbour', { joinWorkspaceId: null, roleClaim: null, roleMap: [] }))
    const asStaff = await addMember(test, workspace, 'admin')
    const refused = await test.call('PATCH', `/admin/oidc-providers/${ids.harbour}`, {
      token: operator.token,
      body: { joinWorkspaceId: workspace.id },
    })
    expect(refused.status).toBe(404)
    await test.deps.db.insert(members).values({
      id: randomUUIDv7(),
      workspaceId: workspace.id,
      userId: operator.id,
      role: 'owner',
      createdAt: test.clock.now(),
    })
    expect((await change('harbour', {
      joinWorkspaceId: workspace.id,
      joinRole: 'staff',
      roleClaim: 'roles',
      roleMap: [
        { value: 'boss', role: 'admin' },
        { value: 'crew', role: 'staff' },
      ],
    })).status).toBe(200)
    const roleOf = async (userId: string) => (await test.deps.db.select({ role: members.role }).from(members).where(and(eq(members.workspaceId, workspace.id), eq(members.userId, userId))))[0]?.role

    real.people.joins = {
      email: 'joins@harbour.example',
      email_verified: true,
      name: 'Jo',
      roles: ['crew', 'boss'],
    }
    const { session } = await signIn('joins')
    const { body: { user } } = await refresh(session!)
    expect(await roleOf(user.id)).toBe('admin')
    real.people.joins.roles = ['crew']
    await signIn('joins')
    expect(await roleOf(user.id)).toBe('staff')
    real.people.joins.roles = ['owner']
    await signIn('joins')
    expect(await roleOf(user.id)).toBe('staff')
    expect(await toldEvents(test, and(eq(auditEvents.action, 'member.role_changed'), eq(auditEvents.actorKind, 'system')))).toMatchObject([
      {
        actor: { name: 'The harbour provider' },
        details: {
          userId: user.id,
          role: { from: 'admin', to: 'staff' },
        },
      },
    ])

    // As an invitation, it gives no more than whoever set it may give.
    real.people.joins.roles = ['boss']
    const setBy = (role: 'owner' | 'staff') => test.deps.db.update(members).set({ role }).where(and(eq(members.workspaceId, workspace.id), eq(members.userId, operator.id)))
    await setBy('staff')
    await signIn('joins')
    expect(await roleOf(user.id)).toBe('staff')
    real.people.late = { email: 'late@harbour.example', email_verified: true }
    expect((await signIn('late')).session).toBeUndefined()
    const shown = async () => (await test.call('GET', '/admin/oidc-providers', { token: operator.token })).body.items.find(({ slug }: { slug: string }) => slug === 'harbour').givesRoles
    expect(await shown()).toBe(false)
    expect((await change('harbour', { joinWorkspaceId: workspace.id })).status).toBe(403)
    await setBy('owner')
    expect([await shown(), (await signIn('late')).session === undefined]).toEqual([true, false])

    real.people.owner = {
      roles: ['crew'],
    }
    await connect(workspace.owner, 'owner')
    await signIn('owner')
    expect(await roleOf(workspace.owner.id)).toBe('owner')
    // Who is a member by an invitation is one by the same rule.
    real.people.staff = {
      roles: ['crew'],
    }
    await connect(asStaff, 'staff')
    await signIn('staff')
    expect(await roleOf(asStaff.id)).toBe('staff')
  })
})

describe('a connection', () => {
  it('is made by who is signed in and has stepped up, and ended, but never the last way in', async () => {
    const user = await createUser(test)
    real.people.ana = { email: 'somebody@else.example' }
    const { page } = await connect(user, 'ana')
    expect(page.href).toBe(`${HERE}/account`)
    const list = async () => (await test.call('GET', '/me/oidc', { token: user.token })).body
    expect(await list()).toMatchObject({
      hasPassword: false,
      items: [
        {
          provider: { id: 'harbour' },
          connection: { label: 'somebody@else.example' },
        },
        {
          provider: { id: 'liar' },
          connection: null,
        },
      ],
    })
    const { session } = await signIn('ana')
    expect((await refresh(session!)).body.user.id).toBe(user.id)
    const end = () => test.call('DELETE', '/me/oidc/harbour', { token: user.token })
    expect((await end()).body.code).toBe('provider.last_way_in')
    await test.deps.db.update(users).set({ passwordHash: 'x' }).where(eq(users.id, user.id))
    // Not for a session that has ended meanwhile.
    expect((await whileHeld(test, person(user), end, tx => tx.update(sessions).set({
      revokedAt: test.clock.now(),
    }).where(eq(sessions.id, user.sessionId)))).body.code).toBe('auth.unauthenticated')
    await test.deps.db.update(sessions).set({ revokedAt: null }).where(eq(sessions.id, user.sessionId))
    expect([(await end()).status, (await end()).status]).toEqual([204, 204])
    // What was begun by it ends with it, but not what ended it.
    expect([(await refresh(session!)).status, (await test.call('GET', '/me', { token: user.token })).status]).toEqual([401, 200])
    expect((await list()).items[0].connection).toBeNull()
    expect((await signIn('ana')).problem).toBe('provider.nobody_connected')
    expect((await toldEvents(test, eq(auditEvents.actorId, user.id))).map(({ action }) => action)).toEqual(expect.arrayContaining(['user.sign_in_connected', 'user.sign_in_disconnected']))
  })

  it('may be ended by who has a passkey, which is then the last way in, and stays', async () => {
    const user = await createUser(test)
    real.people.keyed = {}
    await connect(user, 'keyed')
    const passkeyId = randomUUIDv7()
    await test.deps.db.insert(passkeys).values({
      id: passkeyId,
      userId: user.id,
      credentialId: 'a key',
      publicKey: Buffer.alloc(1),
      counter: 0,
      transports: [],
      name: 'Key',
      isBackedUp: false,
      createdAt: test.clock.now(),
    })
    expect((await test.call('DELETE', '/me/oidc/harbour', { token: user.token })).status).toBe(204)
    const remove = () => test.call('DELETE', `/me/passkeys/${passkeyId}`, { token: user.token })
    expect((await remove()).body.code).toBe('provider.last_way_in')
    await test.deps.db.update(users).set({ passwordHash: 'x' }).where(eq(users.id, user.id))
    expect((await remove()).status).toBe(204)
  })

  it('is one for each, and of a session that stands', async () => {
    const [one, two] = [await createUser(test), await createUser(test)]
    Object.assign(real.people, { first: {}, other: {} })
    await connect(one, 'first')
    expect((await connect(two, 'first')).problem).toBe('conflict')
    expect((await connect(one, 'other')).problem).toBe('conflict')
    const answer = await test.call('POST', '/me/oidc/harbour', { token: two.token })
    await test.deps.db.update(sessions).set({
      revokedAt: test.clock.now(),
    }).where(eq(sessions.id, two.sessionId))
    expect((await comeBack(await real.visit(answer.body.url, 'other'), stateCookie(answer))).problem).toBe('provider.not_begun')
    // Shown when it was begun, and ended since.
    const late = await createUser(test)
    const begun = await test.call('POST', '/me/oidc/harbour', { token: late.token })
    await test.deps.db.update(sessions).set({ steppedUpAt: null }).where(eq(sessions.id, late.sessionId))
    expect((await comeBack(await real.visit(begun.body.url, 'other'), stateCookie(begun))).problem).toBe('auth.step_up_required')
    const again = await createUser(test)
    await test.deps.db.update(sessions).set({ steppedUpAt: null }).where(eq(sessions.id, again.sessionId))
    expect((await test.call('POST', '/me/oidc/harbour', { token: again.token })).body.code).toBe('auth.step_up_required')
  })

  it('with another provider’s person of the same name is another', async () => {
    await addProvider('second', real.issuer)
    onTestFinished(async () => void await test.call('DELETE', `/admin/oidc-providers/${ids.second}`, { token: operator.token }))
    real.people.same = {}
    await connect(await createUser(test), 'same')
    expect((await signIn('same', { slug: 'second' })).problem).toBe('provider.nobody_connected')
  })
})

describe('an answer', () => {
  /** Comes back from the liar, who says `lie`. */
  async function lieTo(lie: Lie, { iss = liar.issuer, state: sent }: { iss?: string | null, state?: string } = {}) {
    liar.lie = lie
    const { url, state } = await start('liar')
    const query = new URLSearchParams({
      code: url.searchParams.get('nonce')!,
      state: sent ?? state,
      ...(iss === null
        ? {}
        : { iss }),
    })
    return comeBack(`${callbackOf('liar')}?${query}`, state)
  }
  const hour = 3600

  beforeAll(async () => {
    await test.deps.db.insert(oidcIdentities).values({
      id: randomUUIDv7(),
      providerId: ids.liar!,
      subject: 'mallory',
      userId: (await createUser(test)).id,
      label: 'mallory',
      createdAt: test.clock.now(),
      lastUsedAt: test.clock.now(),
    })
  })

  it('that is right lets in: what follows is refused for what is wrong with it', async () => {
    expect(await lieTo({})).toMatchObject({
      problem: null,
      session: expect.any(String),
    })
    expect(Object.fromEntries(liar.asked.at(-1)!)).toMatchObject({
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    })
  })

  it('counts for dangerous acts as long as it says that the person has just shown who they are', async () => {
    const now = Math.floor(test.clock.now().getTime() / 1000)
    const mayConnect = async (claims: object) => {
      const { session } = await lieTo({ claims })
      const { accessToken } = (await refresh(session!)).body
      return (await test.call('POST', '/me/oidc/harbour', { token: accessToken })).status
    }
    expect(await mayConnect({ auth_time: now - 60 })).toBe(200)
    expect(await mayConnect({ auth_time: now - 3600 })).toBe(403)
    expect(await mayConnect({})).toBe(403)
    const answer = await test.call('POST', '/auth/oidc/liar/start', {
      body: { again: true },
    })
    expect(Object.fromEntries(new URL(answer.body.url).searchParams)).toMatchObject({ prompt: 'login', max_age: '0' })
  })

  it.each<[string, Lie]>([
    [
      'of no algorithm',
      {
        header: { alg: 'none' },
        signature: 'none',
      },
    ],
    [
      'summed with the public key',
      {
        header: { alg: 'HS256' },
        signature: 'by the public key',
      },
    ],
    [
      'signed by another key',
      { signature: 'by another key' },
    ],
    [
      'signed by a key that nobody knows',
      {
        header: { kid: 'two' },
      },
    ],
    [
      'of another nonce',
      {
        claims: { nonce: 'another' },
      },
    ],
    [
      'without a nonce',
      {
        claims: { nonce: undefined },
      },
    ],
    [
      'of another issuer',
      {
        claims: { iss: 'https://elsewhere.example' },
      },
    ],
    [
      'for somebody else',
      {
        claims: { aud: 'somebody-else' },
      },
    ],
    [
      'for several, of whom another asked',
      {
        claims: {
          aud: [CLIENT.id, 'other'],
          azp: 'other',
        },
      },
    ],
    [
      'of an hour ago',
      {
        claims: { iat: 1, exp: 2 },
      },
    ],
    [
      'without a subject',
      {
        claims: { sub: undefined },
      },
    ],
    [
      'of another form',
      {
        token: () => 'not.a.token',
      },
    ],
    [
      'cut off',
      {
        token: token => token.slice(0, -20),
      },
    ],
  ])('with an ID token %s lets nobody in', async (_what, lie) => {
    const { problem, session } = await lieTo(lie)
    expect([problem, session]).toEqual(['provider.wrong_answer', undefined])
  })

  it('is judged by the deployment’s clock', async () => {
    onTestFinished(() => test.clock.set(null))
    test.clock.set(new Date(test.clock.now().getTime() + hour * 1000))
    expect((await lieTo({})).problem).toBe('provider.wrong_answer')
    const now = Math.floor(test.clock.now().getTime() / 1000)
    expect((await lieTo({
      claims: { iat: now, exp: now + 60 },
    })).problem).toBeNull()
  })

  it('names who it is from', async () => {
    expect((await lieTo({}, { iss: 'https://elsewhere.example' })).problem).toBe('provider.wrong_answer')
    expect((await lieTo({}, { iss: null })).problem).toBe('provider.wrong_answer')
  })

  it('comes back once, soon, to the browser that began, from the provider that it began with', async () => {
    liar.lie = {}
    const begin = async () => {
      const { url, state } = await start('liar')
      const query = (sent = state) => `?${new URLSearchParams({
        code: url.searchParams.get('nonce')!,
        state: sent,
        iss: liar.issuer,
      })}`
      return { state, query }
    }
    const one = await begin()
    const two = await begin()
    const asked = liar.asked.length
    const back = (path: string, state?: string) => comeBack(`${callbackOf('liar')}${path}`, state)
    // No cookie, that of another sign-in, another state, none; and at another provider's address.
    expect((await back(one.query())).problem).toBe('provider.not_begun')
    expect((await back(one.query(), two.state)).problem).toBe('provider.not_begun')
    expect((await back(one.query('guessed'), one.state)).problem).toBe('provider.not_begun')
    expect((await back('?code=x', one.state)).problem).toBe('provider.not_begun')
    expect((await back(one.query('guessed'), 'guessed')).problem).toBe('provider.not_begun')
    expect((await comeBack(`${callbackOf('harbour')}${two.query()}`, two.state)).problem).toBe('provider.not_begun')
    expect((await back(one.query(), one.state)).session).toBeDefined()
    expect((await back(one.query(), one.state)).problem).toBe('provider.not_begun')

    onTestFinished(() => test.clock.set(null))
    const late = await begin()
    test.clock.set(new Date(test.clock.now().getTime() + 601_000))
    expect((await back(late.query(), late.state)).problem).toBe('provider.not_begun')
    expect(liar.asked).toHaveLength(asked + 1)
  })

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/..//evil.example',
    'javascript:alert(1)',
    '/api/v1/me',
    '/x/../api/v1/me',
  ])('leads to nobody else’s page: %j', async (next) => {
    const { url, state } = await start('liar', next)
    const { page } = await comeBack(`${callbackOf('liar')}?${new URLSearchParams({
      code: url.searchParams.get('nonce')!,
      state,
      iss: liar.issuer,
    })}`, state)
    expect(page.searchParams.get('next')).toMatch(/^\/(?:evil\.example)?$/)
  })
})

describe('the operators’ page', () => {
  it('looks a provider up, keeps its secret to itself, and tells what changed', async () => {
    const lookUp = (issuer: string) => test.call('POST', '/admin/oidc-providers/look-up', {
      token: operator.token,
      body: { issuer },
    })
    expect((await lookUp(real.issuer)).body).toMatchObject({
      issuer: real.issuer,
      endsSessions: true,
      claims: expect.arrayContaining(['email']),
    })
    expect((await lookUp(`${real.issuer}/nowhere`)).body.code).toBe('provider.failed')
    expect((await lookUp('ftp://x')).body.errors[0].pointer).toBe('/issuer')
    const { body } = await test.call('GET', '/admin/oidc-providers', { token: operator.token })
    expect(JSON.stringify(body)).not.toContain(CLIENT.secret)
    expect(body.items[0]).toMatchObject({
      slug: 'harbour',
      issuer: real.issuer,
      redirectUri: callbackOf('harbour'),
      hasClientSecret: true,
      people: expect.any(Number),
    })
    const [row] = await test.deps.db.select().from(oidcProviders).where(eq(oidcProviders.slug, 'harbour'))
    expect(row!.clientSecret!.toString('latin1')).not.toContain(CLIENT.secret)
    expect((await test.call('POST', '/admin/oidc-providers', {
      token: operator.token,
      body: {
        slug: 'harbour',
        name: 'x',
        issuer: real.issuer,
        clientId: 'x',
      },
    })).body.code).toBe('conflict')
    for (const [wrong, pointer] of [
      [
        {
          trustedDomains: ['harbour.example', 'no domain'],
        },
        '/trustedDomains',
      ],
      [
        { issuer: 'https://user:password@x.example' },
        '/issuer',
      ],
      [
        { scopes: 'email' },
        '/scopes',
      ],
      [
        { scopes: 'openid  "' },
        '/scopes',
      ],
    ] as const) expect((await change('harbour', wrong)).body.errors[0].pointer).toBe(pointer)
    expect(await toldEvents(test, eq(auditEvents.action, 'instance.provider_added'))).not.toEqual([])
  })

  it('tries one out, which lets nobody in', async () => {
    real.people.trial = { email: 'trial@harbour.example', email_verified: true }
    const answer = await test.call('POST', `/admin/oidc-providers/${ids.harbour}/try`, { token: operator.token })
    const { page, session } = await comeBack(await real.visit(answer.body.url, 'trial'), stateCookie(answer))
    expect([page.pathname, session]).toEqual(['/admin/settings/sign-in', undefined])
    expect(Object.fromEntries(new URLSearchParams(page.hash.slice(1)))).toMatchObject({
      tried: 'harbour',
      label: 'trial@harbour.example',
      proved: 'trial@harbour.example',
      role: '',
    })
    expect(await accountOf('trial@harbour.example')).toBeUndefined()
  })

  it('asks a workspace’s own provider at public addresses alone', async () => {
    const below = `/workspaces/${workspace.id}/oidc-providers`
    const { token } = workspace.owner
    const asked = liar.asked.length
    expect((await test.call('POST', `${below}/look-up`, {
      token,
      body: { issuer: real.issuer },
    })).body.detail).toMatch(/localhost:\d+ is in a private network$/)
    const slug = randomUUID()
    const added = await test.call('POST', below, {
      token,
      body: {
        slug,
        name: 'Theirs',
        issuer: liar.issuer,
        clientId: CLIENT.id,
      },
    })
    expect(added.status).toBe(201)
    const started = await test.call('POST', `/auth/oidc/${slug}/start`, { body: {} })
    expect([started.body.code, liar.asked.length]).toEqual(['provider.failed', asked])
  })
})
