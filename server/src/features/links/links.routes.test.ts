import type { TestFile, TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Link, LinkInput } from './links.schemas.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { auditOf } from '../../../test/audit-log.ts'
import { addMember, createFile, createFolder, createUser, createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { items } from '../items/items.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { links } from './links.table.ts'

let test: TestApp
let workspace: TestWorkspace
let owner: TestUser
let file: TestFile

beforeAll(async () => { test = await createTestApp() })
beforeEach(async () => {
  workspace = await createWorkspace(test)
  owner = workspace.owner
  file = await createFile(test, workspace, { name: 'Report.pdf', content: 'the report' })
})
afterAll(() => test.close())

const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, user: TestUser = owner, body?: unknown, headers?: Record<string, string>) =>
  test.call(method, `/workspaces/${workspace.id}/links${path}`, { token: user.token, body, headers })
async function create(input: Partial<LinkInput> = {}, user: TestUser = owner): Promise<Link> {
  const { status, body } = await call('POST', '', user, {
    itemIds: [file.id],
    ...input,
  })
  expect([status, body.detail]).toEqual([201, undefined])
  return body as Link
}
const tokenOf = (link: Link) => link.url!.split('/').at(-1)!
const rowOf = async (link: Link) => (await test.deps.db.select().from(links).where(eq(links.id, link.id)))[0]!

describe('a link', () => {
  it('is made with all its options, its token nowhere in clear', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const folder = await createFolder(test, workspace, { name: 'Set' })
    const link = await create({
      itemIds: [folder.id, file.id],
      title: 'Audit set',
      message: 'Two\nlines',
      password: 'correct horse',
      expiresAt,
      maxDownloads: 3,
    })
    expect(link).toMatchObject({
      name: 'Audit set',
      title: 'Audit set',
      message: 'Two\nlines',
      items: [
        {
          id: folder.id,
          kind: 'folder',
          name: 'Set',
          parentId: workspace.rootId,
          isTrashed: false,
        },
        { id: file.id, kind: 'file', name: 'Report.pdf' },
      ],
      hasPassword: true,
      expiresAt,
      maxDownloads: 3,
      downloadCount: 0,
      openCount: 0,
      lastOpenedAt: null,
      state: 'active',
      createdBy: { id: owner.id },
      etag: '"1"',
    })
    expect(link.url).toMatch(/^http:\/\/localhost:3000\/s\/[\w-]{43}$/)
    expect(link).not.toHaveProperty('password')
    const stored = JSON.stringify(await rowOf(link))
    expect(stored).not.toContain(tokenOf(link))
    expect(Buffer.concat([(await rowOf(link)).tokenCiphertext, (await rowOf(link)).tokenHash]).toString('latin1')).not.toContain(tokenOf(link))
    const [event, ...more] = await auditOf(test, workspace.id, 'link.')
    expect(more).toEqual([])
    expect(event).toMatchObject({
      action: 'link.created',
      subject: { kind: 'link', id: link.id, name: 'Audit set' },
      details: { hasPassword: true, maxDownloads: 3, itemCount: 2 },
    })
    expect(JSON.stringify(event)).not.toMatch(/correct horse/)
    expect(JSON.stringify(event)).not.toContain(tokenOf(link))
  })

  it('without a title is called in the log by what it leads to', async () => {
    const folder = await createFolder(test, workspace, { name: 'Annexes' })
    const letter = await createFile(test, workspace, { name: 'Letter.pdf', content: 'a letter' })
    for (const { name, itemIds } of [
      {
        name: 'Letter.pdf',
        itemIds: [letter.id],
      },
      {
        name: 'Letter.pdf +2',
        itemIds: [letter.id, folder.id, file.id],
      },
    ]) {
      const link = await create({ itemIds })
      await call('DELETE', `/${link.id}`)
      expect(link.name).toBe(name)
      const events = (await auditOf(test, workspace.id, 'link.')).filter(({ subject }) => subject.id === link.id)
      expect(events.map(({ action }) => action)).toEqual(['link.created', 'link.revoked'])
      expect(events.map(({ subject }) => subject.name)).toEqual([name, name])
    }
  })

  it.each([
    [
      'no items',
      { itemIds: [] },
    ],
    [
      'an item twice',
      {
        itemIds: ['01900000-0000-7000-8000-000000000000', '01900000-0000-7000-8000-000000000000'],
      },
    ],
    [
      'an expiry in the past',
      { expiresAt: '2020-01-01T00:00:00Z' },
    ],
    [
      'an expiry that is no time',
      { expiresAt: '2090-13-01T00:00:00Z' },
    ],
    [
      'a leap second that JavaScript does not know',
      { expiresAt: '2090-12-31T23:59:60Z' },
    ],
    [
      'a limit of 0',
      { maxDownloads: 0 },
    ],
    [
      'a limit that is no whole number',
      { maxDownloads: 1.5 },
    ],
    [
      'a limit as text',
      { maxDownloads: '1' },
    ],
    [
      'a short password',
      { password: '1234567' },
    ],
    [
      'a password without end',
      {
        password: 'x'.repeat(129),
      },
    ],
    [
      'a title with control characters',
      { title: 'a\u0000b' },
    ],
    [
      'a message with control characters',
      { message: 'a\u0000b' },
    ],
    [
      'an unknown field',
      { gates: [] },
    ],
    [
      'a foreign field',
      { createdBy: '01900000-0000-7000-8000-000000000000' },
    ],
  ])('is not made with %s', async (_what, input) => {
    const { status, body } = await call('POST', '', owner, {
      itemIds: [file.id],
      ...input,
    })
    expect([status, body.code]).toEqual([400, 'request.invalid'])
  })

  it('is not made to what does not exist, is of another tenant, or lies in the trash', async () => {
    const other = await createWorkspace(test)
    const foreign = await createFile(test, other, { name: 'foreign', content: 'x' })
    const trashed = await createFile(test, workspace, { name: 'trashed', content: 'x' })
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, trashed.id))
    for (const id of ['01900000-0000-7000-8000-000000000000', foreign.id, trashed.id]) {
      const { status, body } = await call('POST', '', owner, {
        itemIds: [file.id, id],
      })
      expect([status, body.code]).toEqual([404, 'not_found'])
    }
    expect(await auditOf(test, workspace.id, 'link.')).toEqual([])
  })

  it.each([
    ['previewer', 403],
    ['viewer', 403],
    ['contributor', 403],
    ['editor', 201],
    ['manager', 201],
  ] as const)('made by a %s: %i', async (spaceRole, status) => {
    const staff = await addMember(test, workspace, 'staff', { spaceRole })
    expect((await call('POST', '', staff, {
      itemIds: [file.id],
    })).status).toBe(status)
  })

  it('shows its address to those who may share, the rest to those who may see, nothing to others', async () => {
    const link = await create()
    const viewer = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    const editor = await addMember(test, workspace, 'staff', { spaceRole: 'editor' })
    const blind = await addMember(test, workspace, 'staff')
    expect((await call('GET', `/${link.id}`, viewer)).body).toEqual({ ...link, url: null, mayChange: false })
    expect((await call('GET', `/${link.id}`, editor)).body).toEqual(link)
    expect((await call('GET', `/${link.id}`, blind)).status).toBe(404)
    expect((await call('GET', '', viewer)).body.items).toEqual([
      { ...link, url: null, mayChange: false },
    ])
    expect((await call('GET', '', blind)).body).toEqual({ items: [], nextCursor: null })
    for (const [method, body] of [
      [
        'PATCH',
        { title: 'x' },
      ],
      ['DELETE', undefined],
    ] as const) {
      expect((await call(method, `/${link.id}`, viewer, body)).status).toBe(403)
      expect((await call(method, `/${link.id}`, blind, body)).status).toBe(404)
    }
  })

  it('of another workspace is not there', async () => {
    const link = await create()
    const other = await createWorkspace(test)
    for (const [method, body] of [
      ['GET', undefined],
      [
        'PATCH',
        { title: 'x' },
      ],
      ['DELETE', undefined],
    ] as const) {
      const answer = await test.call(method, `/workspaces/${other.id}/links/${link.id}`, { token: other.owner.token, body })
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
      expect((await test.call(method, `/workspaces/${workspace.id}/links/${link.id}`, { token: other.owner.token, body })).status).toBe(404)
    }
    expect((await test.call('GET', `/workspaces/${other.id}/links`, { token: other.owner.token })).body.items).toEqual([])
  })

  it('with a lost instance key is shown without its address', async () => {
    const link = await create()
    await test.deps.db.update(links).set({
      tokenCiphertext: Buffer.alloc(71),
    }).where(eq(links.id, link.id))
    expect((await call('GET', `/${link.id}`)).body.url).toBeNull()
  })
})

describe('a change', () => {
  it('keeps what it does not name, and is noted without secrets', async () => {
    const link = await create({ title: 'One', message: 'Hello', maxDownloads: 2 })
    const other = await createFile(test, workspace, { name: 'Other', content: 'x' })
    const { status, body, headers } = await call('PATCH', `/${link.id}`, owner, {
      title: 'Two',
      itemIds: [other.id],
      password: 'new password',
    })
    expect(status).toBe(200)
    expect(headers.etag).toBe('"2"')
    expect(body).toMatchObject({
      url: link.url,
      title: 'Two',
      message: 'Hello',
      maxDownloads: 2,
      hasPassword: true,
      items: [
        { id: other.id },
      ],
    })
    const event = (await auditOf(test, workspace.id, 'link.changed'))[0]!
    expect(event.details).toEqual({
      changed: ['title', 'password', 'items'],
      title: { from: 'One', to: 'Two' },
      hasPassword: { from: false, to: true },
      itemCount: { from: 1, to: 1 },
      items: [
        { id: other.id, kind: 'file', name: other.name },
      ],
    })
    const cleared = await call('PATCH', `/${link.id}`, owner, {
      title: null,
      message: '',
      password: null,
      maxDownloads: null,
    })
    expect(cleared.body).toMatchObject({
      title: null,
      message: null,
      hasPassword: false,
      maxDownloads: null,
    })
    expect((await call('PATCH', `/${link.id}`, owner, {})).headers.etag).toBe('"3"')
    // What is so already is no change.
    expect((await call('PATCH', `/${link.id}`, owner, {
      title: null,
      maxDownloads: null,
      password: null,
      itemIds: [other.id],
    })).headers.etag).toBe('"3"')
    expect(await auditOf(test, workspace.id, 'link.changed')).toHaveLength(2)
  })

  it('moves the gate only when the password does', async () => {
    const link = await create({ password: 'first password' })
    const gate = async () => (await rowOf(link)).gateRevision
    await call('PATCH', `/${link.id}`, owner, { title: 'x' })
    expect(await gate()).toBe(1)
    await call('PATCH', `/${link.id}`, owner, { password: 'first password' })
    expect(await gate()).toBe(2)
    await call('PATCH', `/${link.id}`, owner, { password: null })
    expect(await gate()).toBe(3)
    await call('PATCH', `/${link.id}`, owner, { password: null })
    expect(await gate()).toBe(3)
  })

  it('of an older state is refused, and of two at once one wins', async () => {
    const link = await create()
    const patch = (title: string, ifMatch: string) => call('PATCH', `/${link.id}`, owner, { title }, { 'if-match': ifMatch })
    const answers = await Promise.all(['a', 'b', 'c'].map(title => patch(title, link.etag)))
    expect(answers.map(answer => answer.status).sort()).toEqual([200, 412, 412])
    expect((await patch('d', link.etag)).body.code).toBe('precondition.failed')
    expect((await patch('d', '"2"')).status).toBe(200)
  })

  it('cannot set a limit below what was downloaded, nor lead to what may not be shared', async () => {
    const link = await create()
    await test.deps.db.update(links).set({ downloadCount: 3 }).where(eq(links.id, link.id))
    expect((await call('PATCH', `/${link.id}`, owner, { maxDownloads: 2 })).body).toMatchObject({
      code: 'request.invalid',
      errors: [
        { pointer: '/maxDownloads' },
      ],
    })
    expect((await call('PATCH', `/${link.id}`, owner, { maxDownloads: 3 })).body.state).toBe('used_up')
    expect((await call('PATCH', `/${link.id}`, owner, {
      itemIds: ['01900000-0000-7000-8000-000000000000'],
    })).status).toBe(404)
  })
})

describe('revoking', () => {
  it('is for good, and once more changes nothing', async () => {
    const link = await create()
    expect((await call('DELETE', `/${link.id}`)).status).toBe(204)
    expect((await call('DELETE', `/${link.id}`)).status).toBe(204)
    expect((await call('GET', `/${link.id}`)).body.state).toBe('revoked')
    expect((await call('PATCH', `/${link.id}`, owner, { title: 'x' })).body.code).toBe('link.revoked')
    expect((await auditOf(test, workspace.id, 'link.revoked')).map(event => event.subjectId)).toEqual([link.id])
  })
})

describe('the list', () => {
  it('pages newest first, each link once', async () => {
    for (let n = 0; n < 5; n++) await create({ title: `Link ${n}` })
    const titles: string[] = []
    let cursor = ''
    do {
      const { body } = await call('GET', `?limit=2${cursor && `&cursor=${cursor}`}`)
      expect(body.items.length).toBeLessThanOrEqual(2)
      titles.push(...body.items.map((link: Link) => link.title))
      cursor = body.nextCursor
    } while (cursor)
    expect(titles).toEqual([
      'Link 4',
      'Link 3',
      'Link 2',
      'Link 1',
      'Link 0',
    ])
  })

  it.each([
    'x',
    Buffer.from('["a","b"]').toString('base64url'),
    Buffer.from('["2026-01-01T00:00:00.000Z","b"]').toString('base64url'),
    Buffer.from('[1,2]').toString('base64url'),
    // Of another order.
    Buffer.from('["-openCount",3,"01900000-0000-7000-8000-000000000000"]').toString('base64url'),
    Buffer.from('["-createdAt","today","01900000-0000-7000-8000-000000000000"]').toString('base64url'),
  ])('refuses the cursor %s', async (cursor) => {
    expect((await call('GET', `?cursor=${cursor}`)).body.code).toBe('request.invalid')
  })

  it('filters by item and by what still works', async () => {
    const other = await createFile(test, workspace, { name: 'Other', content: 'x' })
    const editor = await addMember(test, workspace, 'staff', { spaceRole: 'editor' })
    const made = {
      active: await create(),
      other: await create({
        itemIds: [other.id],
      }),
      revoked: await create(),
      expired: await create(),
      usedUp: await create({ maxDownloads: 1 }),
      suspended: await create({}, editor),
    }
    await call('DELETE', `/${made.revoked.id}`)
    await test.deps.db.update(links).set({
      expiresAt: new Date(0),
    }).where(eq(links.id, made.expired.id))
    await test.deps.db.update(links).set({ downloadCount: 1 }).where(eq(links.id, made.usedUp.id))
    await test.deps.db.update(grants).set({ role: 'viewer' }).where(eq(grants.userId, editor.id))
    const list = async (query: string) => new Map<string, string>((await call('GET', query)).body.items.map((link: Link) => [link.id, link.state]))
    expect([
      ...(await list('?state=active')).keys(),
    ].sort()).toEqual([made.active.id, made.other.id].sort())
    expect(await list('?state=ended')).toEqual(new Map([
      [made.suspended.id, 'suspended'],
      [made.usedUp.id, 'used_up'],
      [made.expired.id, 'expired'],
      [made.revoked.id, 'revoked'],
    ]))
    expect([
      ...(await list(`?itemId=${other.id}`)).keys(),
    ]).toEqual([made.other.id])
    expect((await list(`?itemId=01900000-0000-7000-8000-000000000000`)).size).toBe(0)
    for (const [state, link] of [
      ['suspended', made.suspended],
      ['used_up', made.usedUp],
      ['expired', made.expired],
      ['revoked', made.revoked],
    ] as const) {
      expect(await list(`?state=${state}`)).toEqual(new Map([
        [link.id, state],
      ]))
    }
    expect((await list('')).size).toBe(6)
    expect((await call('GET', '?state=all')).status).toBe(400)
  })

  it('finds all words, whatever their case and accents, in titles, in names of what links lead to and of who made them', async () => {
    const anna = await addMember(test, workspace, 'staff', {
      user: await createUser(test, { name: 'Ánna Łódź' }),
      spaceRole: 'editor',
    })
    const plan = await createFile(test, workspace, { name: 'Größenplan_50%.pdf', content: 'x' })
    const made = {
      titled: await create({ title: 'Prüfung Müller' }),
      plan: await create({
        itemIds: [file.id, plan.id],
      }),
      annas: await create({}, anna),
    }
    const find = async (q: string) => (await call('GET', `?q=${encodeURIComponent(q)}`)).body.items.map((link: Link) => link.id)
    expect(await find('muller PRUFUNG')).toEqual([made.titled.id])
    expect(await find('grossenplan')).toEqual([made.plan.id])
    expect(await find('_50%')).toEqual([made.plan.id])
    expect(await find('%')).toEqual([made.plan.id])
    expect(await find('report lodz')).toEqual([made.annas.id])
    expect(await find('report')).toEqual([made.annas.id, made.plan.id, made.titled.id])
    expect(await find('report nowhere')).toEqual([])
    await call('PATCH', `/${made.titled.id}`, owner, { title: 'Ablage' })
    expect(await find('muller')).toEqual([])
    expect(await find('ablage')).toEqual([made.titled.id])
    expect((await call('GET', '?q=')).status).toBe(400)
  })

  it('stands in any order, page after page, what has no value last', async () => {
    const day = (n: number) => new Date(Date.UTC(2030, 0, n))
    const values: [opened: Date | null, expires: Date | null, opens: number, downloads: number][] = [
      [
        day(3),
        null,
        5,
        0,
      ],
      [
        null,
        day(2),
        0,
        2,
      ],
      [
        day(1),
        day(1),
        7,
        2,
      ],
      [null, null, 0, 1],
      [
        day(2),
        day(3),
        5,
        9,
      ],
    ]
    for (const [n, [lastOpenedAt, expiresAt, openCount, downloadCount]] of values.entries()) {
      const { id } = await create({
        title: String(n),
      })
      await test.deps.db.update(links).set({
        lastOpenedAt,
        expiresAt,
        openCount,
        downloadCount,
      }).where(eq(links.id, id))
    }
    const order = async (sort: string) => {
      const titles: string[] = []
      let cursor = ''
      do {
        const { body } = await call('GET', `?limit=2&sort=${sort}${cursor && `&cursor=${cursor}`}`)
        titles.push(...body.items.map((link: Link) => link.title))
        cursor = body.nextCursor
      } while (cursor)
      return titles.join('')
    }
    expect(await order('createdAt')).toBe('01234')
    expect(await order('-createdAt')).toBe('43210')
    expect(await order('lastOpenedAt')).toBe('24013')
    expect(await order('-lastOpenedAt')).toBe('04231')
    expect(await order('expiresAt')).toBe('21403')
    expect(await order('-expiresAt')).toBe('41230')
    expect(await order('openCount')).toBe('13042')
    expect(await order('-openCount')).toBe('24031')
    expect(await order('downloadCount')).toBe('03124')
    expect(await order('-downloadCount')).toBe('42130')
    expect((await call('GET', '?sort=title')).status).toBe(400)
  })

  it('says that a link is suspended while its items are in the trash, and whose they are', async () => {
    const link = await create()
    onTestFinished(() => test.clock.set(null))
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, file.id))
    expect((await call('GET', `/${link.id}`)).body).toMatchObject({
      state: 'suspended',
      items: [
        { id: file.id, isTrashed: true },
      ],
      url: link.url,
    })
    await test.deps.db.update(items).set({ trashedAt: null }).where(eq(items.id, file.id))
    expect((await call('GET', `/${link.id}`)).body.state).toBe('active')
  })
})
