import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestDatabase } from '../../../test/database.ts'
import { createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { policies, policyDrafts } from './policies.table.ts'

/** Two replicas, on one folder: each reads it at its start. */
let test: TestApp
let other: TestApp
let operator: TestUser
const folder = mkdtempSync(join(tmpdir(), 'policies-from-files-'))
beforeAll(async () => {
  const database = await createTestDatabase()
  const env = { POLICIES_DIR: folder }
  test = await createTestApp({ database, env })
  other = await createTestApp({
    database: {
      ...database,
      drop: async () => {},
    },
    env,
  })
  test.clock.set(new Date('2027-01-15T12:00:00Z'))
  other.clock.set(new Date('2027-01-15T12:00:00Z'))
  operator = await setUpInstance(test)
})
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
})
afterAll(async () => {
  await other.close()
  await test.close()
  rmSync(folder, { recursive: true, force: true })
})

function write(name: string, fields: Record<string, string>, text = 'Hello.'): void {
  const head = {
    kind: 'page',
    language: 'en',
    title: 'A page',
    effective: '2027-02-01',
    ...fields,
  }
  writeFileSync(join(folder, name), `---\n${Object.entries(head).map(([field, value]) => `${field}: ${value}`).join('\n')}\n---\n${text}\n`)
}
/** What asks for it is agreed to first. */
async function admin(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) {
  const { token } = operator
  const { body: me } = await test.call('GET', '/me', { token })
  for (const { slug, number, language, sha256 } of me.pendingPolicies) {
    await test.call('POST', '/policy-acceptances', {
      token,
      body: { slug, number, language, sha256 },
    })
  }
  return test.call(method, `/admin${path}`, { token, body })
}
const find = async (slug: string) => (await admin('GET', '/policies')).body.items.find((each: { slug: string }) => each.slug === slug)
const shown = (path: string) => test.call('GET', `/public/policies/${path}`)

it('publishes what is new in the files, in each language, once however many processes start, also where another has to approve', async () => {
  await admin('PATCH', '/instance', { policyReview: true })
  write('privacy.en.md', {
    kind: 'privacy',
    slug: 'data',
    effective: '2026-03-01',
    acceptance: 'explicit',
    highlights: '\n  - title: Whom\n    sentence: All.',
  }, 'Signed in for {{session.idle}}.')
  write('privacy.de.md', {
    kind: 'privacy',
    slug: 'data',
    language: 'de',
    title: 'Datenschutz',
    effective: '2026-03-01',
    acceptance: 'explicit',
  }, 'Hallo.')
  await Promise.all([
    test.deps.policies.loadFiles(),
    other.deps.policies.loadFiles(),
    test.deps.policies.loadFiles(),
  ])
  const { body: state } = await admin('GET', '/policy-files')
  expect(state).toMatchObject({
    folder,
    readAt: '2027-01-15T12:00:00.000Z',
    problems: [],
    files: [
      { file: 'privacy.de.md', slug: 'data', language: 'de' },
      { file: 'privacy.en.md', slug: 'data', language: 'en' },
    ],
  })
  expect(await find('data')).toMatchObject({
    kind: 'privacy',
    source: 'file',
    acceptance: 'explicit',
    currentNumber: 1,
    versions: [
      { number: 1, effectiveOn: '2026-03-01' },
    ],
  })
  expect((await shown('data?language=de')).body).toMatchObject({ title: 'Datenschutz', markdown: 'Hallo.', number: 1 })
  expect((await shown('data?language=en')).body).toMatchObject({
    highlights: [
      { title: 'Whom' },
    ],
    markdown: expect.stringMatching(/^Signed in for \d/),
  })
  const told = (await test.deps.auditTrail.list(INSTANCE_CHAIN, {
    action: ['policy.*'],
    limit: 50,
  })).items
  expect(told.filter(({ action }) => action !== 'policy.accepted').map(({ action, actor }) => [action, actor.kind])).toEqual([
    ['policy.published', 'system'],
    ['policy.created', 'system'],
  ])

  // A new text needs a day that is to come, and what changed.
  write('privacy.de.md', {
    kind: 'privacy',
    slug: 'data',
    language: 'de',
    title: 'Datenschutz',
    effective: '2026-03-01',
    acceptance: 'explicit',
  }, 'Guten Tag.')
  expect((await test.deps.policies.loadFiles()).problems).toEqual([
    {
      file: 'privacy.de.md',
      line: 5,
      says: expect.stringContaining('before today, 2027-01-15'),
    },
  ])
  for (const language of ['en', 'de']) {
    write(`privacy.${language}.md`, {
      kind: 'privacy',
      slug: 'data',
      language,
      effective: '2027-02-01',
      acceptance: 'explicit',
    })
  }
  expect((await test.deps.policies.loadFiles()).problems).toEqual([
    {
      file: 'privacy.de.md',
      line: null,
      says: expect.stringContaining('what changed since the last version is missing'),
    },
  ])
  for (const language of ['en', 'de']) {
    write(`privacy.${language}.md`, {
      kind: 'privacy',
      slug: 'data',
      language,
      effective: '2027-02-01',
      acceptance: 'explicit',
      summary: 'Shorter',
    })
  }
  expect((await test.deps.policies.loadFiles()).problems).toEqual([])
  expect((await find('data')).versions).toMatchObject([
    { number: 2, state: 'upcoming' },
    { number: 1, state: 'current' },
  ])
})

it('publishes nothing by itself when a fact has changed, but with a new day in the file', async () => {
  write('idle.md', { slug: 'idle', effective: '2027-01-15' }, 'Hello {{organisation}}.')
  await admin('PATCH', '/instance', { organisation: 'Before' })
  await test.deps.policies.loadFiles()
  await admin('PATCH', '/instance', { organisation: 'After' })
  await test.deps.policies.loadFiles()
  const { versions, drift } = await find('idle')
  expect([versions.length, drift.length]).toEqual([1, 1])
  write('idle.md', { slug: 'idle', effective: '2027-01-16', summary: 'Another name' }, 'Hello {{organisation}}.')
  await test.deps.policies.loadFiles()
  expect((await shown('idle/versions/2')).body.markdown).toBe('Hello After.')
})

it('leaves out what is wrong, says where, and publishes the rest; what stands stays', async () => {
  write('good.md', { slug: 'good', effective: '2027-01-15' }, '<script>alert(1)</script> [x](javascript:alert(1))')
  write('fact.md', { slug: 'fact' }, '# Facts\n\nOn {{no.such.fact}}.\n\n[[TO DO: who]]')
  write('day.md', { slug: 'day', effective: '2027-02-30' })
  await test.deps.policies.loadFiles()
  expect((await admin('GET', '/policy-files')).body).toMatchObject({
    files: [
      { file: 'fact.md' },
      { file: 'good.md' },
    ],
    problems: [
      {
        file: 'day.md',
        line: 5,
        says: expect.stringContaining('a day that exists'),
      },
      { file: 'fact.md', line: 10, says: 'There is no fact {{no.such.fact}}.' },
    ],
  })
  expect((await shown('good')).status).toBe(200)
  expect((await shown('fact')).status).toBe(404)
  // The file of a page that stands is broken now: the page stays, and is still the file's.
  writeFileSync(join(folder, 'good.md'), Buffer.alloc(5 * 1024 * 1024))
  expect((await test.deps.policies.loadFiles()).problems.map(({ file }) => file)).toContain('good.md')
  expect((await shown('good')).body.number).toBe(1)
  expect((await find('good')).source).toBe('file')
  // So is the folder.
  rmSync(folder, { recursive: true })
  expect((await test.deps.policies.loadFiles()).problems).toEqual([
    { file: '', line: null, says: 'The folder cannot be read (ENOENT).' },
  ])
  expect((await find('good')).source).toBe('file')
})

it('says of a place to fill in that says nothing where it is, and goes on when nothing can be read', async () => {
  write('a.md', { slug: 'empty-text' }, 'Hello [[TO DO:]].')
  write('b.md', { slug: 'empty-title', title: '"[[TO DO:]]"' })
  write('c.md', { slug: 'finished', effective: '2027-01-15' })
  expect((await test.deps.policies.loadFiles()).problems).toEqual([
    { file: 'a.md', line: 8, says: 'The text is not finished.' },
    { file: 'b.md', line: null, says: 'The text is not finished.' },
  ])
  expect((await shown('finished')).status).toBe(200)

  await test.deps.db.execute(sql`alter table policies rename to policies_away`)
  try {
    await test.deps.policies.loadFiles()
  }
  finally {
    await test.deps.db.execute(sql`alter table policies_away rename to policies`)
  }
  expect((await admin('GET', '/policy-files')).body.problems).toEqual([
    { file: '', line: null, says: 'The files could not be published; the log of the server says why.' },
  ])
  await test.deps.policies.loadFiles()
  expect((await admin('GET', '/policy-files')).body.problems).toHaveLength(2)
})

it('changes nothing of a page whose file is refused', async () => {
  await admin('PATCH', '/instance', { policyReview: false })
  const { body: made } = await admin('POST', '/policies', {
    kind: 'terms',
    slug: 'refused',
    title: 'Terms',
    markdown: 'Old.',
    language: 'en',
  })
  await admin('PATCH', `/policies/${made.id}`, { language: 'de', title: 'AGB', markdown: 'Lange Arbeit.' })
  await admin('PATCH', `/policies/${made.id}`, { language: 'en', acceptance: 'explicit' })
  await admin('POST', `/policies/${made.id}/publish`, {
    effectiveOn: '2027-01-15',
    texts: [
      { language: 'en' },
    ],
  })
  const before = await find('refused')
  write('refused.md', {
    kind: 'terms',
    slug: 'refused',
    effective: '2020-01-01',
    summary: 'x',
  })
  write('new.md', { slug: 'not-made' }, '{{no.such.fact}}')
  const { problems } = await test.deps.policies.loadFiles()
  expect(problems.map(({ file }) => file)).toEqual(['new.md', 'refused.md'])
  expect(await find('refused')).toEqual(before)
  expect(before).toMatchObject({ source: 'app', acceptance: 'explicit' })
  expect(before.drafts).toHaveLength(2)
  expect(await find('not-made')).toBeUndefined()

  // With a day that is to come it is taken over, and what says the same as before publishes nothing but is the page's.
  for (const acceptance of ['explicit', 'use']) {
    write('refused.md', {
      kind: 'terms',
      slug: 'refused',
      summary: 'x',
      acceptance,
    })
    rmSync(join(folder, 'new.md'), { force: true })
    expect((await test.deps.policies.loadFiles()).problems).toEqual([])
    expect(await find('refused')).toMatchObject({
      source: 'file',
      acceptance,
      drafts: [
        { markdown: 'Hello.' },
      ],
      versions: [
        { number: 2 },
        { number: 1 },
      ],
    })
  }
})

it('publishes what the file says, whatever an operator is writing meanwhile', async () => {
  const { db } = test.deps
  const { body: made } = await admin('POST', '/policies', {
    kind: 'page',
    slug: 'meanwhile',
    title: 'A page',
    markdown: 'Hello.',
    language: 'en',
  })
  write('meanwhile.md', { slug: 'meanwhile', effective: '2027-01-15' })
  let loading: Promise<unknown> | undefined
  await db.transaction(async (tx) => {
    await tx.select().from(policies).where(eq(policies.id, made.id)).for('update')
    loading = test.deps.policies.loadFiles()
    await expect.poll(async () => (await db.execute(sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rows.length).toBe(1)
    await tx.update(policyDrafts).set({ markdown: 'Approved by nobody.' }).where(eq(policyDrafts.policyId, made.id))
  })
  await loading
  expect((await shown('meanwhile')).body.markdown).toBe('Hello.')
})

it('takes over a page that was written in the app, and gives it back when its file is gone', async () => {
  const { body: made } = await admin('POST', '/policies', {
    kind: 'page',
    slug: 'mine',
    title: 'Mine',
    markdown: 'Mine.',
  })
  write('mine.md', { slug: 'mine', effective: '2027-01-15' })
  await test.deps.policies.loadFiles()
  const policy = await find('mine')
  expect(policy).toMatchObject({
    id: made.id,
    source: 'file',
    drafts: [
      { markdown: 'Hello.' },
    ],
    currentNumber: 1,
    hasUnpublishedChanges: false,
  })
  const refused = await Promise.all([
    admin('PATCH', `/policies/${made.id}`, { title: 'Other' }),
    admin('POST', `/policies/${made.id}/publish`, { effectiveOn: '2027-01-15', summary: 'x' }),
    admin('POST', `/policies/${made.id}/approve`, { sha256: policy.review.sha256 }),
    admin('DELETE', `/policies/${made.id}/drafts/en`),
    admin('DELETE', `/policies/${made.id}`),
  ])
  expect(refused.map(({ status, body }) => [status, body.code])).toEqual(refused.map(() => [409, 'policy.from_file']))

  rmSync(join(folder, 'mine.md'))
  await test.deps.policies.loadFiles()
  expect((await shown('mine')).body.markdown).toBe('Hello.')
  expect((await admin('PATCH', `/policies/${made.id}`, { title: 'Other' })).body).toMatchObject({ source: 'app', title: 'Other' })
})

it('takes no policy of a workspace over, and releases none', async () => {
  const { db, clock, newId } = test.deps
  const now = clock()
  const [own] = await db.insert(policies).values({
    id: newId(),
    workspaceId: (await createWorkspace(test)).id,
    kind: 'page',
    slug: 'house-rules',
    // As no way leads to.
    source: 'file',
    createdAt: now,
    updatedAt: now,
  }).returning()
  write('rules.md', { slug: 'house-rules' })
  await test.deps.policies.loadFiles()
  expect(await find('house-rules')).toMatchObject({ source: 'file', title: 'A page' })
  rmSync(join(folder, 'rules.md'))
  await test.deps.policies.loadFiles()
  expect(await find('house-rules')).toMatchObject({ source: 'app' })
  expect(await db.select().from(policies).where(eq(policies.id, own!.id))).toEqual([own])
})
