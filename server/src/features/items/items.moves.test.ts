import { randomUUIDv7 } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { addMember } from '../../../test/factories.ts'
import { createFileRow } from '../../../test/item-factories.ts'
import { spaces } from '../spaces/spaces.table.ts'
import { codesOf, createItemsFixture, nil } from './items.fixture.ts'
import { MOST_AT_ONCE } from './items.schemas.ts'
import { items } from './items.table.ts'

const { test, workspace, foreign, owner, root, inside, change, post, rowOf, namesIn, eventsOf } = await createItemsFixture()
afterAll(() => test.close())

const move = (body: unknown, token = owner.token) => post('/items/move', body, token)

describe('moving items', () => {
  it('one item, under a new name if wanted, with an event for each', async () => {
    const from = await inside(root, 'From')
    const to = await inside(root, 'To')
    const { id } = await createFileRow(test, from, 'a.txt', owner)
    const answer = await change(id, { parentId: to.parentId, name: 'b.txt' })
    expect(answer.body).toMatchObject({
      parentId: to.parentId,
      name: 'b.txt',
      permissions: expect.arrayContaining(['change']),
    })
    expect(await eventsOf(id)).toEqual([
      {
        action: 'item.renamed',
        name: 'b.txt',
        by: owner.id,
        details: {
          from: 'a.txt',
          to: 'b.txt',
          parentId: expect.any(String),
          parentName: 'To',
        },
      },
      {
        action: 'item.moved',
        name: 'b.txt',
        by: owner.id,
        details: {
          from: 'From',
          fromId: from.parentId,
          to: 'To',
          toId: to.parentId,
        },
      },
    ])
  })

  it('no folder into itself or below itself', async () => {
    const outer = await inside(root, 'Outer')
    const inner = await inside(await inside(outer, 'middle'), 'inner')
    for (const target of [outer, inner]) {
      for (const answer of [await change(outer.parentId, { parentId: target.parentId }), await move({
        itemIds: [outer.parentId],
        parentId: target.parentId,
      })]) {
        expect([answer.status, answer.body.code]).toEqual([409, 'item.into_itself'])
      }
    }
  })

  it('never makes a cycle of two moves that cross', async () => {
    for (let round = 0; round < 10; round++) {
      const a = await inside(root, `A${round}`)
      const b = await inside(root, `B${round}`)
      const deepA = await inside(await inside(a, 'x'), 'y')
      const deepB = await inside(await inside(b, 'x'), 'y')
      const answers = await Promise.all([
        change(a.parentId, { parentId: deepB.parentId }),
        move({
          itemIds: [b.parentId],
          parentId: deepA.parentId,
        }),
      ])
      expect(codesOf(answers)).toEqual([200, 'item.into_itself'])
    }
  })

  it('all or none', async () => {
    const from = await inside(root, 'Bulk from')
    const to = await inside(root, 'Bulk to')
    await createFileRow(test, to, 'TWO.txt', owner)
    const ids: string[] = []
    for (const name of ['one.txt', 'two.txt', 'three.txt']) ids.push((await createFileRow(test, from, name, owner)).id)
    const taken = await move({ itemIds: ids, parentId: to.parentId })
    expect([taken.status, taken.body.code]).toEqual([409, 'item.name_taken'])
    expect((await move({
      itemIds: [...ids, nil],
      parentId: to.parentId,
    })).status).toBe(404)
    expect((await move({
      itemIds: [...ids, foreign.rootId],
      parentId: to.parentId,
    })).status).toBe(404)
    expect((await move({
      itemIds: [...ids, root.parentId],
      parentId: to.parentId,
    })).body.code).toBe('item.is_root')
    expect(await namesIn(from)).toHaveLength(3)
    expect(await eventsOf(...ids)).toEqual([])

    const answer = await move({ itemIds: ids, parentId: to.parentId, onConflict: 'rename' })
    expect(answer.status).toBe(200)
    expect(answer.body.items.map((item: { id: string, name: string }) => [item.id, item.name])).toEqual([
      [ids[0], 'one.txt'],
      [ids[1], 'two (2).txt'],
      [ids[2], 'three.txt'],
    ])
    expect((await eventsOf(...ids)).map(({ action }) => action)).toEqual([
      'item.moved',
      'item.renamed',
      'item.moved',
      'item.moved',
    ])
  })

  it('items of one name from several folders under different names', async () => {
    const to = await inside(root, 'Gather')
    const ids: string[] = []
    for (const folder of ['g1', 'g2', 'g3']) ids.push((await createFileRow(test, await inside(root, folder), 'same.txt', owner)).id)
    expect((await move({ itemIds: ids, parentId: to.parentId })).body.code).toBe('item.name_taken')
    expect((await move({ itemIds: ids, parentId: to.parentId, onConflict: 'rename' })).status).toBe(200)
    expect(await namesIn(to)).toEqual(['same (2).txt', 'same (3).txt', 'same.txt'])
  })

  it('leaves what is already there as it is', async () => {
    const place = await inside(root, 'Stay')
    const { id } = await createFileRow(test, place, 'stay.txt', owner)
    const answer = await move({
      itemIds: [id],
      parentId: place.parentId,
    })
    expect(answer.body.items).toMatchObject([
      { id, etag: '"1"', parentId: place.parentId },
    ])
    expect(await eventsOf(id)).toEqual([])
  })

  it('1,000 at once, and tells who looks', async () => {
    const from = await inside(root, 'Thousand from')
    const to = await inside(root, 'Thousand to')
    const now = new Date()
    const rows = Array.from({ length: 1000 }, (_, n) => ({
      id: randomUUIDv7(),
      ...from,
      kind: 'folder' as const,
      name: `n${n}`,
      nameKey: `n${n}`,
      searchText: `n${n}`,
      createdBy: owner.id,
      createdAt: now,
      updatedAt: now,
    }))
    await test.deps.db.insert(items).values(rows)
    const heard: unknown[] = []
    const unsubscribe = test.deps.live.subscribe(workspace.id, event => event.topic === 'items' && heard.push(event.parentIds))
    const answer = await move({
      itemIds: rows.map(({ id }) => id),
      parentId: to.parentId,
    })
    expect(answer.status).toBe(200)
    expect(answer.body.items).toHaveLength(1000)
    await expect.poll(() => heard).toEqual([
      [to.parentId, from.parentId],
    ])
    unsubscribe()
    expect((await move({
      itemIds: Array.from({ length: MOST_AT_ONCE + 1 }, () => randomUUIDv7()),
      parentId: from.parentId,
    })).status).toBe(400)
  })

  it('to another space of the workspace, with all that is below; not to another workspace', async () => {
    const otherSpace = {
      id: randomUUIDv7(),
      rootId: randomUUIDv7(),
    }
    const now = new Date()
    await test.deps.db.insert(spaces).values({
      id: otherSpace.id,
      workspaceId: workspace.id,
      kind: 'team',
      name: 'Other',
      rootFolderId: otherSpace.rootId,
      createdAt: now,
    })
    await test.deps.db.insert(items).values({
      id: otherSpace.rootId,
      workspaceId: workspace.id,
      spaceId: otherSpace.id,
      parentId: null,
      kind: 'folder',
      name: 'Other',
      nameKey: 'other',
      searchText: 'other',
      createdAt: now,
      updatedAt: now,
    })
    const tree = await inside(root, 'Tree')
    const below = await inside(tree, 'below')
    const { id } = await createFileRow(test, below, 'leaf.txt', owner)
    expect((await change(tree.parentId, { parentId: foreign.rootId })).status).toBe(404)
    expect((await change(tree.parentId, { parentId: otherSpace.rootId })).body.spaceId).toBe(otherSpace.id)
    for (const moved of [tree.parentId, below.parentId, id]) expect((await rowOf(moved)).spaceId).toBe(otherSpace.id)
    expect((await change(id, { parentId: root.parentId })).body.spaceId).toBe(root.spaceId)
  })

  it('needs the right to change here and to add there', async () => {
    const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
    const viewer = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    const to = await inside(root, 'Rights')
    const theirs = await createFileRow(test, root, 'rights-theirs.txt', owner)
    const own = await createFileRow(test, root, 'rights-own.txt', contributor)
    const folder = await inside(root, 'Own folder', contributor)
    await createFileRow(test, folder, 'of-the-owner.txt', owner)
    expect((await move({
      itemIds: [own.id, theirs.id],
      parentId: to.parentId,
    }, contributor.token)).body.code).toBe('access.denied')
    expect((await move({
      itemIds: [own.id],
      parentId: to.parentId,
    }, viewer.token)).body.code).toBe('access.denied')
    const shared = await move({
      itemIds: [folder.parentId],
      parentId: to.parentId,
    }, contributor.token)
    expect([shared.status, shared.body.code]).toEqual([403, 'access.denied'])
    expect((await move({
      itemIds: [own.id],
      parentId: to.parentId,
    }, contributor.token)).status).toBe(200)
    expect((await move({
      itemIds: [own.id],
      parentId: to.parentId,
    }, foreign.owner.token)).status).toBe(404)
  })

  it.each([
    [
      'an id twice',
      [nil, nil],
    ],
    ['nothing', []],
    [
      'what is no id',
      ['x'],
    ],
    ['what is no list', nil],
  ])('refuses %s', async (_what, itemIds) => {
    const answer = await move({ itemIds, parentId: root.parentId })
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
  })
})
