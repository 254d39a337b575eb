import type { SQLWrapper } from 'drizzle-orm'
import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { Place } from '../../../test/item-factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember, createUser, createWorkspace } from '../../../test/factories.ts'
import { createFileRow, createFolderRow } from '../../../test/item-factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { linkItems, links } from '../links/links.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import * as queries from './items.queries.ts'
import { items } from './items.table.ts'

describe('listing items', () => {
  let test: TestApp
  let workspace: TestWorkspace
  let foreign: TestWorkspace
  let owner: TestUser
  let root: Place
  beforeAll(async () => {
    test = await createTestApp()
    workspace = await createWorkspace(test)
    foreign = await createWorkspace(test)
    owner = workspace.owner
    root = { workspaceId: workspace.id, spaceId: workspace.spaceId, parentId: workspace.rootId }
  })
  afterAll(() => test.close())

  const inside = async (place: Place, name: string, by = owner): Promise<Place> => ({ ...place, parentId: (await createFolderRow(test, place, name, by)).id })
  const list = (query: Record<string, string>, token = owner.token, workspaceId = workspace.id) => test.call('GET', `/workspaces/${workspaceId}/items?${new URLSearchParams(query)}`, { token })
  const namesOf = (answer: { body: { items: { name: string }[] } }) => answer.body.items.map(item => item.name)

  async function listAll(query: Record<string, string>): Promise<string[]> {
    const names: string[] = []
    let cursor: string | null = null
    do {
      const answer = await list({
        ...query,
        limit: '2',
        ...cursor === null
          ? {}
          : { cursor },
      })
      expect(answer.status).toBe(200)
      expect(answer.body.items.length).toBeLessThanOrEqual(2)
      names.push(...namesOf(answer))
      cursor = answer.body.nextCursor
    } while (cursor !== null)
    return names
  }

  describe('of a folder', () => {
    let folder: Place
    beforeAll(async () => {
      folder = await inside(root, 'Listing')
      await createFolderRow(test, folder, 'zeta', owner)
      await createFolderRow(test, folder, 'Alpha', owner)
      for (const [name, size, minute] of [
        ['b.txt', 30, 1],
        ['A.txt', 10, 3],
        ['é.txt', 10, 2],
        ['c.txt', 20, 0],
      ] as const) {
        const { id } = await createFileRow(test, folder, name, owner, { size })
        await test.deps.db.update(items).set({
          updatedAt: new Date(Date.UTC(2030, 0, 1, 0, minute)),
        }).where(eq(items.id, id))
      }
    })

    it.each([
      [
        'name',
        [
          'Alpha',
          'zeta',
          'A.txt',
          'b.txt',
          'c.txt',
          'é.txt',
        ],
      ],
      [
        '-name',
        [
          'zeta',
          'Alpha',
          'é.txt',
          'c.txt',
          'b.txt',
          'A.txt',
        ],
      ],
      [
        'updatedAt',
        [
          'zeta',
          'Alpha',
          'c.txt',
          'b.txt',
          'é.txt',
          'A.txt',
        ],
      ],
      [
        '-updatedAt',
        [
          'Alpha',
          'zeta',
          'A.txt',
          'é.txt',
          'b.txt',
          'c.txt',
        ],
      ],
      [
        'size',
        [
          'zeta',
          'Alpha',
          'A.txt',
          'é.txt',
          'c.txt',
          'b.txt',
        ],
      ],
      [
        '-size',
        [
          'Alpha',
          'zeta',
          'b.txt',
          'c.txt',
          'é.txt',
          'A.txt',
        ],
      ],
    ])('pages by %s, folders first', async (sort, expected) => {
      const names = await listAll({ parentId: folder.parentId, sort })
      // The order of é among Latin letters is the database's to say.
      if (sort.endsWith('name')) expect([...names].sort()).toEqual([...expected].sort())
      else expect(names).toEqual(expected)
      expect(names).toEqual(namesOf(await list({ parentId: folder.parentId, sort })))
    })

    it('sorts names without regard to case', async () => {
      expect(namesOf(await list({ parentId: folder.parentId })).filter(name => name !== 'é.txt')).toEqual([
        'Alpha',
        'zeta',
        'A.txt',
        'b.txt',
        'c.txt',
      ])
    })

    it('shows all that there is to an item', async () => {
      const { body } = await list({ parentId: folder.parentId, sort: '-size' })
      expect(body.items[2]).toEqual({
        id: expect.any(String),
        kind: 'file',
        name: 'b.txt',
        parentId: folder.parentId,
        workspaceId: workspace.id,
        spaceId: workspace.spaceId,
        size: 30,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        integrity: 'verified',
        mediaType: 'text/plain',
        version: 1,
        etag: '"1"',
        createdBy: { id: owner.id, name: owner.name },
        createdAt: expect.any(String),
        updatedAt: '2030-01-01T00:01:00.000Z',
        linkCount: 0,
        permissions: [
          'see',
          'preview',
          'download',
          'upload',
          'change',
          'share',
          'manage',
        ],
      })
      expect(body.items[0]).toMatchObject({
        kind: 'folder',
        size: 0,
        sha256: null,
        integrity: null,
        mediaType: null,
        version: null,
      })
    })

    it('keeps its place when rows come and go between pages', async () => {
      const place = await inside(root, 'Moving')
      for (const name of ['a', 'b', 'c', 'd']) await createFileRow(test, place, name, owner)
      const first = await list({ parentId: place.parentId, limit: '2' })
      await test.deps.db.update(items).set({
        trashedAt: new Date(),
      }).where(eq(items.id, first.body.items[1].id))
      await createFileRow(test, place, 'aa', owner)
      expect(namesOf(await list({ parentId: place.parentId, limit: '2', cursor: first.body.nextCursor }))).toEqual(['c', 'd'])
    })
  })

  it('counts the links that name an item and are open', async () => {
    const place = await inside(root, 'Linked')
    const { id } = await createFileRow(test, place, 'linked.txt', owner)
    await createFileRow(test, place, 'other.txt', owner)
    const now = Date.now()
    for (const gate of [
      {},
      {
        expiresAt: new Date(now + 60_000),
      },
      {
        expiresAt: new Date(now - 60_000),
      },
      {
        revokedAt: new Date(now),
      },
    ]) {
      const linkId = randomUUIDv7()
      await test.deps.db.insert(links).values({
        id: linkId,
        workspaceId: workspace.id,
        tokenHash: Buffer.from(linkId),
        tokenCiphertext: Buffer.alloc(1),
        createdBy: owner.id,
        createdAt: new Date(now),
        updatedAt: new Date(now),
        ...gate,
      })
      await test.deps.db.insert(linkItems).values({ linkId, itemId: id, position: 0 })
    }
    const { body } = await list({ parentId: place.parentId })
    expect(body.items.map((item: { linkCount: number }) => item.linkCount)).toEqual([2, 0])
  })

  describe('found by a part of the name', () => {
    let place: Place
    beforeAll(async () => {
      place = await inside(root, 'Search here')
      const sub = await inside(place, 'Deeper')
      const gone = await inside(place, 'Gone')
      await createFileRow(test, place, 'Straße 100%.txt', owner)
      await createFileRow(test, sub, 'strasse_1000.txt', owner)
      await createFileRow(test, sub, 'back~slash.txt', owner)
      await createFileRow(test, gone, 'strasse in the trash.txt', owner)
      await test.deps.db.update(items).set({
        trashedAt: new Date(),
      }).where(eq(items.id, gone.parentId))
      await createFileRow(test, root, 'strasse elsewhere.txt', owner)
      await createFileRow(test, { workspaceId: foreign.id, spaceId: foreign.spaceId, parentId: foreign.rootId }, 'strasse of others.txt', foreign.owner)
    })

    it('everywhere, without regard to case and form, never in the trash or in other workspaces', async () => {
      expect(namesOf(await list({ q: 'STRASSE' })).sort()).toEqual(['Straße 100%.txt', 'strasse elsewhere.txt', 'strasse_1000.txt'].sort())
    })

    it('below a folder, at any depth', async () => {
      expect(await listAll({ q: 'straße', parentId: place.parentId })).toEqual(namesOf(await list({ q: 'straße', parentId: place.parentId })))
      expect(namesOf(await list({ q: 'straße', parentId: place.parentId })).sort()).toEqual(['Straße 100%.txt', 'strasse_1000.txt'])
      expect(namesOf(await list({ q: 'search here', parentId: place.parentId }))).toEqual([])
    })

    it.each([
      [
        '%',
        ['Straße 100%.txt'],
      ],
      [
        '_',
        ['strasse_1000.txt'],
      ],
      [
        '0%',
        ['Straße 100%.txt'],
      ],
      ['\\', []],
      ['\' or true --', []],
    ])('takes %j literally', async (q, expected) => {
      expect(namesOf(await list({ q, parentId: place.parentId }))).toEqual(expected)
    })
  })

  describe('to people of other roles', () => {
    let place: Place
    let theirs: string
    beforeAll(async () => {
      place = await inside(root, 'Shared')
      await createFolderRow(test, place, 'sub', owner)
      theirs = (await createFileRow(test, place, 'roles-owner.txt', owner)).id
    })

    it('says what each may do with each item', async () => {
      const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
      await createFileRow(test, place, 'roles-own.txt', contributor)
      const { body } = await list({ parentId: place.parentId }, contributor.token)
      const permissions = Object.fromEntries(body.items.map((item: { name: string, permissions: string[] }) => [item.name, item.permissions]))
      expect(permissions).toMatchObject({
        'sub': ['see', 'preview', 'download', 'upload'],
        'roles-owner.txt': ['see', 'preview', 'download', 'upload'],
        'roles-own.txt': [
          'see',
          'preview',
          'download',
          'upload',
          'change',
        ],
      })
    })

    it('shows somebody limited to their own uploads folders and those', async () => {
      const uploader = await addMember(test, workspace, 'staff', { spaceRole: 'uploader' })
      await createFileRow(test, place, 'roles-uploader.txt', uploader)
      expect(namesOf(await list({ parentId: place.parentId }, uploader.token))).toEqual(['sub', 'roles-uploader.txt'])
      expect(namesOf(await list({ q: 'roles-' }, uploader.token))).toEqual(['roles-uploader.txt'])
      expect(namesOf(await list({ q: 'sub' }, uploader.token))).toEqual(['sub'])
      expect((await test.call('GET', `/items/${theirs}`, { token: uploader.token })).status).toBe(404)
      expect((await test.call('GET', `/files/${theirs}/versions`, { token: uploader.token })).status).toBe(404)
    })

    it('begins where somebody was let in, and does not name what lies above', async () => {
      const guest = await addMember(test, workspace, 'staff')
      const inner = await inside(place, 'inner')
      const { id } = await createFileRow(test, inner, 'roles-inner.txt', owner)
      expect((await list({}, guest.token)).body.items).toEqual([])
      expect((await list({ q: 'roles-' }, guest.token)).body.items).toEqual([])
      expect((await list({ parentId: place.parentId }, guest.token)).status).toBe(404)
      await test.deps.db.insert(grants).values([place, inner].slice(1).map(({ parentId }) => ({
        id: randomUUIDv7(),
        workspaceId: workspace.id,
        folderId: parentId,
        userId: guest.id,
        role: 'viewer' as const,
        createdAt: new Date(),
      })))
      expect(namesOf(await list({}, guest.token))).toEqual(['inner'])
      expect(namesOf(await list({ q: 'roles-' }, guest.token))).toEqual(['roles-inner.txt'])
      const detail = await test.call('GET', `/items/${id}`, { token: guest.token })
      expect(detail.body.path.map((step: { name: string }) => step.name)).toEqual(['inner', 'roles-inner.txt'])
      expect(namesOf(await list({}))).toEqual([
        expect.stringMatching(/^Workspace/),
      ])
    })
  })

  it('answers one item with its way and its entity tag', async () => {
    const place = await inside(root, 'Way')
    const { id } = await createFileRow(test, place, 'there.txt', owner)
    const answer = await test.call('GET', `/items/${id}`, { token: owner.token })
    expect(answer.headers.etag).toBe('"1"')
    expect(answer.body.path).toEqual([
      {
        id: workspace.rootId,
        name: expect.stringMatching(/^Workspace/),
      },
      { id: place.parentId, name: 'Way' },
      { id, name: 'there.txt' },
    ])
  })

  it('lists the versions of a file, newest first', async () => {
    const { id } = await createFileRow(test, root, 'versions.txt', owner, { size: 1 })
    await createFileRow(test, root, 'versions.txt', owner, { size: 2, onConflict: 'replace' })
    const { body } = await test.call('GET', `/files/${id}/versions`, { token: owner.token })
    expect(body).toMatchObject({
      items: [
        { version: 2, size: 2 },
        {
          version: 1,
          size: 1,
          createdBy: { id: owner.id, name: owner.name },
        },
      ],
      nextCursor: null,
    })
    expect((await test.call('GET', `/files/${workspace.rootId}/versions`, { token: owner.token })).status).toBe(404)
  })

  it.each<[string, Record<string, string>]>([
    [
      'a cursor of no list',
      { cursor: 'abc' },
    ],
    [
      'a cursor of another order',
      {
        sort: 'name',
        cursor: cursorOf('updatedAt', 'file', '2030-01-01T00:00:00.000Z', nil()),
      },
    ],
    [
      'a cursor with another type',
      {
        sort: 'size',
        cursor: cursorOf('size', 'file', '1', nil()),
      },
    ],
    [
      'a cursor with half a number',
      {
        sort: 'size',
        cursor: cursorOf('size', 'file', 1.5, nil()),
      },
    ],
    [
      'a cursor with no instant',
      {
        sort: 'updatedAt',
        cursor: cursorOf('updatedAt', 'file', '2030-99-01T00:00:00.000Z', nil()),
      },
    ],
    [
      'a cursor of no kind',
      {
        cursor: cursorOf('name', 'link', 'a', nil()),
      },
    ],
    [
      'a cursor with no id',
      {
        cursor: cursorOf('name', 'file', 'a', 'b'),
      },
    ],
    [
      'a cursor with NUL',
      {
        cursor: cursorOf('name', 'file', '\0', nil()),
      },
    ],
    [
      'an unknown order',
      { sort: 'name; drop table items' },
    ],
    [
      'an inherited order',
      { sort: 'constructor' },
    ],
    [
      'no limit',
      { limit: '0' },
    ],
    [
      'a limit without end',
      { limit: '1000000' },
    ],
    [
      'a limit that is none',
      { limit: 'x' },
    ],
    [
      'a search for nothing',
      { q: '' },
    ],
    [
      'a search for NUL',
      { q: '\0' },
    ],
    [
      'a search without end',
      {
        q: 'a'.repeat(201),
      },
    ],
    [
      'a folder that is no id',
      { parentId: 'x' },
    ],
    [
      'an id with a scheme',
      { parentId: `urn:uuid:${nil()}` },
    ],
    [
      'an unknown parameter',
      { offset: '1' },
    ],
  ])('refuses %s', async (_what, query) => {
    const answer = await list(query)
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })

  it('does not find what is not there, of others, no folder, or in the trash', async () => {
    const gone = await inside(root, 'Trashed folder')
    const below = await inside(gone, 'below')
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, gone.parentId))
    const { id: fileId } = await createFileRow(test, root, 'no-folder.txt', owner)
    for (const parentId of [
      nil(),
      foreign.rootId,
      fileId,
      gone.parentId,
      below.parentId,
    ]) {
      const answer = await list({ parentId })
      expect([answer.status, answer.body.code, answer.body.detail]).toEqual([404, 'not_found', 'There is no such file or folder'])
    }
    const stranger = await createUser(test)
    for (const [path, token] of [
      [`/items/${foreign.rootId}`, owner.token],
      [`/items/${nil()}`, owner.token],
      [`/items/${gone.parentId}`, owner.token],
      [`/items/${fileId}`, stranger.token],
      [`/files/${fileId}/versions`, stranger.token],
    ] as const) {
      expect((await test.call('GET', path, { token })).status).toBe(404)
    }
    expect((await list({ parentId: workspace.rootId }, foreign.owner.token, foreign.id)).status).toBe(404)
    expect((await list({}, foreign.owner.token)).status).toBe(404)
  })

  describe('of a folder with 100,000 files', () => {
    let folder: Place
    beforeAll(async () => {
      folder = await inside(root, 'Large')
      await test.deps.db.execute(sql`
        insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, size_bytes, created_by, created_at, updated_at)
        select gen_random_uuid(), ${folder.workspaceId}, ${folder.spaceId}, ${folder.parentId}, case when n <= 100 then 'folder' else 'file' end,
          'item ' || n, 'item ' || n, n % 5000, ${owner.id}, now(), now() - n * interval '1 second'
        from generate_series(1, 100000) n`)
      await test.deps.db.execute(sql`analyze items`)
    }, 60_000)

    interface Plan { 'Node Type': string, 'Actual Rows': number, 'Rows Removed by Filter'?: number, 'Relation Name'?: string, 'Plans'?: Plan[] }

    /** How many rows of the table a query has looked at. */
    async function rowsRead(query: SQLWrapper): Promise<number> {
      const { rows } = await test.deps.db.execute<{ 'QUERY PLAN': [{ Plan: Plan }] }>(sql`explain (analyze, format json) ${query}`)
      const count = (plan: Plan): number => (plan['Relation Name'] === 'items'
        ? plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)
        : 0) + (plan.Plans ?? []).map(count).reduce((a, b) => a + b, 0)
      return count(rows[0]!['QUERY PLAN'][0].Plan)
    }

    it.each(['name', 'updatedAt', 'size'] as const)('reads a page by %s from the index alone, at the start and in the middle, both ways', async (field) => {
      const middle = {
        name: 'item 5',
        updatedAt: new Date(Date.now() - 50_000_000),
        size: 2500,
      }[field]
      for (const descending of [false, true]) {
        for (const after of [
          undefined,
          {
            value: middle,
            id: nil(),
          },
        ]) {
          const query = queries.pageOfFolder(test.deps.db, folder.workspaceId, folder.parentId, undefined, {
            kind: 'file',
            order: { field, descending },
            after,
            limit: 51,
          })
          expect(await query).toHaveLength(51)
          expect(await rowsRead(query)).toBeLessThanOrEqual(60)
        }
      }
    })

    it('answers with the folders and then the files', async () => {
      const first = await list({ parentId: folder.parentId, limit: '200', sort: 'updatedAt' })
      expect(first.body.items.map((item: { kind: string }) => item.kind)).toEqual([
        ...Array.from({ length: 100 }).fill('folder'),
        ...Array.from({ length: 100 }).fill('file'),
      ])
    })

    it('finds the first page of many matches without reading all of them', async () => {
      const scope = {
        workspaceId: folder.workspaceId,
        userId: owner.id,
        reach: { everywhere: true, all: [], own: [] },
      }
      const query = queries.pageOfMatches(test.deps.db, scope, { key: 'item', below: undefined }, {
        kind: 'file',
        order: { field: 'name', descending: false },
        after: undefined,
        limit: 51,
      })
      expect(await query).toHaveLength(51)
      expect(await rowsRead(query)).toBeLessThanOrEqual(1000)
    })
  })
})

function nil(): string {
  return '00000000-0000-0000-0000-000000000000'
}

function cursorOf(...position: unknown[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}
