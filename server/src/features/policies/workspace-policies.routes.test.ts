import type { TestFile, TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Policy } from './policies.schemas.ts'
import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember, createFile, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { instance } from '../instance/instance.table.ts'
import { policies, policyVersions } from './policies.table.ts'

let test: TestApp
let operator: TestUser
let mine: TestWorkspace
let theirs: TestWorkspace
let admin: TestUser
let staff: TestUser
let file: TestFile
let counter = 0
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
  ;[mine, theirs] = [await createWorkspace(test), await createWorkspace(test)]
  ;[admin, staff] = [await addMember(test, mine, 'admin'), await addMember(test, mine, 'staff')]
  file = await createFile(test, mine, { name: 'Offer.pdf', content: 'the offer' })
})
afterAll(() => test.close())

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
const today = () => test.deps.clock().toISOString().slice(0, 10)
const call = (method: Method, path: string, body?: unknown, { by = mine.owner, of = mine }: { by?: TestUser, of?: TestWorkspace } = {}) =>
  test.call(method, `/workspaces/${of.id}/policies${path}`, { token: by.token, body })
const asOperator = (method: Method, path: string, body?: unknown) => test.call(method, `/admin/policies${path}`, { token: operator.token, body })
const read = (of: TestWorkspace, path: string) => test.call('GET', `/public/policies/w/${of.slug}${path}`)
const page = (more: object = {}) => ({
  kind: 'page',
  slug: `page-${++counter}`,
  title: 'House rules',
  markdown: '# Rules',
  ...more,
})

async function create(more: object = {}, of = mine): Promise<Policy> {
  const { status, body } = await call('POST', '', page(more), { by: of.owner, of })
  expect([status, body.detail]).toEqual([201, undefined])
  return body
}
async function publish({ id }: Policy, more: object = {}, of = mine): Promise<Policy> {
  const { status, body } = await call('POST', `/${id}/publish`, {
    effectiveOn: today(),
    ...more,
  }, { by: of.owner, of })
  expect([status, body.detail]).toEqual([200, undefined])
  return body
}
const slugsOf = ({ body }: { body: { items: { slug: string }[] } }) => body.items.map(({ slug }) => slug)

describe('a policy of a workspace', () => {
  it('is written by its admins, read by its staff, and read by anybody at its own address once published', async () => {
    const { status, body: made } = await call('POST', '', page({ markdown: '# Häuser' }), { by: admin })
    expect([status, made.path]).toEqual([201, `/policies/w/${mine.slug}/${made.slug}`])
    expect((await call('GET', `/${made.id}`, undefined, { by: staff })).body).toMatchObject({ title: 'House rules', acceptance: 'use', source: 'app' })
    expect(slugsOf(await call('GET', '', undefined, { by: staff }))).toContain(made.slug)
    expect((await read(mine, `/${made.slug}`)).status).toBe(404)

    await publish(made)
    const sha256 = createHash('sha256').update('# Häuser').digest('hex')
    expect((await read(mine, `/${made.slug}`)).body).toMatchObject({
      path: made.path,
      workspaceName: (await test.call('GET', `/workspaces/${mine.id}`, { token: staff.token })).body.name,
      number: 1,
      markdown: '# Häuser',
      sha256,
      current: true,
      drift: [],
    })
    const markdown = await test.app.inject({ url: `${made.path}.md` })
    expect([markdown.statusCode, markdown.headers['content-type'], markdown.body]).toEqual([200, 'text/markdown; charset=utf-8', '# Häuser'])
    expect((await test.app.inject({
      url: `${made.path}.md`,
      headers: { 'if-none-match': `"${sha256}"` },
    })).statusCode).toBe(304)

    expect((await call('PATCH', `/${made.id}`, { markdown: '# Other' }, { by: admin })).status).toBe(200)
    await publish(made, { summary: 'Other' })
    expect((await read(mine, `/${made.slug}/versions/1`)).body).toMatchObject({ markdown: '# Häuser', current: false })
    expect((await read(mine, `/${made.slug}`)).body).toMatchObject({ number: 2, markdown: '# Other' })
    expect((await call('DELETE', `/${made.id}`)).status).toBe(204)
    expect((await read(mine, `/${made.slug}`)).status).toBe(404)
    expect((await read(mine, `/${made.slug}/versions/2`)).status).toBe(200)
  })

  it('begins empty, and in another language with its title, without the deployment’s texts and facts', async () => {
    const made = await create({
      kind: 'privacy',
      title: 'Datenschutz',
      markdown: undefined,
      language: 'de',
    })
    expect(made.drafts).toMatchObject([
      { language: 'de', markdown: '', highlights: [] },
    ])
    const { body } = await call('PATCH', `/${made.id}`, { language: 'en' })
    expect(body.drafts).toMatchObject([
      { language: 'de' },
      { language: 'en', title: 'Datenschutz', markdown: '' },
    ])
    expect((await call('DELETE', `/${made.id}/drafts/en`)).body.drafts).toHaveLength(1)

    const text = { language: 'en', markdown: 'Sessions end after {{session.idle}}.' }
    expect((await call('POST', '/preview', text)).body.missing).toMatchObject([
      { what: 'unknown', text: '{{session.idle}}' },
    ])
    const withFact = await create(text)
    const refused = await call('POST', `/${withFact.id}/publish`, {
      effectiveOn: today(),
    })
    expect([refused.status, refused.body.code]).toEqual([422, 'policy.directive_wrong'])
  })

  it('stands beside those of the same address in other workspaces and of the deployment, and in none of their lists', async () => {
    const same = { slug: 'privacy', kind: 'privacy' }
    const [own, other] = [await publish(await create({ ...same, markdown: 'mine' })), await publish(await create({ ...same, markdown: 'theirs' }, theirs), {}, theirs)]
    const { body: global } = await asOperator('POST', '', page({ ...same, markdown: 'everybody’s' }))
    await asOperator('POST', `/${global.id}/publish`, {
      effectiveOn: today(),
    })
    const only = await publish(await create({ slug: 'only-mine' }))

    expect((await read(mine, '/privacy')).body.markdown).toBe('mine')
    expect((await read(theirs, '/privacy')).body.markdown).toBe('theirs')
    expect((await test.call('GET', '/public/policies/privacy')).body).toMatchObject({ markdown: 'everybody’s', path: '/policies/privacy', workspaceName: null })
    for (const path of ['/only-mine', '/only-mine/versions/1']) {
      expect((await test.call('GET', `/public/policies${path}`)).status).toBe(404)
      expect((await read(theirs, path)).status).toBe(404)
    }
    expect((await test.call('GET', '/public/policies')).body.items).toMatchObject([
      { slug: 'privacy', path: '/policies/privacy' },
    ])
    expect(slugsOf(await asOperator('GET', ''))).toEqual(['privacy'])
    expect(slugsOf(await call('GET', '', undefined, { by: theirs.owner, of: theirs }))).toEqual(['privacy'])
    const { body: feed } = await test.app.inject({ url: '/policies/feed.xml' })
    expect(feed.match(/<entry/g)).toHaveLength(1)
    expect(feed).toContain('/policies/privacy/versions/1')

    // Neither operators nor another workspace reach it by its id.
    for (const [method, path, body] of [
      ['GET', '', undefined],
      [
        'PATCH',
        '',
        { title: 'x' },
      ],
      [
        'POST',
        '/publish',
        {
          effectiveOn: today(),
          summary: 'x',
        },
      ],
      ['DELETE', '/drafts/en', undefined],
      ['DELETE', '', undefined],
    ] as const) {
      expect((await asOperator(method, `/${only.id}${path}`, body)).status).toBe(404)
      for (const id of [only.id, global.id]) expect((await call(method, `/${id}${path}`, body, { by: theirs.owner, of: theirs })).status).toBe(404)
    }
    expect((await asOperator('GET', `/${only.id}/acceptances`)).status).toBe(404)
    expect((await asOperator('POST', `/${only.id}/approve`, { sha256: only.review.sha256 })).status).toBe(404)
    expect((await call('GET', `/${other.id}`)).status).toBe(404)
    expect((await call('PATCH', `/${own.id}`, { slug: 'moved' })).body.code).toBe('policy.slug_fixed')
    expect((await call('POST', '', page({ slug: 'privacy' }))).body.code).toBe('policy.slug_taken')
  })

  it('is told in the workspace’s log alone', async () => {
    const actions = async (chain: string) => (await test.deps.auditTrail.list(chain, {
      action: ['policy.*'],
      limit: 200,
    })).items.map(({ action, subject }) => `${action} ${subject.id}`)
    const made = await publish(await create())
    await call('PATCH', `/${made.id}`, { title: 'Other rules' })
    await call('DELETE', `/${made.id}`)
    const draft = await create()
    await call('DELETE', `/${draft.id}`)
    expect((await actions(mine.id)).slice(0, 6)).toEqual([
      `policy.draft_deleted ${draft.id}`,
      `policy.created ${draft.id}`,
      `policy.withdrawn ${made.id}`,
      `policy.draft_changed ${made.id}`,
      `policy.published ${made.id}`,
      `policy.created ${made.id}`,
    ])
    expect((await actions(INSTANCE_CHAIN)).filter(each => each.endsWith(made.id))).toEqual([])
    expect((await actions(theirs.id)).filter(each => each.endsWith(made.id))).toEqual([])
  })

  it('needs no other operator, and asks nobody to agree', async () => {
    await test.deps.db.update(instance).set({ policyReview: true })
    const made = await create()
    expect(made.review.isRequired).toBe(false)
    await publish(made)
    await test.deps.db.update(instance).set({ policyReview: false })
    for (const [path, method, body] of [
      [
        '',
        'PATCH',
        { acceptance: 'explicit' },
      ],
      [
        '/publish',
        'POST',
        {
          effectiveOn: today(),
          summary: 'x',
          acceptAgain: true,
        },
      ],
    ] as const) expect((await call(method, `/${made.id}${path}`, body)).body.code).toBe('request.invalid')
    // Even one that did.
    await test.deps.db.update(policies).set({ acceptance: 'explicit' }).where(eq(policies.id, made.id))
    expect((await test.call('GET', '/me', { token: mine.owner.token })).body.pendingPolicies).toEqual([])
    expect((await call('GET', '', undefined, { by: staff })).status).toBe(200)
  })

  it('is not published in the past, unfinished, or twice at once', async () => {
    const made = await create({ markdown: '[[TO DO: your name]]' })
    const tried = async (effectiveOn: string) => {
      const { status, body } = await call('POST', `/${made.id}/publish`, { effectiveOn })
      return [status, body.code]
    }
    expect(await tried(today())).toEqual([422, 'policy.placeholder_left'])
    await call('PATCH', `/${made.id}`, { markdown: '<script>alert(1)</script> [x](javascript:alert(1))' })
    expect(await tried('2020-01-01')).toEqual([422, 'policy.effective_in_past'])
    expect(await tried('2020-02-30')).toEqual([400, 'request.invalid'])
    const answers = await Promise.all(Array.from({ length: 4 }, () => call('POST', `/${made.id}/publish`, {
      effectiveOn: today(),
      summary: 'Race',
    })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
    // What somebody wrote is never sent as a page.
    const { headers } = await test.app.inject({ url: `${made.path}.md` })
    expect([headers['content-type'], headers['x-content-type-options']]).toEqual(['text/markdown; charset=utf-8', 'nosniff'])
  })

  it('is one of twenty, with a hundred versions, in ten languages and 4 MiB, whoever is faster', async () => {
    const of = await createWorkspace(test)
    const made = await create({}, of)
    for (let count = 1; count < 19; count++) await create({}, of)
    const answers = await Promise.all([1, 2].map(() => call('POST', '', page(), { by: of.owner, of })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(answers.find(({ status }) => status === 409)!.body.code).toBe('policy.too_many')

    await publish(made, {}, of)
    await test.deps.db.update(policyVersions).set({ number: 100 }).where(eq(policyVersions.policyId, made.id))
    await call('PATCH', `/${made.id}`, { markdown: 'once more' }, { by: of.owner, of })
    const { body } = await call('POST', `/${made.id}/publish`, {
      effectiveOn: today(),
      summary: 'x',
    }, { by: of.owner, of })
    expect(body.code).toBe('policy.too_many')

    const large = await create()
    const write = (language: string) => call('PATCH', `/${large.id}`, { language, markdown: `In ${language}` })
    for (const language of [
      'de',
      'fr',
      'es',
      'it',
      'pt',
      'nl',
      'da',
      'sv',
      'pl',
    ]) expect((await write(language)).status).toBe(200)
    expect((await write('fi')).body.code).toBe('policy.too_many')
    await publish(large)
    await test.deps.db.execute(sql`update policy_texts set source = repeat('x', 4 * 1024 * 1024) where language = 'pl' and version_id in (select id from policy_versions where policy_id = ${large.id})`)
    await write('de')
    await call('PATCH', `/${large.id}`, { language: 'de', markdown: 'Noch einmal' })
    expect((await call('POST', `/${large.id}/publish`, {
      effectiveOn: today(),
      summary: 'x',
    })).body.code).toBe('policy.too_many')
    expect((await call('GET', `/${large.id}`)).body.versions).toHaveLength(1)
  })

  it.each([
    '/nothing',
    '/%00',
    '/..%2F',
    '/nothing/versions/0',
    '/nothing/versions/99999999999',
  ])('is not found at %s, as in a workspace that is not there', async (path) => {
    const { status, body } = await read(mine, path)
    expect([400, 404]).toContain(status)
    const { requestId: _, instance: __, ...said } = (await read({ ...mine, slug: 'no-such-workspace' }, path)).body
    expect(body).toMatchObject(said)
  })
})

describe('a link', () => {
  async function link(input: object = {}): Promise<string> {
    const { status, body } = await test.call('POST', `/workspaces/${mine.id}/links`, {
      token: mine.owner.token,
      body: {
        itemIds: [file.id],
        ...input,
      },
    })
    expect(status).toBe(201)
    return body.url.split('/').at(-1)
  }
  const shown = (token: string, query = '', headers: Record<string, string> = {}) => test.call('GET', `/public/links/${token}/policies${query}`, { headers })

  it('shows what its workspace has published, in the reader’s language, and nothing of others', async () => {
    const made = await create({ kind: 'terms', slug: 'terms-of-ours', title: 'Our terms' })
    await create({ slug: 'only-a-draft' })
    await publish(await create({ slug: 'not-ours' }, theirs), {}, theirs)
    await call('PATCH', `/${made.id}`, { language: 'de', title: 'Unsere Bedingungen', markdown: '# Regeln' })
    await publish(made)
    const token = await link()
    const { status, body, headers } = await shown(token)
    expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
    expect(slugsOf({ body })).not.toEqual(expect.arrayContaining(['only-a-draft']))
    expect(slugsOf({ body })).not.toEqual(expect.arrayContaining(['not-ours']))
    const listing = {
      kind: 'terms',
      slug: 'terms-of-ours',
      path: `/policies/w/${mine.slug}/terms-of-ours`,
      effectiveOn: today(),
    }
    expect(body.items).toContainEqual({ ...listing, title: 'Our terms', language: 'en' })
    for (const german of [await shown(token, '?language=de'), await shown(token, '', { 'accept-language': 'de' })]) {
      expect(german.body.items).toContainEqual({ ...listing, title: 'Unsere Bedingungen', language: 'de' })
    }
    await call('DELETE', `/${made.id}`)
    expect(slugsOf(await shown(token))).not.toContain('terms-of-ours')
  })

  it('says that there are none to ask for', async () => {
    const of = await createWorkspace(test)
    const { id } = await createFile(test, of, { name: 'Plan.pdf', content: 'x' })
    const { body: { url } } = await test.call('POST', `/workspaces/${of.id}/links`, {
      token: of.owner.token,
      body: {
        itemIds: [id],
      },
    })
    const hasPolicies = async () => (await test.call('GET', `/public/links/${url.split('/').at(-1)}`)).body.hasPolicies
    const made = await create({}, of)
    expect(await hasPolicies()).toBe(false)
    await publish(made, {}, of)
    expect(await hasPolicies()).toBe(true)
    await call('DELETE', `/${made.id}`, undefined, { by: of.owner, of })
    expect(await hasPolicies()).toBe(false)
  })

  it('tells nobody whose it is before its gates have let them in', async () => {
    const { status, body } = await shown(await link({ password: 'drizzle-on-the-tin-roof' }))
    expect([status, body.code]).toEqual([401, 'link.locked'])
    expect((await shown('no-such-link')).status).toBe(404)
  })
})
