import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Policy, PublishedPolicy } from '../policies/policies.schemas.ts'
import type { PendingPolicy } from './acceptances.schemas.ts'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { users } from '../users/users.table.ts'

let test: TestApp
let operator: TestUser
let counter = 0
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
})
afterEach(async () => {
  test.clock.set(null)
  // Whatever a test made ask asks no more.
  await test.deps.db.execute('update policies set withdrawn_at = now()')
})
afterAll(() => test.close())

const PASSWORD = 'correct horse battery staple'
const DAY_MS = 86_400_000
const day = (after = 0) => new Date(test.deps.clock().getTime() + after * DAY_MS).toISOString().slice(0, 10)
const me = async (user: TestUser, headers?: Record<string, string>) => (await test.call('GET', '/me', { token: user.token, headers })).body.pendingPolicies as PendingPolicy[]
const accept = (user: TestUser, body: object) => test.call('POST', '/policy-acceptances', { token: user.token, body })
const textOf = ({ slug, number, language, sha256 }: PendingPolicy | PublishedPolicy) => ({ slug, number, language, sha256 })
const agreeToAll = async (user: TestUser) => {
  for (const each of await me(user)) expect((await accept(user, textOf(each))).status).toBe(201)
}
/** Operators too go on only when they have agreed. */
async function admin(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown, headers?: Record<string, string>) {
  await agreeToAll(operator)
  return test.call(method, `/admin/policies${path}`, { token: operator.token, body, headers })
}

interface Publication { effectiveOn?: string, acceptAgain?: boolean, texts?: { language: string }[], summary?: string }
async function publish(policy: Policy, text: string, { texts, ...more }: Publication = {}): Promise<void> {
  for (const { language } of texts ?? [
    { language: 'en' },
  ]) {
    expect((await admin('PATCH', `/${policy.id}`, { language, title: `Terms (${language})`, markdown: `# ${text}` })).status).toBe(200)
  }
  const { status, body } = await admin('POST', `/${policy.id}/publish`, {
    effectiveOn: day(),
    summary: text,
    texts: texts ?? [
      { language: 'en' },
    ],
    ...more,
  })
  expect([status, body.detail]).toEqual([200, undefined])
}
/** One that asks people to say that they agree, and that nobody has agreed to. */
async function asking(text: string, more?: Publication): Promise<Policy> {
  const { body: policy } = await admin('POST', '', {
    kind: 'terms',
    slug: `terms-${++counter}`,
    title: 'Terms',
    markdown: '# Draft',
    language: 'en',
  })
  expect((await admin('PATCH', `/${policy.id}`, { acceptance: 'explicit' })).status).toBe(200)
  await publish(policy, text, more)
  return policy
}

describe('a policy that asks people to say that they agree', () => {
  it('lets them read, agree, ask for help and sign out, and nothing else, until they have', async () => {
    const { id, owner } = await createWorkspace(test)
    const token = (await test.call('POST', '/me/tokens', {
      token: owner.token,
      body: {
        name: 'Backup',
        scopes: ['read'],
      },
    })).body.token as string
    const files = (bearer: string) => test.call('GET', `/workspaces/${id}`, { token: bearer })
    expect((await files(token)).status).toBe(200)
    const policy = await asking('First')

    const required = {
      status: 403,
      body: { code: 'policy.acceptance_required' },
    }
    expect(await files(owner.token)).toMatchObject(required)
    expect(await files(token)).toMatchObject(required)
    expect(await test.call('GET', '/admin/policies', { token: operator.token })).toMatchObject(required)
    const [pending, ...others] = await me(owner)
    expect(others).toEqual([])
    expect(pending).toMatchObject({
      slug: policy.slug,
      number: 1,
      title: 'Terms (en)',
      language: 'en',
      acceptedNumber: null,
      summary: '',
    })
    expect((await test.call('GET', '/me/sessions', { token: owner.token })).status).toBe(200)
    expect((await test.call('GET', `/public/policies/${policy.slug}`)).body).toMatchObject(textOf(pending!))

    const { status, body } = await accept(owner, textOf(pending!))
    expect({ status, body }).toMatchObject({
      status: 201,
      body: {
        ...textOf(pending!),
        place: 'sign-in',
        title: 'Terms (en)',
      },
    })
    expect(await me(owner)).toEqual([])
    expect([(await files(owner.token)).status, (await files(token)).status]).toEqual([200, 200])
    // Said twice, the first stays.
    test.clock.advance(1000)
    expect(await accept(owner, textOf(pending!))).toMatchObject({ status: 200, body })
    expect((await test.call('GET', '/me/policy-acceptances', { token: owner.token })).body.items).toEqual([body])
    const events = (await test.deps.auditTrail.list(INSTANCE_CHAIN, {
      action: ['policy.accepted'],
      limit: 200,
    })).items
    expect(events.filter(({ actor }) => actor.id === owner.id)).toMatchObject([
      {
        subject: { id: policy.id },
        details: textOf(pending!),
      },
    ])
  })

  it('is open to them by exactly these routes', () => {
    const paths = Object.entries(test.app.swagger().paths!).flatMap(([path, methods]) => Object.entries(methods as object).filter(([, operation]) => operation['x-before-agreeing']).map(([method]) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`))
    expect(paths.sort()).toEqual([
      'DELETE /me/sessions',
      'DELETE /me/sessions/{sessionId}',
      'GET /me',
      'GET /me/policy-acceptances',
      'GET /me/sessions',
      'PATCH /me',
      'POST /me/requests',
      'POST /me/step-up',
      'POST /me/step-up/options',
      'POST /policy-acceptances',
    ])
  })

  it('is told by the sign-in, in the language of the account, or else of the browser', async () => {
    const user = await createUser(test)
    await test.deps.db.update(users).set({ passwordHash: await hashPassword(PASSWORD) }).where(eq(users.id, user.id))
    const policy = await asking('First', {
      texts: [
        { language: 'en' },
        { language: 'de' },
      ],
    })
    const signIn = async () => (await test.call('POST', '/auth/login', {
      body: { email: user.email, password: PASSWORD },
      headers: { 'accept-language': 'de' },
    })).body
    expect(await signIn()).toMatchObject({
      accessToken: expect.any(String),
      pendingPolicies: [
        { slug: policy.slug, language: 'de', title: 'Terms (de)' },
      ],
    })
    await test.call('PATCH', '/me', {
      token: user.token,
      body: { locale: 'en' },
    })
    expect((await signIn()).pendingPolicies).toMatchObject([
      { language: 'en' },
    ])
    await agreeToAll(user)
    expect((await signIn()).pendingPolicies).toEqual([])
  })

  it('asks again only when a version says so, from its day on', async () => {
    const user = await createUser(test)
    const policy = await asking('First', {
      texts: [
        { language: 'en' },
        { language: 'de' },
      ],
    })
    await agreeToAll(user)
    await publish(policy, 'Second')
    expect(await me(user)).toEqual([])
    await publish(policy, 'Third', {
      acceptAgain: true,
      effectiveOn: day(1),
    })
    expect(await me(user)).toEqual([])
    test.clock.advance(DAY_MS)
    expect(await me(user)).toMatchObject([
      { number: 3, acceptedNumber: 1, summary: 'Third' },
    ])
    // A later one that asks nobody again still asks whoever has not agreed since.
    await publish(policy, 'Fourth')
    const [pending] = await me(user)
    expect(pending).toMatchObject({ number: 4, acceptedNumber: 1 })
    // The German text is older than what asks again: it cannot be agreed to.
    const { body: german } = await test.call('GET', `/public/policies/${policy.slug}?language=de`)
    expect(german).toMatchObject({ number: 1, language: 'de', current: true })
    expect(await me(user, { 'accept-language': 'de' })).toEqual([pending])
    expect(await accept(user, textOf(german))).toMatchObject({
      status: 409,
      body: { code: 'policy.not_in_effect' },
    })
    await agreeToAll(user)
    expect(await me(user)).toEqual([])
  })

  it('takes no other text than the one in effect', async () => {
    const user = await createUser(test)
    const policy = await asking('First')
    const other = await asking('Of another')
    const pending = await me(user)
    const [first, ofOther] = [policy, other].map(({ slug }) => textOf(pending.find(each => each.slug === slug)!)) as [object, { sha256: string }]
    await publish(policy, 'Tomorrow', {
      effectiveOn: day(1),
    })
    const { body: tomorrow } = await test.call('GET', `/public/policies/${policy.slug}/versions/2`)
    const used = (await admin('POST', '', {
      kind: 'page',
      slug: `used-${++counter}`,
      title: 'Used',
      markdown: '# Used',
      language: 'en',
    })).body as Policy
    await publish(used, 'Used')
    for (const wrong of [
      { ...first, sha256: ofOther.sha256 },
      {
        ...first,
        sha256: 'f'.repeat(64),
      },
      { ...first, number: 2 },
      { ...first, language: 'de' },
      { ...first, slug: 'nowhere' },
      textOf(tomorrow),
      // Nobody is asked to agree to it by saying so.
      textOf((await test.call('GET', `/public/policies/${used.slug}`)).body),
    ]) expect([wrong, (await accept(user, wrong)).body.code]).toEqual([wrong, 'policy.not_in_effect'])
    for (const malformed of [
      { ...first, sha256: 'x' },
      { ...first, number: 0 },
      { ...first, userId: operator.id },
      {},
    ]) {
      expect((await accept(user, malformed)).status).toBe(400)
    }
    expect((await test.call('POST', '/policy-acceptances', { body: first })).status).toBe(401)

    // In effect a day ago, and no longer.
    test.clock.advance(DAY_MS)
    expect((await accept(user, first)).status).toBe(409)
    expect((await accept(user, textOf(tomorrow))).status).toBe(201)
    // Of one who comes twice at once, one is new.
    const twice = await Promise.all([
      accept(user, ofOther),
      accept(user, ofOther),
    ])
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 201])
    expect(await me(user)).toEqual([])
    // Withdrawn, it asks nobody.
    const late = await createUser(test)
    await test.call('DELETE', `/admin/policies/${policy.id}`, { token: operator.token })
    expect((await me(late)).map(({ slug }) => slug)).toEqual([other.slug])
  })

  it('shows operators who agreed, by name and page, and gives all of it as CSV', async () => {
    const policy = await asking('First')
    const people = [await createUser(test, { name: '=HYPERLINK("x")' }), await createUser(test, { name: 'Berta, "B"' }), await createUser(test, { name: 'Cem' })]
    for (const person of people) {
      test.clock.advance(1000)
      await agreeToAll(person)
    }
    const list = (query = '') => admin('GET', `/${policy.id}/acceptances${query}`)
    const { body } = await list('?limit=2')
    const { body: next } = await list(`?limit=2&cursor=${body.nextCursor}`)
    const named = [
      ...body.items,
      ...next.items,
    ].map(({ person }: { person: { name: string } }) => person.name)
    expect([
      body.items.length,
      next.nextCursor,
      named.toSorted(),
    ]).toEqual([
      2,
      null,
      [
        ...people.map(({ name }) => name),
        operator.name,
      ].toSorted(),
    ])
    expect(body.agreed).toBe(4)
    expect(body.asked).toBeGreaterThan(4)
    expect((await list('?q=berta')).body.items).toMatchObject([
      {
        person: { id: people[1]!.id },
        email: people[1]!.email,
        place: 'sign-in',
      },
    ])
    expect((await list(`?q=${people[2]!.email}`)).body.items).toHaveLength(1)
    expect((await list('?cursor=x')).status).toBe(400)
    expect((await admin('GET', `/${operator.id}/acceptances`)).status).toBe(404)

    const csv = await admin('GET', `/${policy.id}/acceptances`, undefined, { accept: 'text/csv' })
    expect(csv.headers['content-type']).toContain('text/csv')
    expect(csv.headers['content-disposition']).toContain('policy-acceptances.csv')
    const lines = csv.raw.toString().trimEnd().split('\r\n')
    expect(lines).toHaveLength(5)
    expect(lines.find(line => line.includes('HYPERLINK'))).toContain(`"'=HYPERLINK(""x"")"`)
    expect(lines.find(line => line.includes('Berta'))).toContain('"Berta, ""B"""')
  })
})
