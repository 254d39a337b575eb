import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { PublishedPolicy } from '../policies/policies.schemas.ts'
import type { PendingPolicy } from './acceptances.schemas.ts'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createUser, createWorkspace } from '../../../test/factories.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { throttles } from '../auth/throttles.table.ts'
import { requests } from '../requests/requests.table.ts'
import { users } from '../users/users.table.ts'
import { policyAcceptances } from './acceptances.table.ts'

let test: TestApp
let smtp: TestSmtp
let operator: TestUser
let close: MailApp['close']
let workspace: TestWorkspace
beforeAll(async () => {
  ;({ test, smtp, operator, close } = await createMailApp())
  workspace = await createWorkspace(test)
  await test.call('PATCH', '/admin/instance', {
    token: operator.token,
    body: { registration: 'open' },
  })
})
let terms: string
beforeEach(async () => { terms = await asking('terms', 'Terms') })
afterEach(async () => {
  test.clock.set(null)
  await test.deps.db.delete(throttles)
  await test.deps.db.execute('update policies set withdrawn_at = now()')
})
afterAll(() => close())

const PASSWORD = 'drizzle-on-the-tin-roof'
let n = 0
const fresh = () => `person${++n}@example.org`
const code = ({ status, body }: { status: number, body: any }) => [status, body?.code]
const missing = (slug: string) => ({
  status: 400,
  body: {
    code: 'request.invalid',
    errors: [
      { pointer: '/acceptances', detail: `lacks “${slug}”` },
    ],
  },
})
const stale = [409, 'policy.not_in_effect']
const textOf = ({ slug, number, language, sha256 }: PendingPolicy | PublishedPolicy) => ({ slug, number, language, sha256 })
const asked = async (language = 'en'): Promise<PendingPolicy[]> => (await test.call('GET', `/public/pending-policies?language=${language}`)).body.items
const agreement = async (language?: string) => (await asked(language)).map(textOf)

/** Operators agree first. */
async function admin(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown, headers?: Record<string, string>) {
  for (const each of (await test.call('GET', '/me', { token: operator.token })).body.pendingPolicies as PendingPolicy[]) {
    await test.call('POST', '/policy-acceptances', {
      token: operator.token,
      body: textOf(each),
    })
  }
  return test.call(method, `/admin/policies${path}`, { token: operator.token, body, headers })
}
async function publish(slug: string, text: string, more: object = {}) {
  const policy = (await admin('GET', '')).body.items.find((each: { slug: string }) => each.slug === slug)
  for (const language of ['en', 'de']) {
    await admin('PATCH', `/${policy.id}`, {
      language,
      title: `${slug} (${language})`,
      markdown: `# ${text}`,
      acceptance: 'explicit',
    })
  }
  expect(code(await admin('POST', `/${policy.id}/publish`, {
    effectiveOn: policy.today,
    summary: text,
    ...more,
  }))).toEqual([200, undefined])
}
/** @returns the slug of one that asks people to say that they agree */
async function asking(kind: 'terms' | 'privacy', text: string): Promise<string> {
  const slug = `${kind}-${++n}`
  await admin('POST', '', {
    kind,
    slug,
    title: text,
    markdown: '# Draft',
    language: 'en',
  })
  await publish(slug, text)
  return slug
}
const rowsOf = async (userId: string) => test.deps.db.select().from(policyAcceptances).where(eq(policyAcceptances.userId, userId))
const accountOf = async (email: string) => (await test.deps.db.select().from(users).where(eq(users.email, email)))[0]
const told = async (userId: string) => (await test.deps.auditTrail.list(INSTANCE_CHAIN, {
  action: ['policy.accepted'],
  limit: 200,
})).items.filter(({ actor }) => actor.id === userId)
const mailTo = async (address: string) => {
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  return smtp.mails.findLast(({ to }) => to.includes(address))!.text
}

/** What all of them refuse: nothing, another version, another language's hash, another policy, what nobody asks for. */
async function refusals(attempt: (acceptances?: object[]) => Promise<{ status: number, body: any }>) {
  const [given] = await agreement()
  expect(await attempt()).toMatchObject(missing(terms))
  expect(await attempt([])).toMatchObject(missing(terms))
  const [german] = await agreement('de')
  for (const wrong of [
    { ...given, number: 2 },
    {
      ...given,
      sha256: 'f'.repeat(64),
    },
    { ...given, slug: 'nowhere' },
    { ...given, language: 'fr' },
  ]) {
    expect([
      wrong,
      code(await attempt([wrong])),
    ]).toEqual([wrong, stale])
  }
  expect((await attempt([
    { ...german, userId: operator.id },
  ])).status).toBe(400)
  expect((await attempt(Array.from({ length: 51 }, () => german!))).status).toBe(400)
}

describe('somebody without an account', () => {
  it('is told what to agree to, in the language that is asked for or that the browser prefers', async () => {
    expect(await asked('de')).toMatchObject([
      {
        slug: terms,
        language: 'de',
        title: `${terms} (de)`,
        number: 1,
        acceptedNumber: null,
        summary: '',
      },
    ])
    expect((await test.call('GET', '/public/pending-policies', {
      headers: { 'accept-language': 'de-CH' },
    })).body.items).toMatchObject([
      { language: 'de' },
    ])
    expect(await asked('fr')).toMatchObject([
      { language: 'en' },
    ])
    expect((await test.call('GET', '/public/pending-policies?language=x')).status).toBe(400)
  })

  it('agrees with the invitation, and is not asked again', async () => {
    const invite = async ({ id, owner } = workspace): Promise<string> => (await test.call('POST', `/workspaces/${id}/invitations`, {
      token: owner.token,
      body: { role: 'staff' },
    })).body.url.split('/').at(-1)
    await test.call('POST', '/policy-acceptances', {
      token: workspace.owner.token,
      body: (await agreement())[0],
    })
    const path = `/public/invitations/${await invite()}/accept`
    const email = fresh()
    const person = {
      name: 'Anna',
      email,
      password: PASSWORD,
      locale: 'de',
    }
    const accept = (body: object, token?: string, at = path) => test.call('POST', at, { token, body })
    await refusals(acceptances => accept({ ...person, acceptances }))
    // Whether the address is somebody's is not told by it.
    const known = await createUser(test)
    await test.deps.db.update(users).set({ passwordHash: await hashPassword(PASSWORD) }).where(eq(users.id, known.id))
    expect(await accept({ ...person, email: known.email })).toMatchObject(missing(terms))
    expect(await accountOf(email)).toBeUndefined()

    const [german] = await agreement('de')
    const { status, body } = await accept({
      ...person,
      acceptances: [german, german],
    })
    expect([status, body.session.pendingPolicies]).toEqual([200, []])
    const { id } = (await accountOf(email))!
    expect(await rowsOf(id)).toMatchObject([
      {
        place: 'invitation',
        language: 'de',
        sha256: german!.sha256,
        email: null,
        requestId: null,
        ip: expect.any(String),
      },
    ])
    expect(await told(id)).toMatchObject([
      { details: german },
    ])
    expect((await test.call('GET', `/workspaces/${workspace.id}`, { token: body.session.accessToken })).status).toBe(200)

    // Signed in, or with the password of an account: nothing is asked there, and the answer says what is asked next.
    const second = `/public/invitations/${await invite()}/accept`
    expect(await accept({ email: known.email, password: PASSWORD }, undefined, second)).toMatchObject({
      status: 200,
      body: {
        session: {
          pendingPolicies: [
            { slug: terms },
          ],
        },
      },
    })
    expect(await rowsOf(known.id)).toEqual([])
    const other = await createWorkspace(test)
    await test.call('POST', '/policy-acceptances', {
      token: other.owner.token,
      body: german,
    })
    expect((await accept({}, body.session.accessToken, `/public/invitations/${await invite(other)}/accept`)).status).toBe(200)
    expect(await rowsOf(id)).toHaveLength(1)
  })

  it('agrees with the registration, whose link stays good until they do', async () => {
    const email = fresh()
    await test.call('POST', '/auth/register', {
      body: { email },
    })
    await test.deps.registrations.settled()
    const path = `/auth/register/${/\/register#token=([\w-]{43})/.exec(await mailTo(email))![1]}`
    const finish = (acceptances?: object[]) => test.call('POST', path, {
      body: { name: 'Berta', password: PASSWORD, acceptances },
    })
    await refusals(finish)
    // A version that came into effect while they were reading.
    const [before] = await agreement()
    await publish(terms, 'Newer')
    expect(code(await finish([before!]))).toEqual(stale)
    const { status, body } = await finish(await agreement())
    expect([status, body.pendingPolicies]).toEqual([201, []])
    expect(await rowsOf(body.user.id)).toMatchObject([
      { place: 'registration', language: 'en' },
    ])
    expect(await told(body.user.id)).toMatchObject([
      {
        details: { slug: terms, number: 2 },
      },
    ])
  })
})

describe('a request', () => {
  const send = (body: object) => test.app.inject({
    method: 'POST',
    url: '/api/v1/public/requests',
    remoteAddress: `198.51.100.${++n}`,
    payload: {
      kind: 'access',
      name: 'Cem',
      message: 'May I come in?',
      ...body,
    },
  }).then(response => ({
    status: response.statusCode,
    body: response.json(),
  }))

  it('is agreed with, which is kept with it and its address, and shown when that is confirmed', async () => {
    const email = fresh()
    await refusals(async (acceptances) => {
      await test.deps.db.delete(throttles)
      return send({ email, acceptances })
    })
    const { status, body: { reference } } = await send({
      email: ` ${email}`.trim(),
      acceptances: await agreement(),
    })
    expect(status).toBe(202)
    const [request] = await test.deps.db.select().from(requests).where(eq(requests.reference, reference))
    const kept = () => test.deps.db.select().from(policyAcceptances).where(eq(policyAcceptances.requestId, request!.id))
    expect(await kept()).toMatchObject([
      {
        place: 'request',
        email,
        userId: null,
        language: 'en',
      },
    ])
    const policy = (await admin('GET', '')).body.items.find(({ slug }: { slug: string }) => slug === terms)
    const list = () => admin('GET', `/${policy.id}/acceptances?q=${email}`)
    expect((await list()).body.items).toEqual([])
    const token = /\/requests#token=([\w-]{43})/.exec(await mailTo(email))![1]
    await test.call('POST', `/public/requests/${token}/confirm`)
    expect((await list()).body.items).toMatchObject([
      { person: null, email, place: 'request' },
    ])
    // The log, which outlives requests, says nothing of it; that a list was taken away it does.
    const csv = await admin('GET', `/${policy.id}/acceptances?q=${email}`, undefined, { accept: 'text/csv' })
    expect(csv.raw.toString()).toContain(email)
    const { items } = await test.deps.auditTrail.list(INSTANCE_CHAIN, {
      action: ['policy.acceptances_exported'],
      limit: 200,
    })
    expect(items).toMatchObject([
      {
        actor: { id: operator.id },
        subject: { id: policy.id, name: terms },
        details: { search: email },
      },
    ])
    await test.deps.db.delete(requests).where(eq(requests.id, request!.id))
    expect(await kept()).toEqual([])
  })

  it('for privacy hangs on no agreement but the one to the privacy policy, which is said once', async () => {
    expect((await send({
      email: fresh(),
      kind: 'privacy',
      right: 'export',
    })).status).toBe(202)
    const privacy = await asking('privacy', 'Privacy')
    expect(code(await send({
      email: fresh(),
      kind: 'privacy',
      right: 'export',
    }))).toEqual([409, 'request.consent_needed'])
    const acceptances = (await agreement('de')).filter(({ slug }) => slug === privacy)
    const { status, body } = await send({
      email: fresh(),
      kind: 'privacy',
      right: 'export',
      language: 'de',
      acceptances,
    })
    expect(status).toBe(202)
    expect(await test.deps.db.select().from(requests).where(eq(requests.reference, body.reference))).toMatchObject([
      { policySlug: privacy, policyNumber: 1, policySha256: acceptances[0]!.sha256 },
    ])
  })

  it('without JavaScript has a box for each, and says in the reader’s language when the text has changed', async () => {
    const privacy = await asking('privacy', 'Privacy')
    const page = async () => (await test.app.inject({ url: '/api/v1/public/contact?language=de' })).body
    const boxes = (html: string) => [
      ...html.matchAll(/name="accept" value="([^"]+)"( required)?/g),
    ].map(([, value, required]) => [value!, required !== undefined] as const)
    const shown = await page()
    const values = boxes(shown)
    expect(values.map(([value, required]) => [value.split(' ')[0], required]).sort()).toEqual([
      [privacy, true],
      [terms, false],
    ].sort())
    // The one to the privacy policy is said once.
    expect(shown).not.toContain('name="consent"')
    expect(shown).toContain(`href="/policies/${terms}/versions/1?language=de"`)
    const post = async (accept: readonly string[], email = fresh()) => {
      const { statusCode, body } = await test.app.inject({
        method: 'POST',
        url: '/api/v1/public/contact',
        remoteAddress: `198.51.100.${++n}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams([
          ...Object.entries({
            kind: 'access',
            name: 'Dora',
            message: 'Hallo',
            email,
            language: 'de',
            right: '',
            company: '',
            website: '',
          }),
          ...accept.map(value => ['accept', value] as [string, string]),
        ]).toString(),
      })
      return { status: statusCode, body }
    }
    const all = values.map(([value]) => value)
    expect(await post(all.filter(value => value.startsWith(privacy)))).toMatchObject({
      status: 400,
      body: expect.stringContaining('Haken Sie an, wozu Sie zustimmen.'),
    })
    expect((await post(['<b>'])).status).toBe(400)
    await publish(terms, 'Newer')
    const answer = await post(all)
    expect(answer).toMatchObject({
      status: 409,
      body: expect.stringMatching(/hat sich geändert, seit Sie diese Seite geöffnet haben[\s\S]*value="Dora"/),
    })
    const email = fresh()
    expect((await post(boxes(answer.body).map(([value]) => value), email)).status).toBe(303)
    expect((await test.deps.db.select().from(policyAcceptances).where(eq(policyAcceptances.email, email))).map(({ place }) => place)).toEqual(['request', 'request'])
  })
})

it('each answer that begins or renews a session says alike what is pending', async () => {
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash: await hashPassword(PASSWORD) }).where(eq(users.id, user.id))
  const login = () => test.call('POST', '/auth/login', {
    body: { email: user.email, password: PASSWORD },
  })
  const pending = { pendingPolicies: await asked() }
  const { body, headers } = await login()
  expect(body).toMatchObject(pending)
  const cookie = String(headers['set-cookie']).split(';')[0]!
  expect((await test.call('POST', '/auth/refresh', {
    headers: { cookie },
  })).body).toMatchObject(pending)
  await test.call('POST', '/policy-acceptances', {
    token: body.accessToken,
    body: (await agreement())[0],
  })
  const { nextCode } = await addTotp(test, { ...user, token: body.accessToken })
  await publish(terms, 'Newer', { acceptAgain: true })
  const { mfaToken } = (await login()).body
  expect((await test.call('POST', '/auth/mfa', {
    body: {
      mfaToken,
      method: 'totp',
      code: nextCode(),
    },
  })).body.pendingPolicies).toMatchObject([
    { slug: terms, acceptedNumber: 1, summary: 'Newer' },
  ])

  // All that give out a session give it in one shape.
  const { paths } = test.app.swagger() as unknown as { paths: Record<string, Record<string, { operationId: string, responses: Record<string, unknown> }>> }
  const ways = Object.values(paths).flatMap(methods => Object.values(methods)).filter(({ responses }) => /accessToken|SignedInAnswer|LoginAnswer|AcceptAnswer/.test(JSON.stringify(responses))).map(({ operationId }) => operationId)
  expect(ways.sort()).toEqual([
    'acceptInvitation',
    'finishLogin',
    'login',
    'loginByEmailCode',
    'loginByPasskey',
    'refresh',
    'register',
    'setUp',
  ])
  expect((test.app.swagger() as any).components.schemas.SignedInAnswer.required).toContain('pendingPolicies')
})
