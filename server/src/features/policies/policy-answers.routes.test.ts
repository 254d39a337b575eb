import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { PolicyFacts, PolicyStarter } from './policy-answers.schemas.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { factLanguages } from '../../facts/live-fact.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { placeholdersIn } from './policies.placeholders.ts'
import { policyKinds } from './policies.policy.ts'

let test: TestApp
let operator: TestUser
beforeAll(async () => {
  test = await createTestApp({
    env: { DEPLOYMENT: 'hosted' },
  })
  operator = await setUpInstance(test)
})
afterAll(() => test.close())

const nothing = {
  organisation: '',
  address: '',
  contact: null,
  vendors: null,
  backups: null,
  plans: null,
  jurisdiction: null,
  authority: null,
}
const everything = {
  organisation: 'Northwind & Sons',
  address: '1 Harbour Road\nHamburg',
  contact: { by: 'address', email: 'privacy@northwind.example' },
  vendors: [
    {
      name: 'Example Hosting',
      purpose: 'Servers',
      place: 'Germany',
      data: 'Everything',
      url: 'https://hosting.example',
    },
  ],
  backups: { days: 35, place: 'Frankfurt' },
  plans: { processor: 'Example Pay' },
  jurisdiction: 'German law, courts of Hamburg',
  authority: 'The Hamburg commissioner for data protection',
}

const put = (body: unknown) => test.call('PUT', '/admin/policy-facts', { token: operator.token, body })
async function answer(body: unknown): Promise<PolicyFacts> {
  const { status, body: facts } = await put(body)
  expect([status, facts.detail]).toEqual([200, undefined])
  return facts
}
const read = async (language = 'en'): Promise<PolicyFacts> => (await test.call('GET', `/admin/policy-facts?language=${language}`, { token: operator.token })).body
const starter = async (kind: string, language = 'en'): Promise<PolicyStarter> => (await test.call('GET', `/admin/policies/starter?kind=${kind}&language=${language}`, { token: operator.token })).body
const stateOf = (facts: PolicyFacts) => Object.fromEntries(facts.questions.map(({ name, state, source }) => [name, `${state}, ${source}`]))
const events = async (action: string) => (await test.deps.auditTrail.list(INSTANCE_CHAIN, {
  action: [action],
  limit: 200,
})).items

beforeEach(() => answer(nothing))

describe('the ten questions', () => {
  it('are open until they are answered, but for what the server knows', async () => {
    const facts = await read()
    expect(facts.questions).toHaveLength(10)
    expect(facts.open).toEqual([
      'organisation',
      'address',
      'contact',
      'vendors',
      'backups',
      'plans',
      'jurisdiction',
      'authority',
    ])
    expect(stateOf(facts)).toMatchObject({
      mode: 'known, DEPLOYMENT',
      analytics: 'known, ANALYTICS',
      contact: 'open, instance',
      backups: 'open, answers',
    })
    expect(facts.answers).toMatchObject({ mode: 'hosted', analytics: 'off', vendors: null })
  })

  it('are answered one at a time, or all at once', async () => {
    expect((await answer({ jurisdiction: 'German law' })).open).not.toContain('jurisdiction')
    const facts = await answer(everything)
    expect(facts.open).toEqual([])
    expect(facts.answers).toMatchObject({
      ...everything,
      vendors: [
        { ...everything.vendors[0], url: 'https://hosting.example/' },
      ],
    })
    // What is left out stays.
    expect((await answer({
      backups: { days: 7, place: '' },
    })).answers).toMatchObject({
      backups: { days: 7, place: '' },
      authority: everything.authority,
    })
    expect((await answer({ authority: null })).open).toEqual(['authority'])
  })

  it('keep who, where and the address as settings of the instance, and nowhere else', async () => {
    await answer(everything)
    expect(await test.deps.instance.settings()).toMatchObject({ organisation: everything.organisation, postalAddress: everything.address, contactEmail: everything.contact.email })
    await test.call('PATCH', '/admin/instance', {
      token: operator.token,
      body: { organisation: 'Another', contactEmail: '' },
    })
    expect(await read()).toMatchObject({
      answers: { organisation: 'Another', contact: null },
      open: ['contact'],
    })
  })

  it('know the form as an answer, which an address takes the place of', async () => {
    expect((await answer({
      contact: { by: 'form' },
    })).answers.contact).toEqual({ by: 'form' })
    await test.call('PATCH', '/admin/instance', {
      token: operator.token,
      body: { contactEmail: 'help@northwind.example' },
    })
    expect((await read()).answers.contact).toEqual({ by: 'address', email: 'help@northwind.example' })
    // To choose the form again is to have no address.
    await answer({
      contact: { by: 'form' },
    })
    expect((await test.deps.instance.settings()).contactEmail).toBe('')
  })

  it('tell apart “none” and “not answered”', async () => {
    const facts = await answer({
      vendors: [],
      plans: { processor: null },
      backups: { days: 0, place: '' },
    })
    expect(facts.open).toEqual([
      'organisation',
      'address',
      'contact',
      'jurisdiction',
      'authority',
    ])
    expect((await starter('subprocessors')).markdown).toContain('Nobody processes personal data for us')
    expect((await answer({ vendors: null, plans: null, backups: null })).open).toContain('vendors')
  })

  it('leave one event that names them, not what was answered, and none when nothing is another', async () => {
    const before = (await events('policy.facts_changed')).length
    await answer({ vendors: everything.vendors, jurisdiction: 'Secret law' })
    await answer({
      vendors: [
        { ...everything.vendors[0], url: 'https://hosting.example/' },
      ],
      jurisdiction: 'Secret law',
    })
    const made = await events('policy.facts_changed')
    expect(made).toHaveLength(before + 1)
    expect(made[0]!.details).toEqual({
      changed: expect.arrayContaining(['vendors', 'jurisdiction']),
    })
    expect(JSON.stringify(made[0])).not.toContain('Secret law')
  })

  it('of two operators at once, each question has the answer that came last', async () => {
    await Promise.all([
      answer({ jurisdiction: 'One' }),
      answer({ authority: 'Two' }),
    ])
    expect((await read()).answers).toMatchObject({ jurisdiction: 'One', authority: 'Two' })
  })

  it('come with what the server knows besides, in the language asked for', async () => {
    const known = (await read('de')).known.find((fact: { name: string }) => fact.name === 'public-url')
    expect(known).toEqual({
      name: 'public-url',
      label: 'Adresse dieser Instanz',
      words: `<${test.deps.config.publicUrl}>`,
      count: null,
    })
    expect((await test.call('GET', '/admin/policy-facts?language=it', { token: operator.token })).status).toBe(400)
  })

  it.each([
    [
      'a thousand vendors',
      {
        vendors: Array.from({ length: 1000 }).fill(everything.vendors[0]),
      },
    ],
    [
      'a vendor’s address that runs',
      {
        vendors: [
          { ...everything.vendors[0], url: 'javascript:alert(1)' },
        ],
      },
    ],
    [
      'a vendor’s address that signs in',
      {
        vendors: [
          { ...everything.vendors[0], url: 'https://name:secret@hosting.example' },
        ],
      },
    ],
    [
      'a vendor’s address that is none',
      {
        vendors: [
          { ...everything.vendors[0], url: 'hosting.example' },
        ],
      },
    ],
    [
      'line breaks in a vendor’s name',
      {
        vendors: [
          { ...everything.vendors[0], name: 'Example\r\nBcc: x' },
        ],
      },
    ],
    [
      'a vendor without a place',
      {
        vendors: [
          { name: 'Example', purpose: 'Servers' },
        ],
      },
    ],
    [
      'a name that nobody sees',
      {
        vendors: [
          { ...everything.vendors[0], name: '\u200B' },
        ],
      },
    ],
    [
      'line breaks in the law',
      { jurisdiction: 'German\r\nlaw' },
    ],
    [
      'line breaks in who it is',
      { organisation: 'North\r\nwind' },
    ],
    [
      'backups that end before they begin',
      {
        backups: { days: -1, place: '' },
      },
    ],
    [
      'half a day',
      {
        backups: { days: 1.5, place: '' },
      },
    ],
    [
      'backups for a hundred years',
      {
        backups: { days: 36_500, place: '' },
      },
    ],
    [
      'an address without one',
      {
        contact: { by: 'address' },
      },
    ],
    [
      'no address',
      {
        contact: { by: 'address', email: 'nobody' },
      },
    ],
    [
      'another mode',
      { mode: 'self-hosted' },
    ],
    [
      'analytics that there are not',
      { analytics: 'matomo' },
    ],
    [
      'another question',
      { __proto__x: 'y' },
    ],
    [
      'a law of 10,000 letters',
      {
        jurisdiction: 'x'.repeat(10_000),
      },
    ],
  ])('refuse %s, and keep none of it', async (_what, body) => {
    const { status, body: { code } } = await put({ authority: 'Somebody', ...body })
    expect([status, code]).toEqual([400, 'request.invalid'])
    expect((await read()).answers).toMatchObject({ authority: null, organisation: null })
  })
})

describe('a starter', () => {
  it.each(factLanguages)('says in %s what was answered, and marks what was not', async (language) => {
    await answer({ ...nothing, authority: everything.authority })
    const open = placeholdersIn((await starter('privacy', language)).markdown)
    await answer(everything)
    const { markdown, source } = await starter('privacy', language)
    const left = placeholdersIn(markdown)
    expect(left).toEqual(placeholdersIn(source))
    // Each of the open questions marked its own places.
    expect(open.length).toBeGreaterThanOrEqual(left.length + 6)
    for (const each of [
      'Northwind & Sons',
      '1 Harbour Road, Hamburg',
      'Example Pay',
      'German law, courts of Hamburg',
      everything.authority,
      '| [Example Hosting](https://hosting.example/) | Servers | Germany | Everything |',
      'Frankfurt',
    ]) expect(markdown).toContain(each)
    expect(markdown).toMatch({
      en: /35 days/,
      de: /35 Tage/,
      fr: /35\sjours/,
      es: /35 días/,
    }[language])
    expect(source).toContain('{{organisation}}')
  })

  it('changes with each answer, and with that alone', async () => {
    await answer(everything)
    const one = async () => (await starter('privacy')).markdown
    for (const [change, gone, come] of [
      [
        { organisation: 'Southwind' },
        'Northwind & Sons',
        'Southwind',
      ],
      [
        { address: '2 Canal Street' },
        '1 Harbour Road',
        '2 Canal Street',
      ],
      [
        { vendors: [] },
        'Example Hosting',
        'Nobody processes personal data for us',
      ],
      [
        {
          backups: { days: 0, place: '' },
        },
        '35 days',
        'No backups are made',
      ],
      [
        {
          plans: { processor: null },
        },
        'Example Pay',
        'Nothing is sold here',
      ],
      [
        { jurisdiction: 'Austrian law' },
        'German law',
        'Austrian law',
      ],
      [
        { authority: 'The Austrian authority' },
        'Hamburg commissioner',
        'The Austrian authority',
      ],
    ] as const) {
      expect(await one()).toContain(gone)
      await answer(change)
      expect(await one()).toContain(come)
      expect(await one()).not.toContain(gone)
    }
  })

  it('takes what was written literally', async () => {
    await answer({
      ...everything,
      organisation: '<b>A</b> [c](d) `e` | f',
      vendors: [
        {
          name: 'x | y](javascript:alert(1))',
          purpose: '**z**',
          place: '![p](q)',
          url: 'https://hosting.example/a)b|c',
        },
      ],
    })
    const { markdown } = await starter('privacy')
    expect(markdown.replaceAll(/\\[<>]|<https?:[^>]*>/g, '')).not.toMatch(/<[a-z/]/i)
    expect(markdown).toContain('| [x \\| y\\](javascript:alert(1))](https://hosting.example/a%29b%7Cc) | \\*\\*z\\*\\* | !\\[p\\](q) |')
  })

  it('is there in each language and mode, and refuses others', async () => {
    expect((await starter('terms', 'fr')).title).toBe('Conditions d’utilisation')
    expect((await starter('privacy')).markdown).toContain('offers')
    expect((await test.call('GET', '/admin/policies/starter?kind=privacy&language=xx', { token: operator.token })).status).toBe(400)
    expect((await test.call('GET', '/admin/policies/starter?kind=other', { token: operator.token })).status).toBe(400)
  })

  it.each(policyKinds)('of %s names only what there is, in each language', async (kind) => {
    await answer(everything)
    for (const language of factLanguages) {
      const { source, highlights } = await starter(kind, language)
      const { body } = await test.call('POST', '/admin/policies/preview', {
        token: operator.token,
        body: { language, markdown: source, highlights },
      })
      // What is left is what only an operator knows.
      expect(body.missing.filter(({ what }: { what: string }) => what !== 'placeholder')).toEqual([])
    }
  })

  it('begins a policy with its directives, not with what they say today', async () => {
    const { status, body } = await test.call('POST', '/admin/policies', {
      token: operator.token,
      body: { kind: 'subprocessors', slug: 'subprocessors', title: 'Sub-processors' },
    })
    expect(status).toBe(201)
    expect(body.drafts).toMatchObject([
      { language: 'en', markdown: (await starter('subprocessors')).source },
    ])
  })
})
