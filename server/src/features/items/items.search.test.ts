import type { Place } from '../../../test/item-factories.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFileRow } from '../../../test/item-factories.ts'
import { createItemsFixture, namesOf } from './items.fixture.ts'
import { items } from './items.table.ts'

const { test, foreign, owner, root, inside, list } = await createItemsFixture()
afterAll(() => test.close())

describe('items found by a part of the name', () => {
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

  it('tells where each lies; a folder\'s list does not, for it lies there', async () => {
    const [found] = (await list({ q: 'strasse_1000' })).body.items
    expect(found.path.map((step: { name: string }) => step.name)).toEqual([
      expect.stringMatching(/^Workspace/),
      'Search here',
      'Deeper',
    ])
    expect(found.path.at(-1).id).toBe(found.parentId)
    for (const item of (await list({ parentId: place.parentId })).body.items) expect(item).not.toHaveProperty('path')
  })

  it('below a folder, at any depth', async () => {
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

  it('a page at a time', async () => {
    const first = await list({ q: 'straße', limit: '2' })
    const second = await list({ q: 'straße', limit: '2', cursor: first.body.nextCursor })
    expect([
      ...namesOf(first),
      ...namesOf(second),
    ]).toEqual(namesOf(await list({ q: 'straße' })))
    expect([first.body.items.length, second.body.items.length, second.body.nextCursor]).toEqual([2, 1, null])
  })
})
