import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Policy } from './policies.schemas.ts'
import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'

/** A text for each language, and what the facts in it are. */

let test: TestApp
let operator: TestUser
let other: TestUser
let counter = 0
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
  other = await createUser(test, { isOperator: true })
})
afterEach(async () => {
  test.clock.set(null)
  await settings({
    organisation: '',
    contactEmail: '',
    postalAddress: '',
    timeZone: 'UTC',
    policyLanguage: 'en',
    policyReview: false,
    sessionIdleMinutes: 30 * 1440,
  })
})
afterAll(() => test.close())

const today = () => test.deps.clock().toISOString().slice(0, 10)
const admin = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, { as = operator, headers }: { as?: TestUser, headers?: Record<string, string> } = {}) => test.call(method, `/admin/policies${path}`, { token: as.token, body, headers })
const shown = (path: string, acceptLanguage?: string) => test.call('GET', `/public/policies${path}`, {
  headers: acceptLanguage === undefined
    ? {}
    : { 'accept-language': acceptLanguage },
})
const bare = (url: string, headers: Record<string, string> = {}) => test.app.inject({ url, headers })
async function settings(change: object): Promise<void> {
  const { status, body } = await test.call('PATCH', '/admin/instance', { token: operator.token, body: change })
  expect([status, body.detail]).toEqual([200, undefined])
}
async function create(markdown: string, more: object = {}): Promise<Policy> {
  const { status, body } = await admin('POST', '', {
    kind: 'page',
    slug: `text-${++counter}`,
    title: 'A page',
    markdown,
    ...more,
  })
  expect([status, body.errors]).toEqual([201, undefined])
  return body
}
async function write(policy: Policy, change: object, as = operator): Promise<Policy> {
  const { status, body } = await admin('PATCH', `/${policy.id}`, change, { as })
  expect([status, body.errors]).toEqual([200, undefined])
  return body
}
const tryPublish = (policy: Policy, more: object = {}, as = operator) => admin('POST', `/${policy.id}/publish`, {
  effectiveOn: today(),
  summary: 'Changed',
  ...more,
}, { as })
async function publish(policy: Policy, more: object = {}): Promise<Policy> {
  const { status, body } = await tryPublish(policy, more)
  expect([status, body.detail]).toEqual([200, undefined])
  return body
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const events = async (action: string) => (await test.deps.auditTrail.list(INSTANCE_CHAIN, {
  action: [action],
  limit: 50,
})).items

describe('a policy in several languages', () => {
  it('is published together, and each reader gets theirs', async () => {
    const policy = await write(await create('# English'), { language: 'de', title: 'Eine Seite', markdown: '# Deutsch' })
    expect(policy.drafts.map(draft => draft.language)).toEqual(['de', 'en'])
    const { versions } = await publish(policy)
    expect(versions[0]!.texts).toMatchObject([
      {
        language: 'de',
        title: 'Eine Seite',
        sha256: sha256('# Deutsch'),
      },
      {
        language: 'en',
        title: 'A page',
        sha256: sha256('# English'),
      },
    ])
    for (const [query, accepts, language, isWanted] of [
      ['', undefined, 'en', true],
      [
        '',
        'de-AT,de;q=0.9,en;q=0.5',
        'de',
        true,
      ],
      ['', 'en;q=0.3, de;q=0.8', 'de', true],
      ['', 'fr', 'en', false],
      ['', 'de;q=0, fr', 'en', false],
      ['?language=de', 'en', 'de', true],
      ['?language=fr', 'de', 'de', false],
      ['', '*', 'en', true],
      [
        '',
        `${'xx,'.repeat(5000)}de`,
        'en',
        false,
      ],
    ] as const) {
      const { status, body, headers } = await shown(`/${policy.slug}${query}`, accepts)
      expect([
        query,
        accepts,
        status,
        body.language,
        body.isWanted,
      ]).toEqual([
        query,
        accepts,
        200,
        language,
        isWanted,
      ])
      expect(headers['content-language']).toBe(language)
      expect(headers.vary).toContain('accept-language')
      expect(body.languages).toEqual([
        { language: 'de', number: 1 },
        { language: 'en', number: 1 },
      ])
    }
    expect((await shown(`?language=de`)).body.items.find((item: { slug: string }) => item.slug === policy.slug)).toMatchObject({ title: 'Eine Seite', language: 'de' })
    expect((await shown(`/${policy.slug}/versions/1?language=de`)).body).toMatchObject({
      markdown: '# Deutsch',
      sha256: sha256('# Deutsch'),
      current: true,
    })
  })

  it('keeps an older text in a language that does not go with a version, and says so', async () => {
    const policy = await publish(await write(await create('One'), { language: 'fr', title: 'Une page', markdown: 'Un' }))
    const changed = await publish(await write(policy, { language: 'en', markdown: 'Two' }), {
      texts: [
        { language: 'en' },
      ],
    })
    expect(changed.drafts).toMatchObject([
      { language: 'en', publishedNumber: 2, hasUnpublishedChanges: false },
      { language: 'fr', publishedNumber: 1, hasUnpublishedChanges: false },
    ])
    expect((await shown(`/${policy.slug}?language=fr`)).body).toMatchObject({
      number: 1,
      markdown: 'Un',
      current: true,
      newerIn: { number: 2, language: 'en' },
      languages: [
        { language: 'en', number: 2 },
        { language: 'fr', number: 1 },
      ],
    })
    expect((await shown(`/${policy.slug}?language=en`)).body).toMatchObject({ number: 2, newerIn: null })
    expect((await shown(`/${policy.slug}/versions/2?language=fr`)).body).toMatchObject({ language: 'en', isWanted: false })
    // Announced for later: until then the text that holds stays.
    await publish(await write(policy, { language: 'fr', markdown: 'Deux' }), {
      texts: [
        { language: 'fr', summary: 'Traduit' },
      ],
      effectiveOn: '2099-01-01',
    })
    expect((await shown(`/${policy.slug}?language=fr`)).body).toMatchObject({
      number: 1,
      markdown: 'Un',
      upcoming: { number: 3 },
    })
    expect((await shown(`/${policy.slug}/versions/3`)).body).toMatchObject({
      language: 'fr',
      markdown: 'Deux',
      summary: 'Traduit',
      current: false,
    })
  })

  it('has a summary in each language, which a first text may do without', async () => {
    const policy = await publish(await create('One'))
    await write(policy, { language: 'de', title: 'Seite', markdown: 'Eins' })
    await write(policy, { language: 'en', markdown: 'Two' })
    const { body } = await tryPublish(policy, {
      summary: undefined,
      texts: [
        { language: 'de' },
        { language: 'en' },
      ],
    })
    expect([body.code, body.errors[0].pointer]).toEqual(['request.invalid', '/texts/1/summary'])
    const { versions } = await publish(policy, {
      summary: undefined,
      texts: [
        { language: 'de' },
        { language: 'en', summary: 'Twice' },
      ],
    })
    expect(versions[0]!.texts.map(({ language, summary }) => [language, summary])).toEqual([
      ['de', ''],
      ['en', 'Twice'],
    ])
    expect((await events('policy.published'))[0]!.details).toMatchObject({
      languages: ['en', 'de'],
      hashes: [
        sha256('Two'),
        sha256('Eins'),
      ],
      sha256: sha256('Two'),
    })
  })

  it('begins a language with the starter of its kind, and ends one but the last', async () => {
    const policy = await write(await create('Mine', { kind: 'imprint' }), { language: 'de' })
    expect(policy.drafts.find(draft => draft.language === 'de')!.markdown).toContain('[[TO DO:')
    const left = await admin('DELETE', `/${policy.id}/drafts/de`)
    expect([left.status, left.body.drafts.length]).toEqual([200, 1])
    expect((await admin('DELETE', `/${policy.id}/drafts/de`)).status).toBe(404)
    expect((await admin('DELETE', `/${policy.id}/drafts/en`)).body.code).toBe('conflict')
    expect((await admin('DELETE', `/${policy.id}/drafts/en`, undefined, {
      headers: { 'if-match': '"1"' },
    })).status).toBe(412)
  })

  it.each([
    'qq',
    'EN',
    'en-GB',
    'e',
    'engl',
    '__proto__',
    '../',
  ])('has no language %j', async (language) => {
    expect((await admin('POST', '', {
      kind: 'page',
      slug: `text-${++counter}`,
      title: 'x',
      markdown: 'x',
      language,
    })).status).toBe(400)
    expect((await admin('PATCH', `/${(await create('x')).id}`, { language, markdown: 'y' })).status).toBe(400)
  })

  it.each([
    [
      [
        { language: 'de' },
      ],
      'has no draft',
    ],
    [
      [
        { language: 'en' },
        { language: 'en' },
      ],
      'is named twice',
    ],
  ])('is not published in %j', async (texts, detail) => {
    const { status, body } = await tryPublish(await create('x'), { texts })
    expect([status, body.errors[0].detail]).toEqual([400, detail])
  })

  it('reads right to left, and follows the deployment’s own language', async () => {
    await settings({ policyLanguage: 'ar' })
    const policy = await create('مرحبا')
    expect(policy.drafts[0]!.language).toBe('ar')
    await publish(await write(policy, { language: 'en', title: 'Hello', markdown: 'Hello' }))
    expect((await shown(`/${policy.slug}`, 'sv')).body).toMatchObject({ language: 'ar', isWanted: false })
    const refused = await test.call('PATCH', '/admin/instance', {
      token: operator.token,
      body: { policyLanguage: 'qq', timeZone: 'Moon/Sea' },
    })
    expect([
      refused.status,
      refused.body.errors.map((error: { pointer: string }) => error.pointer),
    ]).toEqual([
      400,
      ['/timeZone', '/policyLanguage'],
    ])
  })
})

describe('the day of a version', () => {
  it('is one of the deployment’s time zone', async () => {
    test.clock.set(new Date('2026-05-01T22:30:00Z'))
    await settings({ timeZone: 'Europe/Berlin' })
    const policy = await create('One')
    expect(policy).toMatchObject({ today: '2026-05-02', timeZone: 'Europe/Berlin' })
    const past = await tryPublish(policy, { effectiveOn: '2026-05-01' })
    expect([past.status, past.body.code, past.body.errors[0].detail]).toEqual([422, 'policy.effective_in_past', 'is before today, 2026-05-02 (Europe/Berlin)'])
    await publish(policy, { effectiveOn: '2026-05-02' })
    expect((await shown(`/${policy.slug}`)).body.versions[0]).toMatchObject({ state: 'current' })
    await settings({ timeZone: 'America/Los_Angeles' })
    expect((await shown(`/${policy.slug}`)).status).toBe(404)
    const { body } = await tryPublish(await write(policy, { markdown: 'Two' }), { effectiveOn: '2026-05-01' })
    expect(body.currentNumber).toBe(2)
  })
})

describe('facts in a text', () => {
  it('are filled in and frozen when it is published; the text that was written stays', async () => {
    await settings({ organisation: 'Harbour *Audit*', contactEmail: 'a_b@example.com', sessionIdleMinutes: 120 })
    const source = '{{organisation}} ends sessions after {{session.idle}}.\n\n::sign-in'
    const policy = await publish(await create(source, {
      highlights: [
        { title: 'Questions', sentence: 'Ask {{contact}}' },
      ],
    }))
    const { body } = await shown(`/${policy.slug}`)
    expect(body.markdown).toMatch(/^Harbour \\\*Audit\\\* ends sessions after 2 hours\.\n\n- With an e-mail address and a password.*\n- An account begins with an invitation/)
    expect(body.sha256).toBe(sha256(body.markdown))
    expect(body.places.map(({ fact, start, end }: { fact: string, start: number, end: number }) => [
      fact,
      body.markdown.slice(start, end),
    ])).toMatchObject([
      ['organisation', 'Harbour \\*Audit\\*'],
      ['session.idle', '2 hours'],
      [
        'sign-in',
        expect.stringContaining('Argon2id'),
      ],
    ])
    expect(body.highlights).toEqual([
      {
        title: 'Questions',
        sentence: 'Ask a\\_b@example.com',
        places: [
          { fact: 'contact', start: 4, end: 20 },
        ],
      },
    ])
    expect(policy.drafts[0]!.markdown).toBe(source)
    expect(body.drift).toEqual([])
  })

  it('that nobody has said are listed from the start and are in the way of publishing', async () => {
    const policy = await create('# A\n\n{{address}}, [[TO DO: what]]', {
      highlights: [
        { title: 'Where', sentence: '{{address}}' },
      ],
    })
    expect(policy.drafts[0]!.missing).toEqual([
      {
        field: 'highlights',
        line: 1,
        what: 'open',
        text: 'Postal address (Instance settings → Postal address)',
        directive: '{{address}}',
      },
      {
        field: 'markdown',
        line: 3,
        what: 'placeholder',
        text: 'what',
        directive: null,
      },
      {
        field: 'markdown',
        line: 3,
        what: 'open',
        text: 'Postal address (Instance settings → Postal address)',
        directive: '{{address}}',
      },
    ])
    expect((await admin('GET', `/${policy.id}?language=de`)).body.drafts[0].missing[2].text).toContain('Postanschrift')
    const { status, body } = await tryPublish(policy)
    expect([status, body.code, body.errors.length]).toEqual([422, 'policy.placeholder_left', 3])
    await settings({ postalAddress: '1 Main Street' })
    await publish(await write(policy, { markdown: '# A\n\n{{address}}' }))
    expect((await shown(`/${policy.slug}`)).body.markdown).toBe('# A\n\n1 Main Street')
  })

  it.each([
    '{{nothing}}',
    '::nothing',
    '{{constructor}}',
    '{{__proto__}}',
    '{{sign-in}}',
    '{{ }}',
  ])('that do not exist are refused with their line: %s', async (directive) => {
    const policy = await create(`One\n\n${directive}`)
    expect(policy.drafts[0]!.missing).toMatchObject([
      { line: 3, text: directive },
    ])
    const { status, body } = await tryPublish(policy)
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'policy.directive_wrong', '/drafts/en/markdown'])
    expect(body.detail).toContain('line 3')
    expect((await shown(`/${policy.slug}`)).status).toBe(404)
  })

  it('make no text longer than it may be', async () => {
    const policy = await create('::sign-in\n\n'.repeat(2000))
    const { status, body } = await tryPublish(policy)
    expect([status, body.code]).toEqual([422, 'policy.text_too_long'])
  })

  it('are listed with what they would say, and shown as it is written', async () => {
    const { body } = await test.call('GET', '/admin/policies/facts?language=de', { token: operator.token })
    expect(body.items.find((fact: { name: string }) => fact.name === 'session.idle')).toEqual({
      name: 'session.idle',
      form: 'inline',
      label: 'Nach welcher Zeit ohne Nutzung eine Sitzung endet',
      words: '30 Tage',
      isOpen: false,
    })
    expect(body.items.find((fact: { name: string }) => fact.name === 'address')).toMatchObject({ isOpen: true })
    expect(body.items.find((fact: { name: string }) => fact.name === 'contact')).toMatchObject({ words: `[Kontaktformular](<${test.deps.config.publicUrl}/contact>)` })
    const preview = await admin('POST', '/preview', {
      language: 'fr',
      markdown: '{{session.idle}} {{nothing}}',
      highlights: [
        { title: 'A', sentence: '{{session.total}}' },
      ],
    })
    expect(preview.body).toEqual({
      markdown: '30\u00A0jours {{nothing}}',
      places: [
        { fact: 'session.idle', start: 0, end: 8 },
      ],
      highlights: [
        {
          title: 'A',
          sentence: 'aucune limite fixe',
          places: [
            { fact: 'session.total', start: 0, end: 18 },
          ],
        },
      ],
      missing: [
        {
          field: 'markdown',
          line: 1,
          what: 'unknown',
          text: '{{nothing}}',
          directive: '{{nothing}}',
        },
      ],
    })
  })

  it.each([
    [
      'four highlights',
      {
        highlights: Array.from({ length: 4 }, () => ({ title: 'x', sentence: 'y' })),
      },
    ],
    [
      'a highlight of two lines',
      {
        highlights: [
          { title: 'x', sentence: 'a\nb' },
        ],
      },
    ],
    [
      'a highlight without a title',
      {
        highlights: [
          { title: '', sentence: 'a' },
        ],
      },
    ],
    [
      'a highlight with more in it',
      {
        highlights: [
          { title: 'x', sentence: 'a', html: '<b>' },
        ],
      },
    ],
    [
      'a text beyond all measure',
      {
        markdown: 'x'.repeat(200_001),
      },
    ],
  ])('are not written with %s', async (_what, change) => {
    expect((await admin('PATCH', `/${(await create('x')).id}`, change)).status).toBe(400)
  })

  it('leave HTML, SVG and scripts as the words that they are', async () => {
    const nasty = '<svg onload=alert(1)> [x](javascript:alert(1)) <script>alert(1)</script>'
    const policy = await publish(await create(nasty, {
      highlights: [
        { title: '<img src=x onerror=alert(1)>', sentence: nasty },
      ],
    }))
    const { body, headers } = await shown(`/${policy.slug}`)
    expect([body.markdown, body.highlights[0].sentence, body.highlights[0].title]).toEqual([nasty, nasty, '<img src=x onerror=alert(1)>'])
    expect(headers['content-type']).toMatch(/^application\/json/)
    const raw = await bare(`/policies/${policy.slug}.md`)
    expect(raw.headers).toMatchObject({ 'content-type': 'text/markdown; charset=utf-8', 'x-content-type-options': 'nosniff' })
  })
})

describe('a fact that has become another', () => {
  async function drifting() {
    await settings({ sessionIdleMinutes: 1440 })
    const policy = await publish(await create('After {{session.idle}}. {{public-url}}', {
      highlights: [
        { title: 'Rest', sentence: '{{session.idle}}' },
      ],
    }))
    await settings({ sessionIdleMinutes: 2880 })
    return policy
  }

  it('is told to readers and operators with what it was and is, since when, and once to the log', async () => {
    test.clock.set(new Date('2026-05-01T10:00:00Z'))
    const policy = await drifting()
    test.clock.set(new Date('2026-05-01T11:00:00Z'))
    // Known at once, noted by the job.
    expect((await shown(`/${policy.slug}`)).body.drift).toMatchObject([
      { now: '2 days', since: '2026-05-01T11:00:00.000Z' },
    ])
    await Promise.all([
      test.deps.policies.noteDrift(),
      test.deps.policies.noteDrift(),
    ])
    test.clock.set(new Date('2026-05-01T12:00:00Z'))
    await test.deps.policies.noteDrift()
    const { body } = await shown(`/${policy.slug}`)
    expect(body.drift).toEqual([
      {
        fact: 'session.idle',
        label: 'After how long without use a session ends',
        form: 'inline',
        then: '1 day',
        now: '2 days',
        since: '2026-05-01T11:00:00.000Z',
      },
    ])
    expect(body.markdown).toContain('After 1 day.')
    const told = (await events('policy.drifted')).filter(event => event.subject.id === policy.id)
    expect(told.map(event => [event.actor.kind, event.details])).toEqual([
      [
        'system',
        {
          number: 1,
          facts: ['session.idle'],
        },
      ],
    ])
    const [listed] = (await admin('GET', '')).body.items.filter((item: Policy) => item.id === policy.id)
    expect(listed).toMatchObject({
      hasUnpublishedChanges: true,
      drift: [
        { language: 'en', then: '1 day', now: '2 days' },
      ],
      drafts: [
        { changedFacts: 'After how long without use a session ends: 1 day → 2 days' },
      ],
    })
  })

  it('is followed when it changes again, and forgotten when it is what it was', async () => {
    test.clock.set(new Date('2026-05-01T10:00:00Z'))
    const policy = await drifting()
    await test.deps.policies.noteDrift()
    await settings({ sessionIdleMinutes: 4320 })
    test.clock.set(new Date('2026-05-02T10:00:00Z'))
    await test.deps.policies.noteDrift()
    expect((await shown(`/${policy.slug}`)).body.drift).toMatchObject([
      { then: '1 day', now: '3 days', since: '2026-05-02T10:00:00.000Z' },
    ])
    await settings({ sessionIdleMinutes: 1440 })
    await test.deps.policies.noteDrift()
    expect((await shown(`/${policy.slug}`)).body.drift).toEqual([])
    expect((await admin('GET', `/${policy.id}`)).body).toMatchObject({ drift: [], hasUnpublishedChanges: false })
    expect((await events('policy.drifted')).filter(event => event.subject.id === policy.id)).toHaveLength(1)
  })

  it('is published without a change of the text', async () => {
    const policy = await drifting()
    const { number, markdown, drift } = (await shown(`/${(await publish(policy, { summary: 'Two days' })).slug}`)).body
    expect([number, markdown, drift]).toEqual([2, `After 2 days. <${test.deps.config.publicUrl}>`, []])
    expect((await tryPublish(policy)).body.code).toBe('policy.nothing_to_publish')
    // What was published first stays as it was, and is history.
    expect((await shown(`/${policy.slug}/versions/1`)).body).toMatchObject({ markdown: `After 1 day. <${test.deps.config.publicUrl}>`, drift: [] })
    await test.deps.policies.noteDrift()
    expect((await events('policy.drifted')).filter(event => event.subject.id === policy.id)).toEqual([])
  })

  it('is open by now: nothing stands in its place', async () => {
    await settings({ postalAddress: '1 Main Street' })
    const policy = await publish(await create('{{address}}'))
    await settings({ postalAddress: '' })
    expect((await shown(`/${policy.slug}`)).body.drift).toMatchObject([
      { fact: 'address', then: '1 Main Street', now: null },
    ])
  })

  it('is a block: what differs in it is said', async () => {
    const policy = await publish(await create('::sign-in'))
    await test.call('PATCH', '/admin/instance', {
      token: operator.token,
      body: { registration: 'open' },
    })
    try {
      expect((await shown(`/${policy.slug}`)).body.drift).toMatchObject([
        {
          form: 'block',
          then: 'An account begins with an invitation to a workspace.',
          now: 'Whoever reads mail at an address may make an account; and whoever is invited.',
        },
      ])
    }
    finally {
      await test.call('PATCH', '/admin/instance', {
        token: operator.token,
        body: { registration: 'invitation' },
      })
    }
  })

  it('concerns no policy that is withdrawn', async () => {
    const policy = await drifting()
    await test.deps.policies.noteDrift()
    await admin('DELETE', `/${policy.id}`)
    await test.deps.policies.noteDrift()
    expect((await admin('GET', `/${policy.id}`)).body.drift).toEqual([])
    expect((await shown(`/${policy.slug}/versions/1`)).body.drift).toEqual([])
  })
})

describe('with review by another operator', () => {
  it('what is published is exactly what another approved', async () => {
    await settings({ policyReview: true })
    const policy = await create('One')
    expect(policy.review).toMatchObject({ isRequired: true, isApproved: false, isOwn: true })
    expect((await tryPublish(policy)).body.code).toBe('policy.not_approved')
    const approve = (sha: string, as: TestUser) => admin('POST', `/${policy.id}/approve`, { sha256: sha }, { as })
    const own = await approve(policy.review.sha256, operator)
    expect([own.status, own.body.code]).toEqual([403, 'policy.own_review'])
    const changed = await write(policy, { markdown: 'Two' })
    expect((await approve(policy.review.sha256, other)).status).toBe(412)
    const approved = await approve(changed.review.sha256, other)
    expect(approved.body.review).toMatchObject({ isApproved: true, approvedBy: other.name, isOwn: false })
    expect((await events('policy.approved'))[0]).toMatchObject({
      actor: { id: other.id },
      details: { sha256: changed.review.sha256 },
    })
    // Another word, and it is not what was approved.
    await write(policy, { markdown: 'Three' })
    expect((await tryPublish(policy)).body.code).toBe('policy.not_approved')
    await write(policy, { markdown: 'Two' })
    await publish(policy)
    expect((await events('policy.approved')).filter(event => event.subject.id === policy.id)).toHaveLength(1)
  })

  it('who approved may not have written what is published', async () => {
    await settings({ policyReview: true })
    const policy = await create('One')
    const { body } = await admin('POST', `/${policy.id}/approve`, { sha256: policy.review.sha256 }, { as: other })
    await write(policy, { markdown: 'Two' }, other)
    await write(policy, { markdown: 'One' }, other)
    expect(body.review.isApproved).toBe(true)
    const { status, body: refused } = await tryPublish(policy, {}, other)
    expect([status, refused.code]).toEqual([409, 'policy.not_approved'])
  })
})

describe('at their own addresses', () => {
  it('a text is Markdown, in the reader’s language, unchanged while it is', async () => {
    const policy = await publish(await write(await create('# English'), { language: 'de', title: 'Seite', markdown: '# Grüße' }))
    const english = await bare(`/policies/${policy.slug}.md`)
    expect([english.statusCode, english.body, english.headers['content-language']]).toEqual([200, '# English', 'en'])
    const german = await bare(`/policies/${policy.slug}.md?language=de`)
    expect(german.body).toBe('# Grüße')
    expect(sha256(german.body)).toBe(german.headers.etag!.toString().slice(1, -1))
    expect((await bare(`/policies/${policy.slug}.md?language=de`, {
      'if-none-match': german.headers.etag!.toString(),
    })).statusCode).toBe(304)
    expect((await bare(`/policies/${policy.slug}.md?language=de`, {
      'if-none-match': english.headers.etag!.toString(),
    })).statusCode).toBe(200)
    for (const path of [
      'nothing.md',
      '.md',
      '..%2F.md',
      'nothing.md?language=xx1',
    ]) expect([400, 404]).toContain((await bare(`/policies/${path}`)).statusCode)
  })

  it('publications are a feed of Atom that holds whatever stands in it', async () => {
    await settings({ organisation: 'Ampers & <Sons>' })
    const policy = await publish(await create('One', { title: 'A <b> & "c" \'d\' ]]>' }), { summary: '<script>&amp;' })
    const feed = await bare('/policies/feed.xml')
    expect([feed.statusCode, feed.headers['content-type']]).toEqual([200, 'application/atom+xml; charset=utf-8'])
    const entries = [
      ...feed.body.matchAll(/<entry[\s\S]*?<\/entry>/g),
    ].map(([entry]) => entry)
    const own = entries.filter(entry => entry.includes(`/policies/${policy.slug}/versions/1?language=en`))
    expect(own).toHaveLength(1)
    expect(own[0]).toMatch(/<id>urn:uuid:[\da-f-]{36}<\/id>/)
    expect(own[0]).toContain('A &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; ]]&gt; · 1 · ')
    expect(own[0]).toContain('<summary>&lt;script&gt;&amp;amp;</summary>')
    expect(feed.body).toContain('<title>Ampers &amp; &lt;Sons&gt;</title>')
    // Well formed: what is opened is closed, in order, and no bare sign is left.
    const open: string[] = []
    for (const [, close, name, self] of feed.body.matchAll(/<(\/?)([a-z]+)\b([^>]*)>/g)) {
      if (self!.endsWith('/')) continue
      if (close) expect(open.pop()).toBe(name)
      else open.push(name!)
    }
    expect(open).toEqual([])
    expect(feed.body.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&')
    expect((await bare('/policies/feed.xml', {
      'if-none-match': feed.headers.etag!.toString(),
    })).statusCode).toBe(304)
    const ids = (xml: string) => [
      ...xml.matchAll(/<id>([^<]*)/g),
    ].map(([, id]) => id)
    await publish(await write(policy, { markdown: 'Two' }))
    const next = await bare('/policies/feed.xml')
    expect(next.headers.etag).not.toBe(feed.headers.etag)
    expect(ids(next.body)).toEqual(expect.arrayContaining(ids(feed.body)))
    expect(ids(next.body)).toHaveLength(ids(feed.body).length + 1)
  })
})
