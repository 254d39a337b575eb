import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { Place } from '../../../test/item-factories.ts'
import type { Answer, TestApp } from '../../../test/test-app.ts'
import { randomUUIDv7 } from 'node:crypto'
import { asc, eq, inArray } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember, createWorkspace } from '../../../test/factories.ts'
import { createFileRow, createFolderRow } from '../../../test/item-factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { spaces } from '../spaces/spaces.table.ts'
import { items } from './items.table.ts'

const nil = '00000000-0000-0000-0000-000000000000'

describe('changing items', () => {
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
  const makeFolder = (parentId: string, name: unknown, token = owner.token) => test.call('POST', `/workspaces/${workspace.id}/folders`, {
    token,
    body: { parentId, name },
  })
  const change = (id: string, body: unknown, options: { token?: string, headers?: Record<string, string> } = {}) => test.call('PATCH', `/items/${id}`, { token: owner.token, body, ...options })
  const move = (body: unknown, token = owner.token) => test.call('POST', `/workspaces/${workspace.id}/items/move`, { token, body })
  const rowOf = async (id: string) => (await test.deps.db.select().from(items).where(eq(items.id, id)))[0]!
  const codesOf = (answers: Answer[]) => answers.map(({ status, body }) => (status < 300
    ? status
    : body.code)).sort()
  const namesIn = async ({ parentId }: Place) => (await test.deps.db.select({ name: items.name }).from(items).where(eq(items.parentId, parentId))).map(({ name }) => name).sort()
  /** What the audit log says of these items, in order. */
  const eventsOf = async (...ids: string[]) => (await test.deps.db.select().from(auditEvents).where(inArray(auditEvents.subjectId, ids)).orderBy(asc(auditEvents.seq)))
    .map(({ action, subject, details, actorId }) => ({
      action,
      name: subject.name,
      details,
      by: actorId,
    }))

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
      expect(await eventsOf(id)).toEqual([
        {
          action: 'item.renamed',
          name: 'After.txt',
          by: owner.id,
          details: { from: 'before.txt', to: 'After.txt' },
        },
        {
          action: 'item.renamed',
          name: 'AFTER.txt',
          by: owner.id,
          details: { from: 'After.txt', to: 'AFTER.txt' },
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

  describe('moves', () => {
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
          details: { from: 'a.txt', to: 'b.txt' },
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
        itemIds: [
          ...rows.map(({ id }) => id),
          nil,
        ],
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
})
