import type { Place } from '../../../test/item-factories.ts'
import type { ItemSelection } from './items.schemas.ts'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember } from '../../../test/factories.ts'
import { createFileRow, createFolderRow } from '../../../test/item-factories.ts'
import { createItemsFixture, namesOf } from './items.fixture.ts'
import { MOST_AT_ONCE } from './items.schemas.ts'

const { test, workspace, foreign, owner, root, inside, list, post, trashOne } = await createItemsFixture()
afterAll(() => test.close())

const select = (query: Record<string, string>, token = owner.token) => test.call('GET', `/workspaces/${workspace.id}/items/selection?${new URLSearchParams(query)}`, { token })
const selected = async (query: Record<string, string>, token?: string): Promise<ItemSelection> => {
  const { status, body } = await select(query, token)
  expect(status).toBe(200)
  return body
}

describe('all of a list', () => {
  let place: Place
  let sub: Place
  beforeAll(async () => {
    place = await inside(root, 'Selection')
    sub = await inside(place, 'zeta folder')
    await createFolderRow(test, place, 'alpha folder', owner)
    for (const [name, size] of [
      ['report 10.txt', 10],
      ['report 9.txt', 30],
      ['letter.txt', 20],
    ] as const) await createFileRow(test, place, name, owner, { size })
    await createFileRow(test, sub, 'report below.txt', owner)
    const gone = await createFileRow(test, place, 'report in the trash.txt', owner)
    await trashOne(gone.id)
  })

  it.each([
    'name',
    '-name',
    'updatedAt',
    '-updatedAt',
    'size',
    '-size',
  ])('is what the list by %s has, in its order', async (sort) => {
    const all = await selected({ parentId: place.parentId, sort })
    const listed = await list({ parentId: place.parentId, sort })
    expect(all.items.map(({ id }) => id)).toEqual(listed.body.items.map(({ id }: { id: string }) => id))
    expect([all.items.length, all.total]).toEqual([5, 5])
  })

  it('of a search is what it finds, in the folder or everywhere', async () => {
    for (const query of [
      { q: 'report' },
      { q: 'report', parentId: place.parentId },
      { q: 'report', parentId: sub.parentId },
      { q: 'report 1', parentId: place.parentId },
      { q: 'nowhere at all' },
      { q: '\u0301' },
    ] as Record<string, string>[]) {
      const all = await selected(query)
      expect(all.items.map(({ name }) => name)).toEqual(namesOf(await list(query)))
      expect(all.total).toBe(all.items.length)
    }
    expect((await selected({ q: 'report', parentId: place.parentId })).total).toBe(3)
  })

  it('of the workspace is where it begins', async () => {
    expect((await selected({})).items).toMatchObject([
      { id: root.parentId, kind: 'folder' },
    ])
  })

  it('tells what has to be known to act on them', async () => {
    const [first] = (await selected({ parentId: place.parentId, q: 'letter' })).items
    expect((await post('/links', {
      itemIds: [first!.id],
    })).status).toBe(201)
    const [letter] = (await selected({ parentId: place.parentId, q: 'letter' })).items
    const listed = (await list({ parentId: place.parentId, q: 'letter' })).body.items[0]
    expect(letter).toEqual({
      id: first!.id,
      kind: 'file',
      name: 'letter.txt',
      parentId: place.parentId,
      size: 20,
      linkCount: 1,
      permissions: listed.permissions,
    })
  })

  it('is only what the person may see, with what they may do', async () => {
    const shelf = await inside(root, 'Shelf')
    const uploader = await addMember(test, workspace, 'staff', { spaceRole: 'uploader' })
    const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
    const own = await createFileRow(test, shelf, 'by the uploader.txt', uploader)
    const theirs = await createFileRow(test, shelf, 'by the contributor.txt', contributor)
    await createFileRow(test, shelf, 'by the owner.txt', owner)
    await post('/links', {
      itemIds: [theirs.id],
    })
    for (const query of [
      { parentId: shelf.parentId },
      { q: 'by the' },
    ] as Record<string, string>[]) {
      const ofUploader = await selected(query, uploader.token)
      expect([
        ofUploader.items.map(({ id }) => id),
        ofUploader.total,
      ]).toEqual([
        [own.id],
        1,
      ])
      const ofContributor = await selected(query, contributor.token)
      expect(ofContributor.items.map(({ id, permissions, linkCount }) => [
        permissions.includes('change'),
        linkCount,
        id === theirs.id,
      ])).toEqual([
        [true, 1, true],
        [false, 0, false],
        [false, 0, false],
      ])
    }
    expect((await select({ parentId: place.parentId }, foreign.owner.token)).status).toBe(404)
    expect((await select({ parentId: foreign.rootId })).status).toBe(404)
  })

  it('takes no page', async () => {
    for (const query of [
      { limit: '10' },
      { cursor: 'x' },
    ] as Record<string, string>[]) expect((await select({ parentId: place.parentId, ...query })).status).toBe(400)
  })
})

describe('a list longer than a request can name', () => {
  const more = 5
  let place: Place
  beforeAll(async () => {
    place = await inside(root, 'Endless')
    await test.deps.db.execute(sql`
      insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, size_bytes, created_by, created_at, updated_at)
      select gen_random_uuid(), ${place.workspaceId}, ${place.spaceId}, ${place.parentId}, case when n <= 3 then 'folder' else 'file' end,
        'endless ' || n, 'endless ' || n, 'endless ' || n, n, ${owner.id}, now(), now()
      from generate_series(1, ${MOST_AT_ONCE + more}::int) n`)
  })

  it('is chosen as far as one can, and says how long it is', async () => {
    for (const query of [
      { parentId: place.parentId },
      { parentId: place.parentId, q: 'endless' },
    ] as Record<string, string>[]) {
      const { items, total } = await selected(query)
      expect([items.length, total]).toEqual([MOST_AT_ONCE, MOST_AT_ONCE + more])
      expect([0, 2, 3, MOST_AT_ONCE - 1].map(at => items[at]!.name)).toEqual([
        'endless 1',
        'endless 3',
        'endless 4',
        `endless ${MOST_AT_ONCE}`,
      ])
    }
    const uploader = await addMember(test, workspace, 'staff', { spaceRole: 'uploader' })
    expect(await selected({ parentId: place.parentId }, uploader.token)).toMatchObject({ total: 3 })
  })
})
