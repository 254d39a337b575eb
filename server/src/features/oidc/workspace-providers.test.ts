import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { Landed } from '../../../test/oidc-browser.ts'
import type { TestProvider } from '../../../test/oidc-providers.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createAuthenticator } from '../../../test/authenticator.ts'
import { addMember, createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { whileHeld } from '../../../test/held.ts'
import { callbackOf, createOidcBrowser, HERE, stateCookie } from '../../../test/oidc-browser.ts'
import { CLIENT, startProvider } from '../../../test/oidc-providers.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { createOutgoingFetch } from '../../http/outgoing-fetch.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { invitations, members } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { issuersOf } from './issuers.ts'

/* Whoever runs a workspace's provider can make it say anything: that somebody is anybody. */

let test: TestApp
let operator: TestUser
let theirs: TestProvider
let browser: ReturnType<typeof createOidcBrowser>
/** Whose provider it is, and somebody else's. */
let workspace: TestWorkspace
let other: TestWorkspace
const slug = randomUUID()
const second = randomUUID()
let providerId: string

const below = () => `/workspaces/${workspace.id}/oidc-providers`
const call = (method: string, path: string, user: TestUser, body?: object) => test.call(method as 'GET', path, { token: user.token, body })
const change = (body: object, by = workspace.owner) => call('PATCH', `${below()}/${providerId}`, by, body)
const add = (settings: object = {}, by = workspace.owner) => call('POST', below(), by, {
  slug,
  name: 'The harbour’s own',
  issuer: theirs.issuer,
  clientId: CLIENT.id,
  clientSecret: CLIENT.secret,
  trustedDomains: ['harbour.example'],
  ...settings,
})
const register = (registration: string) => call('PATCH', '/admin/instance', operator, { registration })
const accountOf = async (email: string) => (await test.deps.db.select().from(users).where(eq(users.emailKey, email)))[0]
const seatsOf = (userId: string) => test.deps.db.select({ workspaceId: members.workspaceId, role: members.role }).from(members).where(eq(members.userId, userId))
const sit = (user: { id: string }, where: TestWorkspace, role: 'owner' | 'staff') => test.deps.db.insert(members).values({
  id: randomUUIDv7(),
  workspaceId: where.id,
  userId: user.id,
  role,
  createdAt: test.clock.now(),
})
const tokenOf = async (session: string) => (await browser.refresh(session)).body.accessToken as string

beforeAll(async () => {
  // Theirs is on this machine, where no workspace's may be: `oidc.routes.test.ts` has that.
  test = await createTestApp({
    outgoingFetch: () => createOutgoingFetch({ allowsPrivate: true }),
  })
  operator = await setUpInstance(test)
  workspace = await createWorkspace(test)
  other = await createWorkspace(test)
  theirs = await startProvider([
    callbackOf(slug),
    callbackOf(second),
  ], [`${HERE}/login`])
  browser = createOidcBrowser(test, () => theirs)
  const { status, body } = await add()
  expect([status, body.code]).toEqual([201, undefined])
  providerId = body.id
})
beforeEach(async () => {
  await change({
    joinWorkspaceId: workspace.id,
    joinRole: 'staff',
    roleClaim: null,
    roleMap: [],
  })
})
afterAll(async () => {
  await test.close()
  await theirs.close()
})
describe('a workspace’s provider', () => {
  it('is set up by those who manage its members, for that workspace alone', async () => {
    const [admin, staff] = [await addMember(test, workspace, 'admin'), await addMember(test, workspace, 'staff')]
    expect((await change({ name: 'The harbour' }, admin)).body).toMatchObject({
      slug,
      name: 'The harbour',
      redirectUri: callbackOf(slug),
      logoutUri: callbackOf(slug).replace('/callback', '/logout'),
      signInUrl: `${HERE}/login?with=${slug}`,
    })
    expect((await change({ name: 'x' }, staff)).status).toBe(403)
    // Nor by those who run the server: it is the workspace's.
    expect((await change({ name: 'x' }, operator)).status).toBe(404)
    expect((await call('GET', '/admin/oidc-providers', operator)).body.items).toEqual([])
    expect((await call('DELETE', `/admin/oidc-providers/${providerId}`, operator)).status).toBe(404)
    expect((await call('PATCH', `/workspaces/${other.id}/oidc-providers/${providerId}`, other.owner, { name: 'x' })).status).toBe(404)
    for (const [wrong, pointer] of [
      [
        { joinWorkspaceId: other.id },
        '/joinWorkspaceId',
      ],
      // Its people are who that issuer says they are: with another, whoever changes it could be any of them.
      [
        { issuer: 'https://id.elsewhere.example' },
        '/issuer',
      ],
    ] as const) expect((await change(wrong)).body.errors[0].pointer).toBe(pointer)
    expect((await add({ slug: 'harbour' })).body.errors[0].pointer).toBe('/slug')
    expect((await add()).body.code).toBe('conflict')
    expect((await toldEvents(test, eq(auditEvents.actorId, admin.id))).map(({ action }) => action)).toEqual(['workspace.provider_changed'])
  })

  it('is shown to whoever knows its address, and to nobody else is there one', async () => {
    const shown = async (query = '') => (await test.call('GET', `/auth/oidc${query}`)).body.items
    expect(await shown(`?with=${slug}`)).toEqual([
      { id: slug, name: 'The harbour' },
    ])
    expect([await shown(), await shown(`?with=${randomUUID()}`)]).toEqual([[], []])
    expect((await test.call('GET', '/instance')).body.hasProviders).toBe(false)
    // Policy texts for everybody say that there are some, and not where.
    expect(await issuersOf(test.deps.db)).toEqual({ own: [], ofWorkspaces: true })
    const started = async (name: string) => (await test.call('POST', `/auth/oidc/${name}/start`, { body: {} })).status
    expect([await started(slug), await started(randomUUID())]).toEqual([200, 404])
  })

  it('tries itself out for those who manage it, as long as they do', async () => {
    theirs.people.trial = { email: 'trial@harbour.example', email_verified: true }
    const admin = await addMember(test, workspace, 'admin')
    const begin = () => call('POST', `${below()}/${providerId}/try`, admin)
    const first = await begin()
    const { page, session } = await browser.comeBack(await theirs.visit(first.body.url, 'trial'), stateCookie(first))
    expect([page.pathname, session]).toEqual([`/w/${workspace.slug}/members/sign-in`, undefined])
    expect(page.hash).toContain('proved=trial%40harbour.example')
    const late = await begin()
    await test.deps.db.update(members).set({ role: 'staff' }).where(eq(members.userId, admin.id))
    expect((await browser.comeBack(await theirs.visit(late.body.url, 'trial'), stateCookie(late))).problem).toBe('access.denied')
  })
})

describe('newcomers by a workspace’s provider', () => {
  it('join that workspace alone, with an address that nobody has proved', async () => {
    theirs.people.nora = { email: 'nora@harbour.example', email_verified: true, name: 'Nora' }
    const { session } = await browser.signIn(slug, 'nora')
    const token = await tokenOf(session!)
    const me = await test.call('GET', '/me', { token })
    expect(me.body).toMatchObject({
      name: 'Nora',
      isEmailVerified: false,
      isOperator: false,
    })
    expect(await seatsOf(me.body.id)).toEqual([
      { workspaceId: workspace.id, role: 'staff' },
    ])
    expect((await browser.signIn(slug, 'nora')).session).toBeDefined()
  })

  it('are none of another domain, of an unproved address, of nobody’s invitation, nor where people make accounts by themselves', async () => {
    onTestFinished(async () => void await register('invitation'))
    Object.assign(theirs.people, {
      elsewhere: { email: 'ceo@bank.example', email_verified: true },
      unproved: { email: 'unproved@harbour.example', email_verified: false },
      bidden: { email: 'bidden@harbour.example', email_verified: true },
      asked: { email: 'asked@harbour.example', email_verified: true },
    })
    const refused = async (login: string) => expect([login, (await browser.signIn(slug, login)).problem]).toEqual([login, 'provider.nobody_connected'])
    await refused('elsewhere')
    await refused('unproved')
    await register('closed')
    await refused('bidden')
    await register('open')
    await change({ joinWorkspaceId: null })
    await refused('bidden')
    // Invited to somewhere else, and, as its owner, to here: by mail, which the provider's word does not replace.
    await call('POST', `/workspaces/${other.id}/invitations`, other.owner, { role: 'admin', email: 'bidden@harbour.example' })
    await call('POST', `/workspaces/${workspace.id}/invitations`, workspace.owner, { role: 'owner', email: 'asked@harbour.example' })
    await refused('bidden')
    await refused('asked')
    await change({ joinWorkspaceId: workspace.id })
    const { session } = await browser.signIn(slug, 'asked')
    const { body: { user } } = await browser.refresh(session!)
    expect(await seatsOf(user.id)).toEqual([
      { workspaceId: workspace.id, role: 'staff' },
    ])
    expect((await test.deps.db.select({ acceptedAt: invitations.acceptedAt }).from(invitations)).every(({ acceptedAt }) => acceptedAt === null)).toBe(true)
    expect(await accountOf('bidden@harbour.example')).toBeUndefined()
  })

  it('are nobody who has an account: not of another workspace, not an operator, not of the same one', async () => {
    const colleague = await addMember(test, workspace, 'staff')
    for (const [n, victim] of [
      other.owner,
      operator,
      workspace.owner,
      colleague,
    ].entries()) {
      const email = `victim-${n}@harbour.example`
      await test.deps.db.update(users).set({ email, emailKey: email }).where(eq(users.id, victim.id))
      theirs.people[`victim-${n}`] = { email, email_verified: true }
      const before = await seatsOf(victim.id)
      const { page, session } = await browser.signIn(slug, `victim-${n}`)
      expect([page.href, session]).toEqual([`${HERE}/signed-in?next=%2F&problem=provider.nobody_connected`, undefined])
      expect(await seatsOf(victim.id)).toEqual(before)
      expect((await call('GET', '/me/oidc', victim)).body.items.every(({ connection }: { connection: unknown }) => connection === null)).toBe(true)
    }
  })
})

describe('its word for an account', () => {
  const offered = async (user: TestUser) => (await call('GET', '/me/oidc', user)).body.items.map(({ provider, workspaceName }: any) => [provider.id, workspaceName])

  it('counts for admins and staff who are nothing else here: nobody else can connect it', async () => {
    const staff = await addMember(test, workspace, 'staff')
    const both = await addMember(test, workspace, 'staff')
    await sit(both, other, 'staff')
    const running = await addMember(test, workspace, 'admin')
    await test.deps.db.update(users).set({ isOperator: true }).where(eq(users.id, running.id))
    const client = await addMember(test, workspace, 'client')
    expect(await offered(staff)).toEqual([
      [
        slug,
        expect.stringMatching(/^Workspace \d+$/),
      ],
    ])
    for (const [who, user] of Object.entries({
      owner: workspace.owner,
      both,
      running,
      client,
      stranger: await createUser(test),
      foreign: other.owner,
    })) {
      expect([who, await offered(user), (await call('POST', `/me/oidc/${slug}`, user)).status]).toEqual([who, [], 404])
    }
    theirs.people.staff = {}
    expect((await browser.connect(slug, staff, 'staff')).page.href).toBe(`${HERE}/account`)
    expect((await browser.refresh((await browser.signIn(slug, 'staff')).session!)).body.user.id).toBe(staff.id)
    // Somebody who became more while they were at the provider.
    const late = await addMember(test, workspace, 'staff')
    theirs.people.late = {}
    const begun = await call('POST', `/me/oidc/${slug}`, late)
    await sit(late, other, 'staff')
    expect((await browser.comeBack(await theirs.visit(begun.body.url, 'late'), stateCookie(begun))).problem).toBe('provider.not_begun')
  })

  it.each<[string, (user: TestUser) => Promise<unknown>]>([
    [
      'joins another workspace',
      user => sit(user, other, 'staff'),
    ],
    [
      'becomes an operator',
      user => test.deps.db.update(users).set({ isOperator: true }).where(eq(users.id, user.id)),
    ],
    [
      'comes to own the workspace',
      user => test.deps.db.update(members).set({ role: 'owner' }).where(eq(members.userId, user.id)),
    ],
    [
      'is a client’s contact from now on',
      user => test.deps.db.update(members).set({ role: 'client' }).where(eq(members.userId, user.id)),
    ],
    [
      'is a member no more',
      user => test.deps.db.delete(members).where(eq(members.userId, user.id)),
    ],
  ])('ends with the next call when the person %s, and so does what it began', async (what, become) => {
    const user = await addMember(test, workspace, 'staff')
    theirs.people[what] = {}
    await browser.connect(slug, user, what)
    const { session } = await browser.signIn(slug, what)
    const token = await tokenOf(session!)
    expect((await test.call('GET', '/me', { token })).status).toBe(200)
    // What is begun and not yet done.
    const connecting = await browser.start(slug)
    await become(user)
    expect((await test.call('GET', '/me', { token })).status).toBe(401)
    expect((await browser.refresh(session!)).status).toBe(401)
    expect((await browser.comeBack(await theirs.visit(connecting.url.href, what), connecting.state)).problem).toBe('provider.nobody_connected')
    // Their own sessions go on.
    expect((await call('GET', '/me', user)).status).toBe(200)
  })

  it('opens no dangerous act, however lately it says that the person was asked: nobody could leave themselves another way in', async () => {
    theirs.people.nils = { email: 'nils@harbour.example', email_verified: true }
    const { url, state } = await browser.start(slug)
    url.searchParams.set('max_age', '0')
    const { session } = await browser.comeBack(await theirs.visit(url.href, 'nils'), state)
    const token = await tokenOf(session!)
    for (const [method, path, body] of [
      ['POST', '/me/totp'],
      ['POST', '/me/passkeys/options'],
      [
        'POST',
        '/me/tokens',
        {
          name: 'x',
          scopes: ['read'],
        },
      ],
      [
        'POST',
        '/me/email',
        { email: 'mallory@harbour.example' },
      ],
      ['DELETE', `/me/oidc/${slug}`],
    ] as const) {
      expect([path, (await test.call(method, path, { token, body })).body.code]).toEqual([path, 'auth.step_up_required'])
    }
  })

  it('opens none with a second factor that is a code, but with a passkey that verifies who holds it', async () => {
    const user = await addMember(test, workspace, 'staff')
    theirs.people.coded = {}
    await browser.connect(slug, user, 'coded')
    const totp = await addTotp(test, user)
    const key = createAuthenticator({ origin: test.config.publicUrl })
    const options = (await call('POST', '/me/passkeys/options', user, {})).body
    expect((await call('POST', '/me/passkeys', user, {
      name: 'Key',
      response: key.create(options),
    })).status).toBe(201)
    const finish = async (answer: (step: any) => object) => {
      const { page } = await browser.signIn(slug, 'coded')
      const step = JSON.parse(new URLSearchParams(page.hash.slice(1)).get('step')!)
      const { status, body } = await test.call('POST', '/auth/mfa', {
        body: {
          mfaToken: step.mfaToken,
          ...answer(step),
        },
      })
      expect(status).toBe(200)
      return test.call('POST', '/me/tokens', {
        token: body.accessToken,
        body: {
          name: 'x',
          scopes: ['read'],
        },
      })
    }
    expect((await finish(() => ({
      method: 'totp',
      code: totp.nextCode(),
    }))).body.code).toBe('auth.step_up_required')
    const byKey = (isVerified: boolean) => finish(({ passkey }) => ({
      method: 'passkey',
      response: key.get(passkey, { isVerified }),
    }))
    expect((await byKey(false)).body.code).toBe('auth.step_up_required')
    expect((await byKey(true)).status).toBe(201)
  })

  it('gives a role in that workspace, of admin at most', async () => {
    await change({
      roleClaim: 'roles',
      roleMap: [
        { value: 'boss', role: 'admin' },
        { value: 'crew', role: 'staff' },
      ],
    })
    expect((await change({
      roleMap: [
        { value: 'boss', role: 'owner' },
      ],
    })).body.code).toBe('request.invalid')
    theirs.people.rick = {
      email: 'rick@harbour.example',
      email_verified: true,
      roles: ['boss', 'owner'],
    }
    const { session } = await browser.signIn(slug, 'rick')
    const { body: { user } } = await browser.refresh(session!)
    expect(await seatsOf(user.id)).toEqual([
      { workspaceId: workspace.id, role: 'admin' },
    ])
    theirs.people.rick.roles = ['crew']
    await browser.signIn(slug, 'rick')
    expect(await seatsOf(user.id)).toEqual([
      { workspaceId: workspace.id, role: 'staff' },
    ])
  })

  it('ends with the provider: with it goes what said how far it counts', async () => {
    const { body } = await add({ slug: second, joinWorkspaceId: workspace.id })
    theirs.people.olaf = { email: 'olaf@harbour.example', email_verified: true }
    const { session } = await browser.signIn(second, 'olaf')
    const token = await tokenOf(session!)
    expect((await call('DELETE', `${below()}/${body.id}`, workspace.owner)).status).toBe(204)
    expect((await test.call('GET', '/me', { token })).status).toBe(401)
    expect((await browser.refresh(session!)).status).toBe(401)
  })

  it('begins nothing when the provider is removed at that moment, of a sign-in with a second factor either', async () => {
    const user = await addMember(test, workspace, 'staff')
    theirs.people.twice = {}
    await browser.connect(slug, user, 'twice')
    const totp = await addTotp(test, user)
    const { page } = await browser.signIn(slug, 'twice')
    const { mfaToken } = JSON.parse(new URLSearchParams(page.hash.slice(1)).get('step')!)
    const { url, state } = await browser.start(slug)
    const back = await theirs.visit(url.href, 'twice')
    const code = totp.nextCode()
    let landed: Landed | undefined
    const answer = await whileHeld(test, sql`select id from oidc_providers where id = ${providerId} for update`, async () => {
      const returning = browser.comeBack(back, state)
      const done = await test.call('POST', '/auth/mfa', {
        body: { mfaToken, method: 'totp', code },
      })
      landed = await returning
      return done
    }, async (tx) => {
      await expect.poll(async () => (await test.deps.db.execute(sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rows.length, { timeout: 20_000 }).toBe(2)
      await tx.execute(sql`delete from oidc_providers where id = ${providerId}`)
    })
    expect([answer.body.code, landed!.problem]).toEqual(['auth.sign_in_expired', 'provider.not_begun'])
  })
})
