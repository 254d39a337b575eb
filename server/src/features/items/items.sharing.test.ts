import type { TestUser } from '../../../test/factories.ts'
import type { Place } from '../../../test/item-factories.ts'
import type { Link } from '../links/links.schemas.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember } from '../../../test/factories.ts'
import { createFileRow } from '../../../test/item-factories.ts'
import { links } from '../links/links.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { createItemsFixture } from './items.fixture.ts'

const { test, workspace, owner, root, inside, list, change, post, trashOne, restore, listTrash } = await createItemsFixture()
afterAll(() => test.close())

interface Shared { id: string, name: string, linkCount: number | null, inheritedLinkCount: number | null }
/** By the links that name it, and those that name a folder above it. */
const counts = ({ linkCount, inheritedLinkCount }: Shared) => [linkCount, inheritedLinkCount]
const get = async (id: string, token = owner.token) => (await test.call('GET', `/items/${id}`, { token })).body as Shared & { path: Shared[] }
const countsOf = async (id: string) => counts(await get(id))

async function share(itemIds: string[], limits: Partial<typeof links.$inferInsert> = {}): Promise<Link> {
  const { status, body } = await post('/links', { itemIds })
  expect([status, body.detail]).toEqual([201, undefined])
  if (Object.keys(limits).length > 0) await test.deps.db.update(links).set(limits).where(eq(links.id, body.id))
  return body
}

describe('the links through which an item is visible', () => {
  let outer: Place
  let inner: Place
  let file: { id: string }
  beforeAll(async () => {
    outer = await inside(root, 'Outer')
    inner = await inside(outer, 'Inner')
    file = await createFileRow(test, inner, 'named.txt', owner)
    await createFileRow(test, inner, 'beside.txt', owner)
    await inside(inner, 'Below')
    await share([file.id])
    await share([inner.parentId])
    await share([outer.parentId])
    // One link, whichever way it leads there.
    await share([file.id, outer.parentId, inner.parentId])
  })

  it('are those that name it and, apart from them, those that name a folder above it, each once', async () => {
    const { body } = await list({ parentId: inner.parentId })
    expect(body.items.map((item: Shared) => [
      item.name,
      ...counts(item),
    ])).toEqual([
      ['Below', 0, 3],
      ['beside.txt', 0, 3],
      ['named.txt', 2, 2],
    ])
    expect(await countsOf(inner.parentId)).toEqual([2, 1])
    expect(await countsOf(outer.parentId)).toEqual([2, 0])
    expect(await countsOf(workspace.rootId)).toEqual([0, 0])
  })

  it('are told for each folder on its way', async () => {
    const { path } = await get(file.id)
    expect(path.slice(1).map(step => [
      step.name,
      ...counts(step),
    ])).toEqual([
      ['Outer', 2, 0],
      ['Inner', 2, 1],
      ['named.txt', 2, 2],
    ])
    const named = await createFileRow(test, root, 'named with the folder above.txt', owner)
    const link = await share([named.id, workspace.rootId])
    const answer = await get(named.id)
    await test.deps.db.delete(links).where(eq(links.id, link.id))
    expect([
      counts(answer),
      counts(answer.path[0]!),
    ]).toEqual([
      [1, 0],
      [1, 0],
    ])
  })

  it('are counted for each of what a search finds, wherever it lies', async () => {
    await createFileRow(test, root, 'named elsewhere.txt', owner)
    await createFileRow(test, outer, 'named higher.txt', owner)
    const { body } = await list({ q: 'named' })
    const found = new Map(body.items.map((item: Shared) => [
      item.name,
      counts(item),
    ]))
    expect(['named.txt', 'named higher.txt', 'named elsewhere.txt'].map(name => found.get(name))).toEqual([
      [2, 2],
      [0, 2],
      [0, 0],
    ])
  })
})

it('counts no link that is revoked, expired or used up', async () => {
  const place = await inside(root, 'Ended')
  const { id } = await createFileRow(test, place, 'ended.txt', owner)
  const now = test.deps.clock().getTime()
  for (const limits of [
    {
      revokedAt: new Date(now),
    },
    {
      expiresAt: new Date(now - 60_000),
    },
    { maxDownloads: 2, downloadCount: 2 },
  ]) await share([id, place.parentId], limits)
  expect([await countsOf(id), await countsOf(place.parentId)]).toEqual([
    [0, 0],
    [0, 0],
  ])
  await share([place.parentId], { maxDownloads: 2, downloadCount: 1 })
  await share([id], {
    expiresAt: new Date(now + 60_000),
  })
  expect([await countsOf(id), await countsOf(place.parentId)]).toEqual([
    [1, 1],
    [1, 0],
  ])
})

it('goes by where an item is by now', async () => {
  const open = await inside(root, 'Open')
  const quiet = await inside(root, 'Quiet')
  await share([open.parentId])
  const box = await inside(quiet, 'Box')
  const { id } = await createFileRow(test, box, 'in the box.txt', owner)
  expect(await countsOf(id)).toEqual([0, 0])
  const moved = await change(box.parentId, { parentId: open.parentId })
  expect(counts(moved.body)).toEqual([0, 1])
  expect(await countsOf(id)).toEqual([0, 1])
  const back = await post('/items/move', {
    itemIds: [box.parentId],
    parentId: quiet.parentId,
  })
  expect(counts(back.body.items[0])).toEqual([0, 0])
  expect(await countsOf(id)).toEqual([0, 0])
})

it('tells of what is in the trash by which links it will be seen when it comes back', async () => {
  const open = await inside(root, 'Seen from outside')
  await share([open.parentId])
  const shelf = await inside(open, 'Shelf')
  await share([shelf.parentId])
  const { id } = await createFileRow(test, shelf, 'thrown away.txt', owner)
  const inTrash = async (id: string) => counts((await listTrash()).body.items.find((item: Shared) => item.id === id))
  await trashOne(id)
  expect(await inTrash(id)).toEqual([0, 2])
  // Its folder is gone too: it would come back to the one above.
  await trashOne(shelf.parentId)
  expect(await inTrash(id)).toEqual([0, 1])
  expect(counts((await restore(id)).body)).toEqual([0, 1])
})

describe('who may not know of links', () => {
  async function withRole(role: 'staff' | 'client', folder: Place): Promise<TestUser> {
    const user = await addMember(test, workspace, role)
    await test.deps.db.insert(grants).values({
      id: randomUUIDv7(),
      workspaceId: workspace.id,
      folderId: folder.parentId,
      userId: user.id,
      role: 'editor',
      createdAt: test.deps.clock(),
    })
    return user
  }

  it('is told of none: a client’s people see items, not with whom else they are shared', async () => {
    const place = await inside(root, 'Of a client')
    const { id } = await createFileRow(test, place, 'theirs.txt', owner)
    await share([id])
    await share([place.parentId])
    const client = await withRole('client', place)
    const seen = await get(id, client.token)
    expect(seen.name).toBe('theirs.txt')
    expect([seen, ...seen.path].map(counts)).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ])
    const renamed = await change(id, { name: 'renamed.txt' }, { token: client.token })
    expect([
      renamed.status,
      ...counts(renamed.body),
    ]).toEqual([200, null, null])
    await trashOne(id, client.token)
    const restored = await restore(id, client.token)
    expect([
      restored.status,
      ...counts(restored.body),
    ]).toEqual([200, null, null])
  })

  it('is not staff, who learn that a folder above is shared, though not what it is called', async () => {
    const above = await inside(root, 'Hidden above')
    const place = await inside(above, 'Granted')
    await share([above.parentId])
    const seen = await get(place.parentId, (await withRole('staff', place)).token)
    expect(counts(seen)).toEqual([0, 1])
    expect(seen.path.map(({ name }) => name)).toEqual(['Granted'])
  })
})
