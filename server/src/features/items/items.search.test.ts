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

  it.each([
    ['λόγος.pdf', 'λόγος'],
    ['ΛΟΓΟΣ 2.pdf', 'λόγος'],
    ['İstanbul ışık.txt', 'istanbul'],
    ['İstanbul ışık.txt', 'IŞIK'],
    ['Résumé.doc', 'resume'],
    ['resume 2.doc', 'RÉSUMÉ'],
    ['Łódź.txt', 'lodz'],
    ['Annual report 2026.pdf', '2026 annual'],
    ['Annual report 2026.pdf', 'port  nual'],
    ['報告書.pdf', '告書'],
    ['한글.txt', '\u1112\u1161\u11AB'],
  ])('%s, by %s', async (name, q) => {
    const there = await inside(root, `${name} by ${q.normalize('NFD')}!`)
    await createFileRow(test, there, name, owner)
    await createFileRow(test, there, 'another', owner)
    expect(namesOf(await list({ q, parentId: there.parentId }))).toEqual([name])
  })

  it('only where all words are, and nowhere by what nobody sees', async () => {
    expect(namesOf(await list({ q: 'strasse nowhere' }))).toEqual([])
    const unseen = await list({ q: '\u200B\u2060x' })
    expect(unseen.status).toBe(200)
    expect([(await list({ q: '\u200B' })).body.code, (await list({ q: '\u0301' })).body.items]).toEqual(['request.invalid', []])
  })

  it('by its new name, after it was renamed, moved or restored', async () => {
    const there = await inside(root, 'Renaming')
    const { id } = await createFileRow(test, there, 'Früher.txt', owner)
    const found = async (q: string) => namesOf(await list({ q, parentId: there.parentId }))
    await test.call('PATCH', `/items/${id}`, {
      token: owner.token,
      body: { name: 'Später.txt' },
    })
    expect([await found('fruher'), await found('spater')]).toEqual([
      [],
      ['Später.txt'],
    ])
    await test.call('DELETE', `/items/${id}`, { token: owner.token })
    await createFileRow(test, there, 'später.TXT', owner)
    await test.call('POST', `/items/${id}/restore`, { token: owner.token })
    expect((await found('(2)'))).toEqual(['Später (2).txt'])
    const folder = await test.call('PATCH', `/workspaces/${there.workspaceId}`, {
      token: owner.token,
      body: { name: 'Grüße' },
    })
    expect(folder.status).toBe(200)
  })

  it('tells where each lies; a folder\'s list does not, for it lies there', async () => {
    const [found] = (await list({ q: 'strasse_1000' })).body.items
    expect(found.path.map((step: { name: string }) => step.name)).toEqual([
      expect.any(String),
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
    [
      'e_1',
      ['strasse_1000.txt'],
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
