import type { TestUser } from '../../../test/factories.ts'
import type { Answer, TestApp } from '../../../test/test-app.ts'
import { Buffer } from 'node:buffer'
import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { proofFor } from '../../../test/proof-of-work.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { throttles } from '../auth/throttles.table.ts'
import { REQUEST_LIMITS } from './requests.policy.ts'
import { requestProofs, requests } from './requests.table.ts'

let test: TestApp
let operator: TestUser
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
})
beforeEach(async () => {
  await test.deps.db.delete(requests)
  await test.deps.db.delete(requestProofs)
  // What one test sends is not counted against the next.
  await test.deps.db.delete(throttles)
})
afterEach(() => test.clock.set(null))
afterAll(() => test.close())

const good = {
  kind: 'access',
  name: 'Ana',
  email: 'ana@example.com',
  message: 'May I come in?\n\tThank you',
}
let sources = 0
const freshSource = () => `198.51.100.${++sources}`

const solve = async () => proofFor((await test.call('GET', '/public/requests/challenge')).body)
/** With a proof of work, from an address of its own unless told. */
const send = async (body: object, source?: string) => sendAs({ altcha: await solve(), ...body }, source)
async function sendAs(body: object, source = freshSource()): Promise<{ status: number, body: any, headers: Record<string, unknown> }> {
  const response = await test.app.inject({
    method: 'POST',
    url: '/api/v1/public/requests',
    remoteAddress: source,
    headers: { 'user-agent': 'Test browser' },
    payload: body,
  })
  return {
    status: response.statusCode,
    body: response.json(),
    headers: response.headers,
  }
}
const asOperator = (method: 'GET' | 'PATCH' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer> => test.call(method, path, { token: operator.token, body })
const kept = () => test.deps.db.select().from(requests)
async function lastEvents(count: number) {
  return (await toldEvents(test, eq(auditEvents.chainId, INSTANCE_CHAIN))).slice(-count).reverse()
}

describe('a request', () => {
  it('is kept with where it came from, and told in the log without who it was', async () => {
    expect(await send({ ...good, name: '  Ana ', company: ' ' }, '203.0.113.7')).toMatchObject({
      status: 202,
      body: {
        reference: expect.stringMatching(/^R-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/),
        isMailed: false,
        url: expect.stringMatching(/^http:\/\/localhost:3000\/requests#token=[\w-]{43}$/),
      },
    })
    const { body } = await asOperator('GET', '/admin/requests')
    expect(body).toEqual({
      items: [
        {
          ...good,
          id: expect.any(String),
          reference: expect.any(String),
          right: null,
          company: null,
          language: 'en',
          state: 'new',
          identity: 'none',
          assignee: null,
          createdAt: expect.any(String),
          receivedAt: expect.any(String),
          handledAt: null,
          handledBy: null,
          dueAt: null,
        },
      ],
      nextCursor: null,
      counts: {
        new: 1,
        in_progress: 0,
        answered: 0,
        approved: 0,
        declined: 0,
        spam: 0,
      },
    })
    expect((await asOperator('GET', `/admin/requests/${body.items[0].id}`)).body).toMatchObject({
      origin: { ip: '203.0.113.7', userAgent: 'Test browser' },
      consent: null,
      messages: [],
    })
    const [event] = await lastEvents(1)
    expect(event).toMatchObject({
      action: 'request.received',
      actor: { kind: 'visitor', name: '' },
      subject: { kind: 'request', id: body.items[0].id, name: '' },
      details: { kind: 'access' },
    })
    expect(JSON.stringify([event!.subject, event!.actor, event!.details])).not.toMatch(/ana/i)
  })

  it('is not confirmed by a link that came without a mail', async () => {
    const { body } = await send(good)
    expect((await test.call('POST', `/public/requests/${body.url.split('=').at(-1)}/confirm`)).body.state).toBe('open')
    expect((await asOperator('GET', '/admin/requests')).body.items).toMatchObject([
      { identity: 'none' },
    ])
  })

  it('is answered alike whether its address belongs to somebody or not', async () => {
    const user = await createUser(test)
    const [known, unknown] = [
      await send({ ...good, email: user.email }),
      await send(good),
    ]
    expect([
      known.status,
      Object.keys(known.body),
      known.body.isMailed,
    ]).toEqual([
      unknown.status,
      Object.keys(unknown.body),
      unknown.body.isMailed,
    ])
  })

  it('is accepted and dropped when the hidden member is filled in, kept when it is empty', async () => {
    const [before] = await lastEvents(1)
    expect(await send({ ...good, website: 'https://spam.example' })).toMatchObject({
      status: 202,
      body: {
        reference: expect.stringMatching(/^R-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/),
        isMailed: false,
        url: expect.stringMatching(/^http:\/\/localhost:3000\/requests#token=[\w-]{43}$/),
      },
    })
    expect(await kept()).toEqual([])
    expect((await lastEvents(1))[0]?.seq).toBe(before?.seq)
    expect((await send({ ...good, website: '' })).status).toBe(202)
    expect(await kept()).toHaveLength(1)
  })

  it.each<[string, object, string]>([
    [
      'a line break in the company',
      { ...good, company: 'Example\r\nBcc: x@example.com' },
      '/company',
    ],
    [
      'a right that is for privacy',
      { ...good, right: 'deletion' },
      '/right',
    ],
    [
      'privacy without a right',
      { ...good, kind: 'privacy' },
      '/right',
    ],
    [
      'news that there is not',
      {
        ...good,
        news: ['billing'],
      },
      '/news/0',
    ],
    [
      'an unknown member',
      { ...good, state: 'answered' },
      '/state',
    ],
    [
      'another kind',
      { ...good, kind: 'praise' },
      '/kind',
    ],
    [
      'no kind',
      { ...good, kind: undefined },
      '/kind',
    ],
    [
      'no name',
      { ...good, name: '' },
      '/name',
    ],
    [
      'a name of spaces',
      { ...good, name: '   ' },
      '/name',
    ],
    [
      'a name of two lines',
      { ...good, name: 'Ana\nBcc: x@example.com' },
      '/name',
    ],
    [
      'a name with a NUL',
      { ...good, name: 'A\0na' },
      '/name',
    ],
    [
      'a name too long',
      {
        ...good,
        name: 'x'.repeat(121),
      },
      '/name',
    ],
    [
      'a broken address',
      { ...good, email: 'ana.example.com' },
      '/email',
    ],
    [
      'two addresses',
      { ...good, email: 'ana@example.com, x@example.com' },
      '/email',
    ],
    [
      'an address with a line break',
      { ...good, email: 'ana@example.com\nBcc:' },
      '/email',
    ],
    [
      'an address too long',
      { ...good, email: `${'x'.repeat(251)}@x.y` },
      '/email',
    ],
    [
      'a company too long',
      {
        ...good,
        company: 'x'.repeat(201),
      },
      '/company',
    ],
    [
      'a company with a bell',
      { ...good, company: 'A\u0007' },
      '/company',
    ],
    [
      'no message',
      { ...good, message: undefined },
      '/message',
    ],
    [
      'an empty message',
      { ...good, message: ' \n ' },
      '/message',
    ],
    [
      'a message with a NUL',
      { ...good, message: 'a\0' },
      '/message',
    ],
    [
      'a message with an escape',
      { ...good, message: 'a\u001B[31m' },
      '/message',
    ],
    [
      'a message too long',
      {
        ...good,
        message: 'x'.repeat(5001),
      },
      '/message',
    ],
    [
      'a number for a message',
      { ...good, message: 7 },
      '/message',
    ],
  ])('is refused with %s', async (_what, body, pointer) => {
    const answer = await send(body)
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'request.invalid' },
    })
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer)
    expect(await kept()).toEqual([])
  })

  it('takes the longest there may be', async () => {
    expect((await send({
      ...good,
      name: 'x'.repeat(120),
      company: 'x'.repeat(200),
      message: 'x'.repeat(5000),
    })).status).toBe(202)
  })

  it('comes five times an hour from one place, not a sixth time, and again when the hour is over', async () => {
    test.clock.set(test.clock.now())
    const source = freshSource()
    for (let i = 0; i < 5; i++) {
      expect((await send(good, source)).status).toBe(202)
      test.clock.advance(60_000)
    }
    expect(await send(good, source)).toMatchObject({
      status: 429,
      body: { code: 'rate.limited' },
      headers: { 'retry-after': '3300' },
    })
    expect((await send(good)).status).toBe(202)
    test.clock.advance(3_300_000)
    expect((await send(good, source)).status).toBe(202)
  })

  it('is counted in a burst, too', async () => {
    const source = freshSource()
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(good, source)))
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(5)
    expect(await kept()).toHaveLength(5)
  })
})

describe('the proof of work', () => {
  it('counts once, however often it is sent at the same time', async () => {
    const altcha = await solve()
    const answers = await Promise.all(Array.from({ length: 4 }, () => sendAs({ ...good, altcha })))
    expect(answers.map(({ status, body }) => body.code ?? status).sort()).toEqual([
      202,
      'request.proof_refused',
      'request.proof_refused',
      'request.proof_refused',
    ])
    expect(await kept()).toHaveLength(1)
  })

  it('is refused when it is none of ours, or is changed, or comes too late', async () => {
    const encode = (payload: object) => Buffer.from(JSON.stringify(payload)).toString('base64')
    const solved = JSON.parse(Buffer.from(await solve(), 'base64').toString())
    const { challenge, salt } = solved
    const later = salt.replace(/expires=(\d+)/, (_: string, at: string) => `expires=${Number(at) + 3600}`)
    for (const altcha of [
      'not base64 of anything',
      encode({}),
      Buffer.from('null').toString('base64'),
      encode({ ...solved, number: solved.number + 1 }),
      encode({
        ...solved,
        signature: '0'.repeat(64),
      }),
      encode({ ...solved, salt: later }),
      // What the number begins with, moved into the time: the hash would stay the same.
      encode({
        ...solved,
        salt: `${salt.replace(/&$/, '')}${String(solved.number)[0]}`,
        number: Number(String(solved.number).slice(1)),
      }),
      encode({ ...solved, algorithm: 'SHA-1' }),
      encode({
        ...solved,
        challenge: challenge.slice(1),
      }),
    ]) {
      expect(await sendAs({ ...good, altcha }), altcha).toMatchObject({
        status: 400,
        body: { code: 'request.proof_refused' },
      })
    }
    expect(await kept()).toEqual([])
    test.clock.advance(31 * 60_000)
    expect((await sendAs({
      ...good,
      altcha: encode(solved),
    })).body.code).toBe('request.proof_refused')
    test.clock.advance(-31 * 60_000)
    expect((await sendAs({
      ...good,
      altcha: encode(solved),
    })).status).toBe(202)
  })

  it('is forgotten when it would not be good any more', async () => {
    await send(good)
    await purgeDue(test)
    expect(await test.deps.db.$count(requestProofs)).toBeGreaterThan(0)
    test.clock.advance(31 * 60_000)
    await purgeDue(test)
    test.clock.advance(-31 * 60_000)
    expect(await test.deps.db.$count(requestProofs)).toBe(0)
    expect(await kept()).toHaveLength(1)
  })

  it('may be missing, but then fewer are taken: of one place and of all, a hundred at once', async () => {
    const source = freshSource()
    const ofOne = await Promise.all(Array.from({ length: 6 }, () => sendAs(good, source)))
    expect(ofOne.filter(({ status }) => status === 202)).toHaveLength(REQUEST_LIMITS.sourceWithoutProof.count)
    const ofMany = await Promise.all(Array.from({ length: 100 }, (_, n) => sendAs({ ...good, email: `ana${n}@example.com` })))
    expect(ofMany.filter(({ status }) => status === 202)).toHaveLength(REQUEST_LIMITS.everybodyWithoutProof.count - REQUEST_LIMITS.sourceWithoutProof.count)
    expect(new Set(ofMany.map(({ status }) => status))).toEqual(new Set([202, 429]))
    // Who has one goes on.
    expect((await send({ ...good, email: 'ben@example.com' })).status).toBe(202)
  })

  it('is looked at before all are counted: what nobody worked for keeps nobody out', async () => {
    const altcha = await solve()
    expect((await sendAs({ ...good, altcha })).status).toBe(202)
    const count = async () => (await test.deps.db.select().from(throttles)).filter(({ failures }) => failures > 0).reduce((most, { failures }) => Math.max(most, failures), 0)
    for (const used of [altcha, 'none', altcha]) expect((await sendAs({ ...good, altcha: used })).status).toBe(400)
    expect(await count()).toBe(1)
  })

  it('does not write to one address without end', async () => {
    const answers = []
    for (let i = 0; i <= REQUEST_LIMITS.address.count; i++) answers.push((await send({ ...good, email: 'Ana@Example.com' })).status)
    expect(answers).toEqual([
      ...Array.from({ length: REQUEST_LIMITS.address.count }).fill(202),
      429,
    ])
  })
})

it('is refused with a body of a mebibyte', async () => {
  expect(await sendAs({
    ...good,
    message: 'x'.repeat(1024 * 1024),
  })).toMatchObject({
    status: 413,
    body: { code: 'request.too_large' },
  })
})

describe('with a policy in effect', () => {
  it('asks for consent to that very version, and keeps which it was', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const { body: policy } = await asOperator('POST', '/admin/policies', {
      kind: 'privacy',
      slug: 'privacy',
      title: 'Privacy',
      markdown: 'What we do.',
    })
    const publish = (summary: string) => asOperator('POST', `/admin/policies/${policy.id}/publish`, { effectiveOn: today, summary })
    await publish('First')
    expect(await send(good)).toMatchObject({
      status: 409,
      body: { code: 'request.consent_needed' },
    })
    expect(await send({
      ...good,
      consent: { slug: 'terms', number: 1 },
    })).toMatchObject({ status: 409 })
    const { status } = await send({
      ...good,
      consent: { slug: 'privacy', number: 1 },
      news: ['launch', 'product'],
    })
    expect(status).toBe(202)
    const { id } = (await kept())[0]!
    const { body: { sha256 } } = await test.call('GET', '/public/policies/privacy')
    expect((await asOperator('GET', `/admin/requests/${id}`)).body).toMatchObject({
      consent: { slug: 'privacy', number: 1, sha256 },
      news: ['launch', 'product'],
    })
    await asOperator('PATCH', `/admin/policies/${policy.id}`, { markdown: 'What we do now.' })
    await publish('Second')
    expect((await send({
      ...good,
      consent: { slug: 'privacy', number: 1 },
    })).body.code).toBe('request.consent_needed')
    await test.call('DELETE', `/admin/policies/${policy.id}`, { token: operator.token })
    expect((await send(good)).status).toBe(202)
  })
})

describe('the form without JavaScript', () => {
  const post = async (fields: Record<string, string>, source = freshSource()) => test.app.inject({
    method: 'POST',
    url: '/api/v1/public/contact',
    remoteAddress: source,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'de-CH,de;q=0.9' },
    payload: new URLSearchParams(fields).toString(),
  })

  it('is a page in the reader’s language; what it sends is kept, and leads back to it', async () => {
    const page = await test.app.inject({
      url: '/api/v1/public/contact',
      headers: { 'accept-language': 'de-CH' },
    })
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.body).toContain('<html lang="de">')
    expect(page.body).not.toMatch(/<script/i)
    const sent = await post({
      ...good,
      right: '',
      company: '',
      website: '',
      launch: 'yes',
    })
    expect([sent.statusCode, sent.headers.location]).toEqual([
      303,
      expect.stringMatching(/^\/api\/v1\/public\/contact\?sent=R-.{9}&language=de$/),
    ])
    const [request] = await kept()
    expect(request).toMatchObject({
      language: 'de',
      news: ['launch'],
      message: good.message.trim(),
    })
    expect((await test.app.inject({ url: sent.headers.location as string })).body).toContain(request!.reference)
  })

  it('shows again what was typed, with what is wrong, and nothing of it as markup', async () => {
    const { statusCode, body } = await post({
      ...good,
      name: '"><script>alert(1)</script>',
      message: '</textarea><img src=x>',
      email: 'nobody',
    })
    expect(statusCode).toBe(400)
    expect(body).toContain('&#34;&#62;&#60;script&#62;')
    expect(body).not.toMatch(/<script|<img/)
    expect((await post({ ...good, sent: 'x' })).statusCode).toBe(400)
    expect((await post({
      ...good,
      message: 'x'.repeat(70_000),
    })).statusCode).toBe(413)
    expect((await test.app.inject({ url: '/api/v1/public/contact?sent=<script>' })).statusCode).toBe(400)
    expect((await test.app.inject({
      method: 'POST',
      url: '/api/v1/public/contact',
      payload: { language: 5 },
    })).statusCode).toBe(400)
    expect(await kept()).toEqual([])
  })

  it('takes as much of every language as it says', async () => {
    const message = '名'.repeat(5000)
    expect((await post({ ...good, message })).statusCode).toBe(303)
    expect((await kept())[0]).toMatchObject({ message })
  })

  it('is taken less often than the other', async () => {
    const source = freshSource()
    const got = []
    for (let i = 0; i < 3; i++) got.push((await post(good, source)).statusCode)
    expect(got).toEqual([303, 303, 429])
  })
})

describe('the operator', () => {
  async function make(count: number): Promise<string[]> {
    const at = test.clock.now().getTime()
    // Two by two at the same moment: the id decides.
    // Sorted: within a millisecond they are random.
    const ids = Array.from({ length: count }, () => randomUUIDv7()).sort()
    const rows = ids.map((id, n) => ({
      ...good,
      kind: 'support' as const,
      language: 'en' as const,
      reference: id,
      id,
      createdAt: new Date(at),
      receivedAt: new Date(at + Math.floor(n / 2)),
    }))
    await test.deps.db.insert(requests).values(rows)
    return ids.reverse()
  }

  it('reads them page by page, newest first', async () => {
    const ids = await make(5)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { body }: Answer = await asOperator('GET', `/admin/requests?limit=2${cursor
        ? `&cursor=${cursor}`
        : ''}`)
      seen.push(...body.items.map((item: { id: string }) => item.id))
      cursor = body.nextCursor
    } while (cursor)
    expect(seen).toEqual(ids)
  })

  it('marks them and takes it back, each once in the log', async () => {
    const [id, other] = await make(2)
    const answered = await asOperator('PATCH', `/admin/requests/${id}`, { state: 'answered' })
    expect(answered).toMatchObject({
      status: 200,
      body: {
        id,
        state: 'answered',
        handledAt: expect.any(String),
        handledBy: { id: operator.id, name: operator.name },
      },
    })
    expect((await asOperator('PATCH', `/admin/requests/${id}`, { state: 'answered' })).body).toEqual(answered.body)
    expect((await lastEvents(2)).map(event => [event.action, event.details])).toMatchObject([
      [
        'request.handled',
        { from: 'new', to: 'answered' },
      ],
      [
        expect.not.stringMatching('request.handled'),
        {},
      ],
    ])

    const listed = async (state: string) => (await asOperator('GET', `/admin/requests?state=${state}`)).body
    expect((await listed('new')).items.map((item: { id: string }) => item.id)).toEqual([other])
    expect((await listed('answered'))).toMatchObject({
      counts: { new: 1, answered: 1 },
      items: [
        { id },
      ],
    })
    expect((await listed('spam')).items).toEqual([])

    expect((await asOperator('PATCH', `/admin/requests/${id}`, { state: 'new' })).body).toMatchObject({ state: 'new', handledAt: null, handledBy: null })
    expect((await lastEvents(1))[0]).toMatchObject({
      details: { from: 'answered', to: 'new' },
    })
  })

  it('marks one once, however often at the same time', async () => {
    const [id] = await make(1)
    const answers = await Promise.all(Array.from({ length: 6 }, () => asOperator('PATCH', `/admin/requests/${id}`, { state: 'spam' })))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }).fill(200))
    const events = await toldEvents(test, eq(auditEvents.subjectId, id!))
    expect(events).toHaveLength(1)
  })

  it('is refused what is no request, no state, no cursor', async () => {
    const [id] = await make(1)
    expect((await asOperator('PATCH', `/admin/requests/${randomUUIDv7()}`, { state: 'spam' })).status).toBe(404)
    const madeUp = (...position: unknown[]) => Buffer.from(JSON.stringify(position)).toString('base64url')
    for (const answer of [
      await asOperator('PATCH', `/admin/requests/${'-'.repeat(36)}`, { state: 'spam' }),
      await asOperator('PATCH', `/admin/requests/${id}`, { state: 'lost' }),
      await asOperator('PATCH', `/admin/requests/${id}`, {}),
      await asOperator('PATCH', `/admin/requests/${id}`, { state: 'spam', name: 'x' }),
      await asOperator('GET', '/admin/requests?state=lost'),
      await asOperator('GET', '/admin/requests?colour=red'),
      await asOperator('GET', `/admin/requests?cursor=${madeUp('0000-01-01T00:00:00.000Z', id)}`),
      await asOperator('GET', `/admin/requests?cursor=${madeUp('2026-01-01T00:00:00.000Z', '-'.repeat(36))}`),
    ]) {
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'request.invalid' },
      })
    }
  })
})

describe('the clean-up', () => {
  it('deletes what was answered or spam long enough ago, and nothing that waits', async () => {
    const now = test.clock.now().getTime()
    const row = (name: string, state: 'new' | 'answered' | 'approved' | 'declined' | 'spam', days: number) => ({
      ...good,
      kind: 'access' as const,
      language: 'en' as const,
      id: randomUUIDv7(),
      reference: name,
      receivedAt: new Date(now - 400 * 86_400_000),
      name,
      state,
      createdAt: new Date(now - 400 * 86_400_000),
      handledAt: state === 'new'
        ? null
        : new Date(now - days * 86_400_000 - 60_000),
    })
    await test.deps.db.insert(requests).values([
      row('waits', 'new', 0),
      row('answered, young', 'answered', 179),
      row('answered, old', 'answered', 180),
      row('approved, young', 'approved', 179),
      row('approved, old', 'approved', 180),
      row('declined, old', 'declined', 180),
      row('spam, young', 'spam', 29),
      row('spam, old', 'spam', 30),
    ])
    await purgeDue(test)
    expect((await kept()).map(({ name }) => name).sort()).toEqual([
      'answered, young',
      'approved, young',
      'spam, young',
      'waits',
    ])
  })
})

describe('the home page', () => {
  const face = { home: 'shown', texts: {}, links: [] }

  it('is there when an operator says so, though DEPLOYMENT says it else', async () => {
    const hasHome = async () => (await test.call('GET', '/instance')).body.hasHome
    expect(await hasHome()).toBe(false)
    const text = {
      claim: 'Drawings that arrive',
      intro: '',
      points: [
        { title: 'By link', text: '' },
      ],
    }
    await asOperator('PUT', '/admin/public-face', {
      ...face,
      texts: { de: text },
    })
    expect(await hasHome()).toBe(true)
    expect((await test.call('GET', '/public/face')).body).toEqual({
      ...face,
      texts: { de: text },
      hasHome: true,
    })
    expect((await lastEvents(1))[0]).toMatchObject({
      action: 'instance.face_changed',
      details: { home: 'shown' },
    })
    await asOperator('PUT', '/admin/public-face', { ...face, home: 'auto' })
    expect(await hasHome()).toBe(false)
  })

  it('leads to the web, to a mailbox or within, and to no script', async () => {
    const put = (url: string) => asOperator('PUT', '/admin/public-face', {
      ...face,
      home: 'auto',
      links: [
        { label: 'More', url },
      ],
    })
    for (const url of ['https://northwind.example/x?y#z', 'mailto:a@b.example', '/policies']) expect((await put(url)).status, url).toBe(200)
    for (const url of [
      'javascript:alert(1)',
      '//evil.example',
      '/\\evil.example',
      'https://',
      'data:text/html,x',
      'northwind.example',
      ' https://x.example',
    ]) {
      expect(await put(url), url).toMatchObject({
        status: 400,
        body: {
          errors: [
            { pointer: '/links/0/url' },
          ],
        },
      })
    }
  })
})
