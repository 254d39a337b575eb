import type { CallerKind } from './access-matrix.callers.ts'
import type { Call, Target } from './access-matrix.target.ts'
import type { TestUser, TestWorkspace } from './factories.ts'
import type { TestApp } from './test-app.ts'
import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAccessToken } from '../src/crypto/access-token.ts'
import { hashSecret, newSecret } from '../src/crypto/secrets.ts'
import { tokenScopes } from '../src/features/access/access.policy.ts'
import { sessions } from '../src/features/auth/sessions.table.ts'
import { items } from '../src/features/items/items.table.ts'
import { purges } from '../src/features/items/purges.table.ts'
import { members } from '../src/features/members/members.table.ts'
import { oidcProviders } from '../src/features/oidc/oidc-providers.table.ts'
import { policies, policyDrafts } from '../src/features/policies/policies.table.ts'
import { requests, requestTokens } from '../src/features/requests/requests.table.ts'
import { accessTokens } from '../src/features/tokens/tokens.table.ts'
import { emailChanges } from '../src/features/users/email-changes.table.ts'
import { createOutgoingFetch } from '../src/http/outgoing-fetch.ts'
import { mails, mailSuppressions } from '../src/mail/mails.table.ts'
import { answerTo, callers } from './access-matrix.callers.ts'
import { table } from './access-matrix.table.ts'
import { answerToToken, listsOwn, scopeOf } from './access-matrix.tokens.ts'
import { addMember, createFile, createFolder, createUser, createWorkspace, setUpInstance } from './factories.ts'
import { startLyingProvider } from './oidc-providers.ts'
import { isSoak } from './soak.ts'
import { createTestApp } from './test-app.ts'

let test: TestApp
let own: TestWorkspace
let other: TestWorkspace
let operator: TestUser
let people: Record<CallerKind, TestUser | undefined>
let files: Map<TestWorkspace, string>
let origin: string
let provider: Awaited<ReturnType<typeof startLyingProvider>>

beforeAll(async () => {
  test = await createTestApp({
    // The provider is on this machine.
    outgoingFetch: () => createOutgoingFetch({ allowsPrivate: true }),
    env: { SMTP_URL: 'smtp://127.0.0.1:1', SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' },
  })
  operator = await setUpInstance(test)
  own = await createWorkspace(test)
  other = await createWorkspace(test)
  const staff = (spaceRole: 'previewer' | 'viewer' | 'uploader' | 'contributor' | 'editor' | 'manager') => addMember(test, own, 'staff', { spaceRole })
  people = {
    nobody: undefined,
    stranger: other.owner,
    client: await addMember(test, own, 'client'),
    none: await addMember(test, own, 'staff'),
    previewer: await staff('previewer'),
    viewer: await staff('viewer'),
    uploader: await staff('uploader'),
    contributor: await staff('contributor'),
    editor: await staff('editor'),
    manager: await staff('manager'),
    admin: await addMember(test, own, 'admin'),
    owner: own.owner,
    operator,
    ended: await addMember(test, own, 'owner'),
  }
  await test.deps.db.delete(members).where(and(eq(members.workspaceId, own.id), eq(members.userId, people.ended!.id)))
  files = new Map()
  for (const workspace of [own, other]) files.set(workspace, (await createFile(test, workspace, { name: 'report.txt', content: 'hello', parentId: workspace.rootId })).id)
  provider = await startLyingProvider()
  origin = await test.app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await test.close()
  await provider.close()
})

let n = 0
const unique = () => `unique-${++n}`

/** Made by the API as its owner would; fails the row when the API does. */
async function make(path: string, body: object | undefined, user: TestUser): Promise<any> {
  const answer = await test.call('POST', path, { token: user.token, body })
  if (answer.status >= 300) throw new Error(`the fixture: POST ${path} → ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}
const lastPart = (url: string) => url.split('/').at(-1)!

function makers(workspace: TestWorkspace): { [key in keyof Target]: () => string | Promise<string> } {
  const file = files.get(workspace)!
  const below = `/workspaces/${workspace.id}`
  const folder = async () => (await createFolder(test, workspace, {
    name: unique(),
    parentId: workspace.rootId,
  })).id
  const { owner } = workspace
  return {
    workspaceId: () => workspace.id,
    rootId: () => workspace.rootId,
    fileId: () => file,
    folderId: folder,
    async trashedId() {
      const id = await folder()
      await test.deps.db.update(items).set({
        trashedAt: new Date(),
      }).where(eq(items.id, id))
      return id
    },
    async memberId() {
      const user = await addMember(test, workspace, 'staff')
      const [row] = await test.deps.db.select({ id: members.id }).from(members).where(and(eq(members.workspaceId, workspace.id), eq(members.userId, user.id)))
      return row!.id
    },
    invitationId: async () => (await make(`${below}/invitations`, { role: 'staff' }, owner)).id,
    invitationToken: async () => lastPart((await make(`${below}/invitations`, { role: 'staff' }, owner)).url),
    linkId: async () => (await make(`${below}/links`, {
      itemIds: [file],
    }, owner)).id,
    linkToken: async () => lastPart((await make(`${below}/links`, {
      itemIds: [file],
    }, owner)).url),
    uploadId: async () => (await make(`${below}/uploads`, {
      parentId: workspace.rootId,
      name: unique(),
      size: 5,
    }, owner)).id,
    async purgeId() {
      const id = randomUUIDv7()
      await test.deps.db.insert(purges).values({
        id,
        workspaceId: workspace.id,
        askedBy: owner.id,
        state: 'open',
        createdAt: new Date(),
      })
      return id
    },
    ticket: async () => lastPart((await make(`/files/${file}/download`, undefined, owner)).url),
    policyId: async () => (await make('/admin/policies', {
      kind: 'page',
      slug: unique(),
      title: 'Page',
      markdown: 'Text',
    }, operator)).id,
    async workspacePolicyId() {
      // A workspace has so many at most.
      await test.deps.db.execute(sql`delete from policies where workspace_id = ${workspace.id} and id not in (select policy_id from policy_versions)`)
      const { id } = await make(`${below}/policies`, {
        kind: 'page',
        slug: unique(),
        title: 'Page',
        markdown: 'Text',
      }, owner)
      await test.deps.db.insert(policyDrafts).values({
        policyId: id,
        language: 'de',
        title: 'Seite',
        markdown: 'Text',
      })
      return id
    },
    async writtenPolicyId() {
      const text = { title: 'Page', markdown: 'Text' }
      const { id } = await make('/admin/policies', {
        kind: 'page',
        slug: unique(),
        ...text,
      }, operator)
      await test.deps.db.insert(policyDrafts).values({ policyId: id, language: 'de', ...text })
      await test.deps.db.update(policies).set({ editedBy: null }).where(eq(policies.id, id))
      return id
    },
    requestId: () => makeRequest('access'),
    privacyRequestId: () => makeRequest('privacy'),
    async requestToken() {
      const token = newSecret()
      await test.deps.db.insert(requestTokens).values({
        tokenHash: hashSecret(token),
        requestId: await makeRequest('access'),
        createdAt: new Date(),
      })
      return token
    },
    async askingUserId() {
      const { id, email } = await createUser(test)
      const to = `${unique()}@example.com`
      await test.deps.db.insert(emailChanges).values({
        id: randomUUIDv7(),
        userId: id,
        fromEmail: email,
        fromKey: email,
        toEmail: to,
        toKey: to,
        isMailed: false,
        createdAt: new Date(),
        expiresAt: new Date(Date.now() + 60_000),
      })
      return id
    },
    userId: async () => (await createUser(test)).id,
    announcementId: async () => (await make('/admin/announcements', announcement, operator)).id,
    async shownAnnouncementId() {
      const { id } = await make('/admin/announcements', announcement, operator)
      await make(`/admin/announcements/${id}/start`, undefined, operator)
      return id
    },
    async tokenId() {
      // There are so many at most.
      await test.deps.db.delete(accessTokens).where(eq(accessTokens.userId, owner.id))
      return (await make('/me/tokens', {
        name: unique(),
        scopes: ['read'],
      }, owner)).id
    },
    async sessionId() {
      const id = randomUUIDv7()
      const now = new Date()
      await test.deps.db.insert(sessions).values({
        id,
        userId: owner.id,
        tokenHash: hashSecret(id),
        rotatedAt: now,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: new Date(now.getTime() + 60_000),
      })
      return id
    },
    async resetToken() {
      const { id } = await createUser(test)
      return (await make(`/admin/users/${id}/reset-link`, undefined, operator)).url.split('=').at(-1)!
    },
    providerId: async () => (await make('/admin/oidc-providers', {
      slug: unique(),
      name: 'Provider',
      issuer: provider.issuer,
      clientId: 'x',
    }, operator)).id,
    async workspaceProviderId() {
      // A workspace has so many at most.
      await test.deps.db.delete(oidcProviders).where(eq(oidcProviders.workspaceId, workspace.id))
      return (await make(`${below}/oidc-providers`, {
        slug: randomUUID(),
        name: 'Provider',
        issuer: provider.issuer,
        clientId: 'x',
      }, owner)).id
    },
    issuer: () => provider.issuer,
    async mailId() {
      const email = `${unique()}@example.com`
      await make(`${below}/invitations`, { role: 'staff', email }, owner)
      const [row] = await test.deps.db.select({ id: mails.id }).from(mails).where(eq(mails.toAddress, email))
      return row!.id
    },
    async suppressedAddress() {
      const addressKey = `${unique()}@example.com`
      await test.deps.db.insert(mailSuppressions).values({
        addressKey,
        reply: '550 5.1.1 No such user',
        createdAt: new Date(),
      })
      return addressKey
    },
    unique,
  }
}

const announcement = {
  kind: 'service',
  audience: { to: 'everyone' },
  texts: {
    en: { subject: 'Maintenance', markdown: 'Text' },
  },
}

/** Which are of no tenant. */
const ofInstance: readonly string[] = [
  'policyId',
  'writtenPolicyId',
  'requestId',
  'privacyRequestId',
  'mailId',
  'providerId',
  'issuer',
  'announcementId',
  'shownAnnouncementId',
  'userId',
  'askingUserId',
]

/** What the call names, found by letting it name placeholders. */
function namedBy(call: (target: Target) => Call): (keyof Target)[] {
  const named = new Set<keyof Target>()
  call(new Proxy({} as Target, {
    get: (_target, key) => {
      named.add(key as keyof Target)
      return 'x'
    },
  }))
  return [...named]
}

async function makeTarget(named: readonly (keyof Target)[], workspaceFor: (key: keyof Target) => TestWorkspace = () => own): Promise<Target> {
  const target: Partial<Target> = {}
  for (const key of named) target[key] = await makers(workspaceFor(key))[key]()
  return target as Target
}

/** Who calls: a person by their session, or a program of theirs by a token. */
type Bearer = Pick<TestUser, 'token'>

async function send(method: string, { path, body, multipart, bytes }: Call, user: Bearer | undefined, isStream = false): Promise<{ status: number }> {
  const url = /^\/(?:healthz|readyz|unsubscribe|policies)/.test(path)
    ? path
    : `/api/v1${path}`
  const authorization: Record<string, string> = user
    ? { authorization: `Bearer ${user.token}` }
    : {}
  if (isStream) {
    const abort = new AbortController()
    const { status } = await fetch(`${origin}${url}`, { method, headers: authorization, signal: abort.signal })
    abort.abort()
    return { status }
  }
  const [payload, type] = multipart !== undefined
    ? [`--cut\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n${multipart}\r\n--cut--\r\n`, 'multipart/form-data; boundary=cut']
    : bytes !== undefined
      ? [bytes, 'application/octet-stream']
      : [
          body as object | undefined,
          body === undefined
            ? undefined
            : 'application/json',
        ]
  const response = await test.app.inject({
    // Everybody from an address of their own, or a limit by address would decide.
    remoteAddress: `198.51.100.${user
      ? Object.values(people).indexOf(user as TestUser) + 1
      : 100}`,
    method: method as 'GET',
    url,
    headers: {
      ...authorization,
      ...type
        ? { 'content-type': type }
        : {},
    },
    payload,
  })
  return { status: response.statusCode }
}

/** `METHOD /path` of everything the server answers to, from its own router. */
function listRoutes(): string[] {
  const path: string[] = []
  return test.app.printRoutes({ commonPrefix: false }).split('\n').flatMap((line) => {
    const [, indent, segment, methods] = /^([│ ]*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? []
    if (segment === undefined) return []
    path.length = indent!.length / 4
    path.push(segment)
    const url = path.join('').replace('/api/v1', '')
    return (methods?.split(', ') ?? []).map(method => `${method} ${url}`)
  })
}

async function makeRequest(kind: 'access' | 'privacy'): Promise<string> {
  const id = randomUUIDv7()
  const now = new Date()
  await test.deps.db.insert(requests).values({
    id,
    kind,
    right: kind === 'privacy'
      ? 'deletion'
      : null,
    name: 'Ana',
    email: `${id}@example.com`,
    message: 'Hello',
    reference: id,
    language: 'en',
    createdAt: now,
    receivedAt: now,
    dueAt: kind === 'privacy'
      ? now
      : null,
  })
  return id
}

/** The only one that the owner has, made new each time: some routes end what it stands on. */
async function tokenOf(scopes: typeof tokenScopes[number][], workspace?: TestWorkspace): Promise<Bearer> {
  const token = newAccessToken()
  await test.deps.db.delete(accessTokens).where(eq(accessTokens.userId, own.owner.id))
  await test.deps.db.insert(accessTokens).values({
    id: randomUUIDv7(),
    userId: own.owner.id,
    name: 'a program',
    scopes,
    workspaceId: workspace?.id,
    tokenHash: hashSecret(token),
    createdAt: new Date(),
    expiresAt: new Date(Date.now() + 3_600_000),
  })
  return { token }
}

/** Whoever is sent on is let pass. */
const shown = (status: number) => (status >= 200 && status < 300) || status === 302 || status === 303
  ? 'ok'
  : String(status)
const routes = Object.entries(table)
/** HEAD is the route of GET again. */
const headCallers = isSoak
  ? callers
  : ([
      'nobody',
      'stranger',
      'viewer',
      'owner',
      'operator',
    ] as const)
const methodOf = (route: string) => route.split(' ')[0]!

describe('the table', () => {
  it('has every route of the server, and no other', () => {
    const heads = routes.filter(([route, { isStream }]) => methodOf(route) === 'GET' && !isStream).map(([route]) => route.replace('GET', 'HEAD'))
    expect(listRoutes().sort()).toEqual([
      ...Object.keys(table),
      ...heads,
    ].sort())
  })
})

describe('a dangerous act', () => {
  const dangerous = routes.filter(([, { stepUp }]) => stepUp)

  it('is what the table says, and the API’s description tells', async () => {
    const { body: { paths } } = await test.call('GET', '/openapi.json')
    const told = Object.entries<Record<string, object>>(paths).flatMap(([path, methods]) => Object.entries(methods)
      .filter(([, operation]) => 'x-step-up' in operation)
      .map(([method]) => `${method.toUpperCase()} ${path.replace('/api/v1', '').replaceAll(/\{(\w+)\}/g, ':$1')}`))
    expect(told.sort()).toEqual(dangerous.map(([route]) => route).sort())
  })

  it('is refused to a session that has not shown lately what a sign-in asks for', async () => {
    const stale = [own.owner, operator].map(({ sessionId }) => sessionId)
    const { db, clock } = test.deps
    const noteAt = (steppedUpAt: Date | null) => db.update(sessions).set({ steppedUpAt }).where(inArray(sessions.id, stale))
    const targets = new Map<string, Target>()
    for (const [route, { call }] of dangerous) targets.set(route, await makeTarget(namedBy(call)))
    await noteAt(null)
    const got = []
    for (const [route, { call, stepUp }] of dangerous) {
      if (stepUp !== true) continue
      const { path, body } = call(targets.get(route)!)
      const answer = await test.call(methodOf(route) as 'GET', path, {
        token: path.startsWith('/admin/')
          ? operator.token
          : own.owner.token,
        body,
      })
      got.push([route, answer.status, answer.body?.code])
    }
    await noteAt(new Date(clock().getTime() + 86_400_000))
    expect(got).toEqual(dangerous.filter(([, { stepUp }]) => stepUp === true).map(([route]) => [route, 403, 'auth.step_up_required']))
  })
})

describe.each(routes)('%s', (route, { expected, call, foreign = 404, isStream }) => {
  const method = methodOf(route)
  const named = namedBy(call)

  it('is for whom the table says', async () => {
    const got: Record<string, string> = {}
    let target = await makeTarget(named)
    for (const caller of callers) {
      const { status } = await send(method, call(target), people[caller], isStream)
      got[caller] = shown(status)
      // What was only read, or refused, is there for the next caller.
      if (method !== 'GET' && got[caller] === 'ok') target = await makeTarget(named)
      if (route === 'POST /public/invitations/:token/accept') await leaveAgain(caller)
    }
    expect(got).toEqual(Object.fromEntries(callers.map(caller => [
      caller,
      answerTo(caller, expected),
    ])))
  })

  it('is for access tokens as their table says, and for those of its workspace', async () => {
    const by = async (scopes: typeof tokenScopes[number][], workspace?: TestWorkspace) => shown((await send(method, call(await makeTarget(named)), await tokenOf(scopes, workspace), isStream)).status)
    expect(await by([...tokenScopes]), 'with every scope').toBe(answerToToken(route, expected))
    const scope = scopeOf(route)
    if (!scope) return
    expect(await by(tokenScopes.filter(each => each !== scope)), 'with every other scope').toBe('403')
    expect(await by([scope], own), 'of this workspace').toBe(answerTo('owner', expected))
    if (!listsOwn.includes(route)) expect(await by([scope], other), 'of another').toBe('404')
  })

  if (method === 'GET' && !isStream) {
    it('is the same for HEAD', async () => {
      const target = await makeTarget(named)
      const got = []
      for (const caller of headCallers) got.push(shown((await send('HEAD', call(target), people[caller])).status))
      expect(got).toEqual(headCallers.map(caller => answerTo(caller, expected)))
    })
  }

  // Policies and requests are the instance's and no tenant's.
  const ids = named.filter(key => key.endsWith('Id') && !ofInstance.includes(key))
  if (ids.length > 0) {
    it('has nothing of another tenant, whichever id is theirs', async () => {
      const got: Record<string, number> = {}
      for (const id of ids) {
        got[id] = (await send(method, call(await makeTarget(named, key => key === id
          ? other
          : own)), own.owner, isStream)).status
      }
      const all = await send(method, call(await makeTarget(named, () => other)), own.owner, isStream)
      expect({ ...got, all: all.status }).toEqual({
        ...Object.fromEntries(ids.map(id => [id, foreign])),
        all: foreign,
      })
    })
  }
})

/** Who was let in goes, so that the next row finds them where they were. */
async function leaveAgain(caller: CallerKind): Promise<void> {
  if (!['stranger', 'operator', 'ended'].includes(caller)) return
  await test.deps.db.delete(members).where(and(eq(members.workspaceId, own.id), eq(members.userId, people[caller]!.id)))
}
