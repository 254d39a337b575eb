import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Policy } from './policies.schemas.ts'
import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'

let test: TestApp
let operator: TestUser
let counter = 0
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
})
afterEach(() => test.clock.set(null))
afterAll(() => test.close())

const today = () => test.deps.clock().toISOString().slice(0, 10)
const admin = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, headers?: Record<string, string>) => test.call(method, `/admin/policies${path}`, { token: operator.token, body, headers })
const shown = (path: string) => test.call('GET', `/public/policies${path}`)
async function create(more: object = {}): Promise<Policy> {
  const { status, body } = await admin('POST', '', {
    kind: 'page',
    slug: `page-${++counter}`,
    title: 'A page',
    markdown: '# Text',
    ...more,
  })
  expect(status).toBe(201)
  return body
}
async function publish(policy: Policy, more: object = {}): Promise<Policy> {
  const { status, body } = await admin('POST', `/${policy.id}/publish`, {
    effectiveOn: today(),
    summary: 'First version',
    ...more,
  })
  expect([status, body.detail]).toEqual([200, undefined])
  return body
}
const write = async (policy: Policy, markdown: string) => (await admin('PATCH', `/${policy.id}`, { markdown })).body as Policy
const events = async () => (await test.deps.auditTrail.list(INSTANCE_CHAIN, {
  action: ['policy.*'],
  limit: 200,
})).items

describe('a policy', () => {
  it('is a draft that nobody sees until it is published', async () => {
    const policy = await create()
    expect(policy).toMatchObject({
      hasUnpublishedChanges: true,
      currentNumber: null,
      versions: [],
      withdrawnAt: null,
    })
    expect((await shown(`/${policy.slug}`)).status).toBe(404)
    expect((await shown(`/${policy.slug}/versions/1`)).status).toBe(404)
    expect((await shown('')).body.items.map((item: { slug: string }) => item.slug)).not.toContain(policy.slug)
  })

  it('says what changed, but for its first version', async () => {
    const policy = await publish(await create(), { summary: undefined })
    expect(policy.versions[0]!.texts[0]!.summary).toBe('')
    await write(policy, '# Another text')
    const { status, body } = await admin('POST', `/${policy.id}/publish`, {
      effectiveOn: today(),
    })
    expect({ status, code: body.code, fields: body.errors }).toMatchObject({
      status: 400,
      code: 'request.invalid',
      fields: [
        { pointer: '/summary' },
      ],
    })
    await publish(policy, { summary: 'Everything' })
  })

  it('is shown to anybody once published, with its hash', async () => {
    const policy = await publish(await create({ markdown: '# Grüße 名前' }))
    expect(policy).toMatchObject({ hasUnpublishedChanges: false, currentNumber: 1 })
    const { status, body } = await shown(`/${policy.slug}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      number: 1,
      markdown: '# Grüße 名前',
      effectiveOn: today(),
      summary: 'First version',
      sha256: createHash('sha256').update('# Grüße 名前').digest('hex'),
      current: true,
      upcoming: null,
    })
    expect((await shown('')).body.items).toContainEqual({
      kind: 'page',
      slug: policy.slug,
      path: `/policies/${policy.slug}`,
      title: 'A page',
      language: 'en',
      effectiveOn: today(),
    })
  })

  it('keeps every version at its address, unchanged by later ones', async () => {
    const policy = await publish(await create({ markdown: 'one' }))
    const first = (await shown(`/${policy.slug}/versions/1`)).body
    await write(policy, 'two')
    await publish(policy, { summary: 'Second' })
    const again = (await shown(`/${policy.slug}/versions/1`)).body
    expect(again).toMatchObject({
      number: 1,
      markdown: 'one',
      sha256: first.sha256,
      publishedAt: first.publishedAt,
      current: false,
    })
    expect((await shown(`/${policy.slug}`)).body).toMatchObject({ number: 2, markdown: 'two', current: true })
    expect(again.versions.map((version: { number: number }) => version.number)).toEqual([2, 1])
  })

  it('announces a version whose day has not come, and shows it when it has', async () => {
    test.clock.set(new Date('2026-05-01T23:59:00Z'))
    const policy = await publish(await create({ markdown: 'one' }))
    await write(policy, 'two')
    await publish(policy, { effectiveOn: '2026-05-02' })
    expect((await shown(`/${policy.slug}`)).body).toMatchObject({
      number: 1,
      upcoming: { number: 2, effectiveOn: '2026-05-02' },
    })
    expect((await shown(`/${policy.slug}/versions/2`)).body).toMatchObject({ markdown: 'two', current: false })
    test.clock.advance(60_000)
    expect((await shown(`/${policy.slug}`)).body).toMatchObject({ number: 2, upcoming: null, current: true })
  })

  it('lists privacy, terms and imprint before other pages', async () => {
    for (const kind of ['page', 'imprint', 'terms', 'privacy']) await publish(await create({ kind }))
    const kinds = (await shown('')).body.items.map((item: { kind: string }) => item.kind)
    expect(kinds).toEqual(kinds.toSorted((a: string, b: string) => ['privacy', 'terms', 'imprint', 'page'].indexOf(a) - ['privacy', 'terms', 'imprint', 'page'].indexOf(b)))
    expect(new Set(kinds).size).toBe(4)
  })

  it('is not published twice, in the past, or unfinished', async () => {
    const policy = await publish(await create())
    const refused = async (effectiveOn = today()) => {
      const { status, body } = await admin('POST', `/${policy.id}/publish`, { effectiveOn, summary: 'Again' })
      return [status, body.code]
    }
    expect(await refused()).toEqual([409, 'policy.nothing_to_publish'])
    await write(policy, 'Now [[TO DO: your name]] is left')
    expect(await refused()).toEqual([422, 'policy.placeholder_left'])
    await write(policy, 'Done')
    expect(await refused(new Date(test.deps.clock().getTime() - 86_400_000).toISOString().slice(0, 10))).toEqual([422, 'policy.effective_in_past'])
    await publish(policy)
  })

  it('gives each of many published at once its own number, and only one of the same text', async () => {
    const policy = await create()
    const answers = await Promise.all(Array.from({ length: 6 }, () => admin('POST', `/${policy.id}/publish`, {
      effectiveOn: today(),
      summary: 'Race',
    })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409])
    expect((await admin('GET', `/${policy.id}`)).body.versions).toHaveLength(1)
  })

  it('lets the second of two operators know that the first was faster', async () => {
    const policy = await create()
    const headers = { 'if-match': policy.etag }
    const answers = await Promise.all(['a', 'b'].map(markdown => admin('PATCH', `/${policy.id}`, { markdown }, headers)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412])
    expect((await admin('POST', `/${policy.id}/publish`, {
      effectiveOn: today(),
      summary: 'x',
    }, headers)).status).toBe(412)
  })

  it('changes its address only while nothing is published, and never to one that is taken', async () => {
    const [policy, other] = [await create(), await create()]
    expect((await admin('PATCH', `/${policy.id}`, { slug: other.slug })).body.code).toBe('policy.slug_taken')
    expect((await admin('PATCH', `/${policy.id}`, { slug: `moved-${policy.slug}` })).status).toBe(200)
    await publish(policy)
    expect((await admin('PATCH', `/${policy.id}`, { slug: policy.slug })).body.code).toBe('policy.slug_fixed')
    const taken = await admin('POST', '', {
      kind: 'page',
      slug: other.slug,
      title: 'x',
      markdown: '',
    })
    expect([taken.status, taken.body.code]).toEqual([409, 'policy.slug_taken'])
  })

  it('is withdrawn: its versions stay, no page links it; publishing brings it back', async () => {
    const policy = await publish(await create())
    expect((await admin('DELETE', `/${policy.id}`)).status).toBe(204)
    expect((await shown(`/${policy.slug}`)).status).toBe(404)
    expect((await shown(`/${policy.slug}/versions/1`)).body).toMatchObject({ markdown: '# Text', current: false, upcoming: null })
    expect((await shown('')).body.items.map((item: { slug: string }) => item.slug)).not.toContain(policy.slug)
    expect((await admin('GET', `/${policy.id}`)).body).toMatchObject({
      currentNumber: null,
      withdrawnAt: expect.any(String),
    })
    expect(await publish(policy)).toMatchObject({ currentNumber: 2, withdrawnAt: null })
  })

  it('goes away when it was never published', async () => {
    const policy = await create()
    expect((await admin('DELETE', `/${policy.id}`)).status).toBe(204)
    expect((await admin('GET', `/${policy.id}`)).status).toBe(404)
    await create({ slug: policy.slug })
  })

  it('leaves one event for each thing done, none for what was refused or changed nothing', async () => {
    const before = (await events()).length
    const policy = await create()
    await write(policy, 'one')
    await write(policy, 'one')
    const published = await publish(policy)
    await admin('POST', `/${policy.id}/publish`, {
      effectiveOn: today(),
      summary: 'x',
    })
    await admin('DELETE', `/${policy.id}`)
    await admin('DELETE', `/${policy.id}`)
    const written = (await events()).slice(0, -before || undefined)
    expect(written.map(event => event.action)).toEqual([
      'policy.withdrawn',
      'policy.published',
      'policy.draft_changed',
      'policy.created',
    ])
    expect(written[1]).toMatchObject({
      actor: { id: operator.id },
      subject: { kind: 'policy', id: policy.id },
      details: { number: 1, sha256: published.versions[0]!.texts[0]!.sha256 },
    })
  })

  it.each([
    [
      'an unknown kind',
      { kind: 'cookie' },
    ],
    [
      'an address with a slash',
      { slug: 'a/b' },
    ],
    [
      'an address with capitals',
      { slug: 'Privacy' },
    ],
    [
      'a title of two lines',
      { title: 'a\nb' },
    ],
    [
      'a text beyond all measure',
      {
        markdown: 'x'.repeat(200_001),
      },
    ],
    [
      'NUL in the text',
      { markdown: 'a\0b' },
    ],
    [
      'an unknown field',
      { html: '<b>' },
    ],
  ])('is refused with %s', async (_what, more) => {
    const { status, body } = await admin('POST', '', {
      kind: 'page',
      slug: `page-${++counter}`,
      title: 'x',
      markdown: '',
      ...more,
    })
    expect([status, body.code]).toEqual([400, 'request.invalid'])
  })

  it.each(['2026-02-30', '01.02.2026', ''])('is not published on the day %j', async (effectiveOn) => {
    const { status } = await admin('POST', `/${(await create()).id}/publish`, { effectiveOn, summary: 'x' })
    expect(status).toBe(400)
  })

  it('is nobody’s but the operators’ to see as a draft or to change', async () => {
    const policy = await create()
    const user = await createUser(test)
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/starter?kind=privacy', undefined],
      [
        'POST',
        '',
        {
          kind: 'page',
          slug: 'mine',
          title: 'x',
          markdown: '',
        },
      ],
      ['GET', `/${policy.id}`, undefined],
      [
        'PATCH',
        `/${policy.id}`,
        { title: 'x' },
      ],
      [
        'POST',
        `/${policy.id}/publish`,
        {
          effectiveOn: today(),
          summary: 'x',
        },
      ],
      ['DELETE', `/${policy.id}`, undefined],
    ] as const) {
      expect((await test.call(method, `/admin/policies${path}`, { token: user.token, body })).status).toBe(403)
      expect((await test.call(method, `/admin/policies${path}`, { body })).status).toBe(401)
    }
  })

  it.each([
    '/nothing',
    '/%00',
    '/..%2F',
    '/nothing/versions/1',
    '/nothing/versions/0',
    '/nothing/versions/99999999999',
    '/nothing/versions/x',
  ])('is not found at %s', async (path) => {
    expect([400, 404]).toContain((await shown(path)).status)
  })
})
