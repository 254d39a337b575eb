import type { Place } from '../../../test/item-factories.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUser } from '../../../test/factories.ts'
import { createFileRow, createFolderRow } from '../../../test/item-factories.ts'
import { createItemsFixture, cursorOf, namesOf, nil } from './items.fixture.ts'
import { items } from './items.table.ts'

const { test, workspace, foreign, owner, root, inside, list } = await createItemsFixture()
afterAll(() => test.close())

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

describe('listing items', () => {
  describe('of a folder', () => {
    let folder: Place
    beforeAll(async () => {
      folder = await inside(root, 'Listing')
      await createFolderRow(test, folder, 'zeta', owner)
      await sleep(2) // ids of one millisecond have no order
      await createFolderRow(test, folder, 'Alpha', owner)
      for (const [name, size, minute] of [
        ['b.txt', 30, 1],
        ['A.txt', 10, 3],
        ['é.txt', 10, 2],
        ['c.txt', 20, 0],
      ] as const) {
        await sleep(2)
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
      expect(names).toEqual(expected)
      expect(names).toEqual(namesOf(await list({ parentId: folder.parentId, sort })))
    })

    it('puts numbers in their order, and letters with accents beside those without, whatever page they are on', async () => {
      const place = await inside(root, 'Natural')
      const expected = [
        '1.txt',
        '2.txt',
        '10.txt',
        '_draft',
        'Angebot',
        'Ärger',
        'Arzt',
        'Part 2a',
        'Part 02b',
        'Part 11',
        'Zebra',
        'אב',
        '報告',
      ].sort(new Intl.Collator('und', { numeric: true }).compare)
      expect(expected.indexOf('2.txt')).toBeLessThan(expected.indexOf('10.txt'))
      expect(expected.indexOf('Ärger')).toBeLessThan(expected.indexOf('Arzt'))
      for (const name of expected.toSorted()) await createFileRow(test, place, name, owner)
      expect(await listAll({ parentId: place.parentId })).toEqual(expected)
      expect(await listAll({ parentId: place.parentId, sort: '-name' })).toEqual(expected.toReversed())
      const link = await test.call('POST', `/workspaces/${workspace.id}/links`, {
        token: owner.token,
        body: {
          itemIds: [place.parentId],
        },
      })
      const visited: string[] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await test.call('GET', `/public/links/${link.body.url.split('/').at(-1)}/items?parentId=${place.parentId}&limit=5${cursor && `&cursor=${cursor}`}`)
        visited.push(...body.items.map((item: { name: string }) => item.name))
        cursor = body.nextCursor as string | null
      }
      expect(visited).toEqual(expected)
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
        inheritedLinkCount: 0,
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

  it('answers one item with its way and its entity tag', async () => {
    const place = await inside(root, 'Way')
    const { id } = await createFileRow(test, place, 'there.txt', owner)
    const answer = await test.call('GET', `/items/${id}`, { token: owner.token })
    expect(answer.headers.etag).toBe('"1"')
    expect(answer.body.path).toEqual([
      {
        id: workspace.rootId,
        name: expect.stringMatching(/^Workspace/),
        linkCount: 0,
        inheritedLinkCount: 0,
      },
      {
        id: place.parentId,
        name: 'Way',
        linkCount: 0,
        inheritedLinkCount: 0,
      },
      {
        id,
        name: 'there.txt',
        linkCount: 0,
        inheritedLinkCount: 0,
      },
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
        cursor: cursorOf('updatedAt', 'file', '2030-01-01T00:00:00.000Z', nil),
      },
    ],
    [
      'a cursor with another type',
      {
        sort: 'size',
        cursor: cursorOf('size', 'file', '1', nil),
      },
    ],
    [
      'a cursor with half a number',
      {
        sort: 'size',
        cursor: cursorOf('size', 'file', 1.5, nil),
      },
    ],
    [
      'a cursor with no instant',
      {
        sort: 'updatedAt',
        cursor: cursorOf('updatedAt', 'file', '2030-99-01T00:00:00.000Z', nil),
      },
    ],
    [
      'a cursor of no kind',
      {
        cursor: cursorOf('name', 'link', 'a', nil),
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
        cursor: cursorOf('name', 'file', '\0', nil),
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
      { parentId: `urn:uuid:${nil}` },
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
      nil,
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
      [`/items/${nil}`, owner.token],
      [`/items/${gone.parentId}`, owner.token],
      [`/items/${fileId}`, stranger.token],
      [`/files/${fileId}/versions`, stranger.token],
    ] as const) {
      expect((await test.call('GET', path, { token })).status).toBe(404)
    }
    expect((await list({ parentId: workspace.rootId }, foreign.owner.token, foreign.id)).status).toBe(404)
    expect((await list({}, foreign.owner.token)).status).toBe(404)
  })
})
