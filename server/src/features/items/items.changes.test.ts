import { afterAll, describe, expect, it } from 'vitest'
import { addMember } from '../../../test/factories.ts'
import { createFileRow } from '../../../test/item-factories.ts'
import { codesOf, createItemsFixture, nil } from './items.fixture.ts'

const { test, workspace, foreign, owner, root, inside, change, post, rowOf, namesIn, eventsOf } = await createItemsFixture()
afterAll(() => test.close())

const makeFolder = (parentId: string, name: unknown, token = owner.token) => post('/folders', { parentId, name }, token)

describe('changing items', () => {
  describe('makes folders', () => {
    it('with an event', async () => {
      const answer = await makeFolder(root.parentId, 'Contracts')
      expect(answer.status).toBe(201)
      expect(answer.body).toMatchObject({
        kind: 'folder',
        name: 'Contracts',
        parentId: root.parentId,
        createdBy: { id: owner.id, name: owner.name },
        etag: '"1"',
        linkCount: 0,
        inheritedLinkCount: 0,
        permissions: expect.arrayContaining(['manage']),
      })
      expect(await eventsOf(answer.body.id)).toEqual([
        {
          action: 'folder.created',
          name: 'Contracts',
          by: owner.id,
          details: {
            parentId: root.parentId,
            parentName: expect.any(String),
          },
        },
      ])
    })

    it('once, however many ask at once for the same name in other forms', async () => {
      const place = await inside(root, 'Race')
      const answers = await Promise.all([
        'Größe',
        'GRÖSSE',
        'gröẞe',
        'Gro\u0308ße',
        'größe',
        'Größe',
      ].map(name => makeFolder(place.parentId, name)))
      expect(codesOf(answers)).toEqual([
        201,
        ...Array.from({ length: 5 }).fill('item.name_taken'),
      ])
      expect(answers.find(answer => answer.status === 409)!.body.errors).toEqual([
        {
          pointer: '/name',
          detail: expect.any(String),
        },
      ])
      expect(await namesIn(place)).toHaveLength(1)
    })

    it('or merges them with the one of the same name, as the server sees it, however many ask at once', async () => {
      const place = await inside(root, 'Merging')
      const there = await makeFolder(place.parentId, 'Strasse 1')
      const merge = (name: string) => post('/folders', { parentId: place.parentId, name, onConflict: 'merge' })
      const answers = await Promise.all([
        'Straße 1',
        'STRASSE 1',
        'strasse 1\u200F',
        'New',
        'new',
        'NEW',
      ].map(merge))
      expect(answers.slice(0, 3).map(({ status, body }) => [status, body.id, body.name])).toEqual(Array.from({ length: 3 }).fill([200, there.body.id, 'Strasse 1']))
      expect(codesOf(answers.slice(3))).toEqual([200, 200, 201])
      expect(new Set(answers.slice(3).map(({ body }) => body.id)).size).toBe(1)
      expect(await namesIn(place)).toHaveLength(2)
      expect((await eventsOf(there.body.id)).map(({ action }) => action)).toEqual(['folder.created'])
    })

    it('or with a number where a file has the name, the same one each time', async () => {
      const place = await inside(root, 'Merging beside a file')
      await createFileRow(test, place, 'Straße', owner)
      await createFileRow(test, place, 'STRASSE (2)', owner)
      const merge = () => post('/folders', { parentId: place.parentId, name: 'strasse', onConflict: 'merge' })
      const [first, second] = [await merge(), await merge()]
      expect([
        first.status,
        first.body.name,
        second.status,
        second.body.id,
      ]).toEqual([201, 'strasse (3)', 200, first.body.id])
    })

    it('and offers a name instead of one that cannot be', async () => {
      const answer = await makeFolder(root.parentId, ' Final.')
      expect(answer.body).toMatchObject({
        code: 'item.name_invalid',
        detail: 'A name cannot begin with a space or end with a space or a dot',
        suggestedName: 'Final',
      })
      expect((await makeFolder(root.parentId, '...')).body.suggestedName).toBeNull()
    })

    it.each([
      ['Cyrillic letters', 'Ж'],
      ['kanji', '報'],
    ])('of 255 %s, and finds them', async (_what, letter) => {
      const name = letter.repeat(255)
      const place = await inside(root, `Long ${letter}`)
      expect((await makeFolder(place.parentId, name)).body.name).toBe(name)
      const { body } = await test.call('GET', `/workspaces/${workspace.id}/items?q=${encodeURIComponent(letter.repeat(200))}&parentId=${place.parentId}`, { token: owner.token })
      expect(body.items).toHaveLength(1)
    })

    it.each([
      '..',
      'a/b',
      'a\u0000',
      'a\u202Eb',
      'NUL',
      'a'.repeat(256),
      ' ',
      '\uD800',
    ])('but none called %j', async (name) => {
      const answer = await makeFolder(root.parentId, name)
      expect([answer.status, answer.body.code]).toEqual([400, 'item.name_invalid'])
      expect(answer.body.errors[0].pointer).toBe('/name')
    })

    it.each([
      ['nothing', ''],
      ['a number', 1],
      ['an object', {}],
      [
        'a very long text',
        'a'.repeat(1025),
      ],
    ])('but not called %s', async (_what, name) => {
      const answer = await makeFolder(root.parentId, name)
      expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
    })

    it('only where there is a folder that one may add to', async () => {
      const file = await createFileRow(test, root, 'not-a-folder.txt', owner)
      for (const parentId of [nil, foreign.rootId, file.id]) expect((await makeFolder(parentId, 'x')).status).toBe(404)
      const viewer = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
      const refused = await makeFolder(root.parentId, 'x', viewer.token)
      expect([refused.status, refused.body.code]).toEqual([403, 'access.denied'])
      const outsider = await addMember(test, workspace, 'staff')
      expect((await makeFolder(root.parentId, 'x', outsider.token)).status).toBe(404)
      expect((await makeFolder(root.parentId, '..', outsider.token)).status).toBe(404)
    })

    it('no more than 100 deep', async () => {
      let place = root
      for (let depth = 2; depth < 100; depth++) place = await inside(place, `${depth}`)
      const last = await makeFolder(place.parentId, '100')
      expect(last.status).toBe(201)
      const tooDeep = await makeFolder(last.body.id, '101')
      expect([tooDeep.status, tooDeep.body.code]).toEqual([409, 'item.too_deep'])

      const tree = await inside(root, 'Two levels')
      await inside(tree, 'below')
      const file = await createFileRow(test, root, 'flat.txt', owner)
      const moved = await change(tree.parentId, { parentId: place.parentId })
      expect([moved.status, moved.body.code]).toEqual([409, 'item.too_deep'])
      expect((await change(file.id, { parentId: last.body.id })).status).toBe(200)
    })
  })

  describe('renames', () => {
    it('with an event, and a new entity tag', async () => {
      const { id } = await createFileRow(test, root, 'before.txt', owner)
      const answer = await change(id, { name: 'After.txt' }, {
        headers: { 'if-match': '"1"' },
      })
      expect([
        answer.status,
        answer.body.name,
        answer.body.etag,
        answer.headers.etag,
      ]).toEqual([200, 'After.txt', '"2"', '"2"'])
      const stale = await change(id, { name: 'late.txt' }, {
        headers: { 'if-match': '"1"' },
      })
      expect([stale.status, stale.body.code]).toEqual([412, 'precondition.failed'])
      expect((await change(id, { name: 'AFTER.txt' })).status).toBe(200)
      expect((await change(id, { name: 'AFTER.txt' })).body.etag).toBe('"3"')
      const place = {
        parentId: root.parentId,
        parentName: expect.any(String),
      }
      expect(await eventsOf(id)).toEqual([
        {
          action: 'item.renamed',
          name: 'After.txt',
          by: owner.id,
          details: { from: 'before.txt', to: 'After.txt', ...place },
        },
        {
          action: 'item.renamed',
          name: 'AFTER.txt',
          by: owner.id,
          details: { from: 'After.txt', to: 'AFTER.txt', ...place },
        },
      ])
    })

    it('not to a taken or a wrong name', async () => {
      const place = await inside(root, 'Renames')
      await createFileRow(test, place, 'ﬁrst.txt', owner)
      const { id } = await createFileRow(test, place, 'second.txt', owner)
      expect((await change(id, { name: 'FIRST.TXT' })).body.code).toBe('item.name_taken')
      expect((await change(id, { name: '../x' })).body.code).toBe('item.name_invalid')
      expect((await change(id, { name: 'x', spaceId: nil })).body.code).toBe('request.invalid')
      expect((await change(id, {})).body.etag).toBe('"1"')
      expect(await eventsOf(id)).toEqual([])
    })

    it('only one of two who read the same state', async () => {
      const { id } = await createFileRow(test, root, 'contended.txt', owner)
      const answers = await Promise.all(['x', 'y', 'z'].map(name => change(id, { name: `contended-${name}.txt` }, {
        headers: { 'if-match': '"1"' },
      })))
      expect(codesOf(answers)).toEqual([200, 'precondition.failed', 'precondition.failed'])
      expect((await rowOf(id)).revision).toBe(2)
    })

    it('not the top folder, not for those who may not', async () => {
      const refused = await change(root.parentId, { name: 'x' })
      expect([refused.status, refused.body.code]).toEqual([409, 'item.is_root'])
      const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
      const theirs = await createFileRow(test, root, 'theirs.txt', owner)
      const own = await createFileRow(test, root, 'own.txt', contributor)
      expect((await change(theirs.id, { name: 'x.txt' }, { token: contributor.token })).status).toBe(403)
      expect((await change(own.id, { name: 'own2.txt' }, { token: contributor.token })).status).toBe(200)
      for (const id of [nil, foreign.rootId]) expect((await change(id, { name: '..' })).status).toBe(404)
      expect((await change(theirs.id, { name: 'x.txt' }, { token: foreign.owner.token })).status).toBe(404)
    })
  })
})
