import { afterAll, describe, expect, it } from 'vitest'
import { addMember } from '../../../test/factories.ts'
import { createFileRow } from '../../../test/item-factories.ts'
import { createItemsFixture, nil } from './items.fixture.ts'
import { MOST_AT_ONCE } from './items.schemas.ts'

const { test, workspace, foreign, owner, root, inside, list, post, trashOne, restore, listTrash, eventsOf, namesIn, rowOf } = await createItemsFixture()
afterAll(() => test.close())

const trash = (itemIds: unknown, token = owner.token) => post('/items/trash', { itemIds }, token)
const restoreAll = (itemIds: string[], token = owner.token) => post('/trash/restore', { itemIds }, token)
const purge = (body: unknown, token = owner.token) => post('/trash/purge', body, token)

describe('the trash', () => {
  describe('takes', () => {
    it('a folder with all that is in it, by one event', async () => {
      const place = await inside(root, 'Takes')
      const folder = await inside(place, 'folder')
      const { id } = await createFileRow(test, folder, 'file.txt', owner)
      const answer = await trashOne(folder.parentId)
      expect([answer.status, answer.raw.length]).toEqual([204, 0])
      expect((await test.call('GET', `/items/${id}`, { token: owner.token })).status).toBe(404)
      expect((await test.call('GET', `/workspaces/${workspace.id}/items?parentId=${place.parentId}`, { token: owner.token })).body.items).toEqual([])
      expect(await eventsOf(folder.parentId, id)).toMatchObject([
        {
          action: 'item.trashed',
          name: 'folder',
          details: { from: 'Takes', fromId: place.parentId },
        },
      ])
      expect((await trashOne(folder.parentId)).status).toBe(404)
    })

    it('all of many or none', async () => {
      const place = await inside(root, 'Many')
      const ids: string[] = []
      for (const name of ['a', 'b', 'c']) ids.push((await createFileRow(test, place, name, owner)).id)
      for (const wrong of [nil, foreign.rootId]) expect((await trash([...ids, wrong])).status).toBe(404)
      const top = await trash([...ids, root.parentId])
      expect([top.status, top.body.code]).toEqual([409, 'item.is_root'])
      for (const itemIds of [
        [],
        [ids[0], ids[0]],
        'x',
        ['x'],
        Array.from({ length: MOST_AT_ONCE + 1 }, () => test.deps.newId()),
      ]) expect((await trash(itemIds)).status).toBe(400)
      const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
      expect((await trash(ids, contributor.token)).status).toBe(403)
      expect(await eventsOf(...ids)).toMatchObject([])
      expect((await trash(ids)).status).toBe(204)
      expect(await eventsOf(...ids)).toHaveLength(3)
    })

    it('nothing of another workspace by the address of this one, even from somebody who is in both', async () => {
      const both = await addMember(test, workspace, 'staff', { spaceRole: 'manager' })
      await addMember(test, foreign, 'admin', { user: both })
      const theirs = await createFileRow(test, { workspaceId: foreign.id, spaceId: foreign.spaceId, parentId: foreign.rootId }, 'theirs.txt', foreign.owner)
      expect((await trash([theirs.id], both.token)).status).toBe(404)
      expect((await trashOne(theirs.id, both.token)).status).toBe(204)
      expect((await purge({
        itemIds: [theirs.id],
      }, both.token)).status).toBe(404)
      expect((await listTrash({}, both.token)).body.items.map((item: { id: string }) => item.id)).not.toContain(theirs.id)
    })

    it('a folder and what is in it as one', async () => {
      const folder = await inside(root, 'Outer')
      const { id } = await createFileRow(test, folder, 'inner.txt', owner)
      expect((await trash([id, folder.parentId])).status).toBe(204)
      expect(await eventsOf(id)).toMatchObject([])
      await restore(folder.parentId)
      expect((await test.call('GET', `/items/${id}`, { token: owner.token })).status).toBe(200)
    })

    it('no folder with the files of others from somebody who may change only their own', async () => {
      const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
      const folder = await inside(root, 'Own', contributor)
      await createFileRow(test, folder, 'own.txt', contributor)
      const { id } = await createFileRow(test, await inside(folder, 'deep', contributor), 'of-the-owner.txt', owner)
      const refused = await trashOne(folder.parentId, contributor.token)
      expect([refused.status, refused.body.code]).toEqual([403, 'access.denied'])
      await trashOne(id)
      expect((await trashOne(folder.parentId, contributor.token)).status).toBe(403)
      await purge({
        itemIds: [id],
      })
      expect((await trashOne(folder.parentId, contributor.token)).status).toBe(204)
    })
  })

  describe('lists', () => {
    it('what the person may change, newest first, with where it was', async () => {
      const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
      const viewer = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
      const place = await inside(root, 'Listed')
      const made: string[] = []
      for (const [name, by] of [
        ['1', owner],
        ['2', contributor],
        ['3', contributor],
      ] as const) {
        const { id } = await createFileRow(test, place, name, by)
        made.push(id)
        await trashOne(id)
      }
      const all = await listTrash({ limit: '2' })
      expect(all.body.items).toMatchObject([
        {
          id: made[2],
          trashedBy: { id: owner.id, name: owner.name },
          trashedAt: expect.any(String),
          originalPath: [
            { id: root.parentId },
            { id: place.parentId, name: 'Listed' },
          ],
        },
        { id: made[1] },
      ])
      expect((await listTrash({ limit: '1', cursor: all.body.nextCursor })).body.items).toMatchObject([
        { id: made[0] },
      ])
      expect((await listTrash({}, contributor.token)).body.items.map((item: { id: string }) => item.id)).toEqual([made[2], made[1]])
      expect((await listTrash({}, viewer.token)).body).toEqual({ items: [], nextCursor: null })
      expect((await listTrash({}, foreign.owner.token)).status).toBe(404)
    })

    it.each([
      [
        'no cursor',
        { cursor: 'x' },
      ],
      [
        'a cursor with no instant',
        {
          cursor: Buffer.from(JSON.stringify(['yesterday', nil])).toString('base64url'),
        },
      ],
      [
        'a cursor with no id',
        {
          cursor: Buffer.from(JSON.stringify(['2030-01-01T00:00:00.000Z', 'x'])).toString('base64url'),
        },
      ],
      [
        'a limit without end',
        { limit: '201' },
      ],
    ])('refuses %s', async (_what, query) => {
      expect((await listTrash(query)).body.code).toBe('request.invalid')
    })
  })

  describe('gives back', () => {
    it('to where it was, numbered when the name is taken', async () => {
      const place = await inside(root, 'Back')
      const { id } = await createFileRow(test, place, 'a.txt', owner)
      await trashOne(id)
      await createFileRow(test, place, 'A.TXT', owner)
      const answer = await restore(id)
      expect([answer.status, answer.body.name, answer.body.parentId]).toEqual([200, 'a (2).txt', place.parentId])
      expect((await eventsOf(id)).at(-1)).toMatchObject({
        action: 'item.restored',
        name: 'a (2).txt',
        details: { to: 'Back', toId: place.parentId, nameBefore: 'a.txt' },
      })
      expect((await restore(id)).body.code).toBe('item.not_in_trash')
    })

    it('two of one name at once, each under its own', async () => {
      const place = await inside(root, 'Twice')
      const ids: string[] = []
      for (let n = 0; n < 5; n++) {
        const { id } = await createFileRow(test, place, 'a.txt', owner)
        ids.push(id)
        await trashOne(id)
      }
      const answers = await Promise.all(ids.map(id => restore(id)))
      expect(answers.map(answer => answer.body.name).sort()).toEqual([
        'a (2).txt',
        'a (3).txt',
        'a (4).txt',
        'a (5).txt',
        'a.txt',
      ])
    })

    it('to the nearest folder that is not in the trash', async () => {
      const outer = await inside(root, 'Nearest')
      const middle = await inside(outer, 'middle')
      const inner = await inside(middle, 'inner')
      const { id } = await createFileRow(test, inner, 'a.txt', owner)
      await trashOne(id)
      await trashOne(inner.parentId)
      await trashOne(middle.parentId)
      expect((await restore(id)).body.parentId).toBe(outer.parentId)
      await trashOne(outer.parentId)
      expect((await restore(inner.parentId)).body.parentId).toBe(root.parentId)
    })

    it('nothing that is there only with its folder, unknown, of others, or not for this person', async () => {
      const folder = await inside(root, 'With its folder')
      const { id } = await createFileRow(test, folder, 'a.txt', owner)
      await trashOne(folder.parentId)
      expect((await restore(id)).body.code).toBe('item.not_in_trash')
      for (const unknown of [nil, foreign.rootId]) expect((await restore(unknown)).status).toBe(404)
      const viewer = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
      expect((await restore(folder.parentId, viewer.token)).status).toBe(403)
      expect((await restore(folder.parentId, foreign.owner.token)).status).toBe(404)
    })

    it('many at once, each to its own folder and under a free name', async () => {
      const [here, there] = [await inside(root, 'Many here'), await inside(root, 'Many there')]
      const ids: string[] = []
      for (const [place, name] of [
        [here, 'a.txt'],
        [here, 'b.txt'],
        [there, 'a.txt'],
      ] as const) ids.push((await createFileRow(test, place, name, owner)).id)
      // Three of one name, of which two were deleted before.
      for (let n = 0; n < 2; n++) {
        ids.push((await createFileRow(test, there, 'A.txt', owner, { onConflict: 'rename' })).id)
        await trashOne(ids.at(-1)!)
      }
      expect((await trash(ids.slice(0, 3))).status).toBe(204)
      const answer = await restoreAll(ids)
      expect([answer.status, answer.raw.length]).toEqual([204, 0])
      expect(await namesIn(here)).toEqual(['a.txt', 'b.txt'])
      expect((await namesIn(there)).map(name => name.toLowerCase())).toHaveLength(3)
      expect(await Promise.all(ids.map(async id => (await rowOf(id)).trashedAt))).toEqual(ids.map(() => null))
      expect((await eventsOf(ids[2]!)).at(-1)).toMatchObject({
        action: 'item.restored',
        details: { to: 'Many there', toId: there.parentId },
      })
    })

    it('what was found in one another as it was, and what was deleted before its folder into it', async () => {
      const folder = await inside(root, 'One another')
      const { id: file } = await createFileRow(test, folder, 'with it.txt', owner)
      const { id: before } = await createFileRow(test, folder, 'before it.txt', owner)
      await trashOne(before)
      expect((await trash([folder.parentId, file])).status).toBe(204)
      expect((await restoreAll([before, file, folder.parentId])).status).toBe(204)
      expect((await list({ parentId: folder.parentId })).body.items.map(({ name }: { name: string }) => name)).toEqual(['before it.txt', 'with it.txt'])
      expect((await eventsOf(file)).filter(({ action }) => action === 'item.restored')).toEqual([])
    })

    it('all of many or none', async () => {
      const folder = await inside(root, 'All or none')
      const { id } = await createFileRow(test, folder, 'deleted.txt', owner)
      const { id: living } = await createFileRow(test, folder, 'living.txt', owner)
      await trashOne(id)
      expect((await restoreAll([id, living])).body.code).toBe('item.not_in_trash')
      expect((await restoreAll([id, nil])).status).toBe(404)
      const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
      expect((await restoreAll([id], contributor.token)).status).toBe(403)
      expect((await rowOf(id)).trashedAt).not.toBeNull()
    })
  })
})
