import type { TestUser } from '../../../test/factories.ts'
import type { Answer, TestApp } from '../../../test/test-app.ts'
import { Buffer } from 'node:buffer'
import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { requests } from './requests.table.ts'

let test: TestApp
let operator: TestUser
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
})
beforeEach(() => test.deps.db.delete(requests))
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

/** From an address of its own unless told. */
async function send(body: object, source = freshSource()): Promise<{ status: number, body: any, headers: Record<string, unknown> }> {
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
const asOperator = (method: 'GET' | 'PATCH', path: string, body?: unknown): Promise<Answer> => test.call(method, path, { token: operator.token, body })
const kept = () => test.deps.db.select().from(requests)
async function lastEvents(count: number) {
  return (await toldEvents(test, eq(auditEvents.chainId, INSTANCE_CHAIN))).slice(-count).reverse()
}

describe('a request', () => {
  it('is kept with where it came from, and told in the log without who it was', async () => {
    expect(await send({ ...good, name: '  Ana ', company: ' ' }, '203.0.113.7')).toMatchObject({
      status: 202,
      body: { accepted: true },
    })
    const { body } = await asOperator('GET', '/admin/requests')
    expect(body).toEqual({
      items: [
        {
          ...good,
          id: expect.any(String),
          company: null,
          state: 'new',
          createdAt: expect.any(String),
          handledAt: null,
          handledBy: null,
          origin: { ip: '203.0.113.7', userAgent: 'Test browser' },
        },
      ],
      nextCursor: null,
      newCount: 1,
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

  it('is answered alike whether its address belongs to somebody or not', async () => {
    const user = await createUser(test)
    const [known, unknown] = [
      await send({ ...good, email: user.email }),
      await send(good),
    ]
    expect([
      known.status,
      known.body,
    ]).toEqual([
      unknown.status,
      unknown.body,
    ])
  })

  it('is accepted and dropped when the hidden member is filled in, kept when it is empty', async () => {
    const [before] = await lastEvents(1)
    expect(await send({ ...good, website: 'https://spam.example' })).toMatchObject({
      status: 202,
      body: { accepted: true },
    })
    expect(await kept()).toEqual([])
    expect((await lastEvents(1))[0]?.seq).toBe(before?.seq)
    expect((await send({ ...good, website: '' })).status).toBe(202)
    expect(await kept()).toHaveLength(1)
  })

  it.each<[string, object, string]>([
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

describe('the operator', () => {
  async function make(count: number): Promise<string[]> {
    const at = test.clock.now().getTime()
    // Two by two at the same moment: the id decides.
    // Sorted: within a millisecond they are random.
    const ids = Array.from({ length: count }, () => randomUUIDv7()).sort()
    const rows = ids.map((id, n) => ({
      ...good,
      kind: 'support' as const,
      id,
      createdAt: new Date(at + Math.floor(n / 2)),
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
      newCount: 1,
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
    const row = (name: string, state: 'new' | 'answered' | 'spam', days: number) => ({
      ...good,
      kind: 'access' as const,
      id: randomUUIDv7(),
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
      row('spam, young', 'spam', 29),
      row('spam, old', 'spam', 30),
    ])
    await purgeDue(test)
    expect((await kept()).map(({ name }) => name).sort()).toEqual([
      'answered, young',
      'spam, young',
      'waits',
    ])
  })
})
