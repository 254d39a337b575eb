import type { Place } from '../../../test/item-factories.ts'
import { eq, inArray, sql } from 'drizzle-orm'
import { afterAll, describe, expect, it } from 'vitest'
import { addMember } from '../../../test/factories.ts'
import { commitFile, createFileRow, fileCommit, queuedPayloads } from '../../../test/item-factories.ts'
import { deleteObjectsJob } from '../objects/objects.deletion.ts'
import { objects } from '../objects/objects.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { createItemsFixture, nil } from './items.fixture.ts'
import { purgeJob, purgeStep, runPurge } from './items.purge.ts'
import { fileVersions, items } from './items.table.ts'
import { purgeItems, purges } from './purges.table.ts'

const { test, workspace, foreign, owner, root, inside, post, trashOne, restore, listTrash, existing, eventsOf } = await createItemsFixture()
afterAll(() => test.close())

const trash = (itemIds: unknown, token = owner.token) => post('/items/trash', { itemIds }, token)
const purge = (body: unknown, token = owner.token) => post('/trash/purge', body, token)
const usedBytes = async () => (await test.deps.db.select().from(workspaces).where(eq(workspaces.id, workspace.id)))[0]!.usedBytes
const storedBytes = async () => Number((await test.deps.db.select({ sum: sql`coalesce(sum(size_bytes), 0)` }).from(fileVersions).where(eq(fileVersions.workspaceId, workspace.id)))[0]!.sum)

describe('the trash, emptied', () => {
  it('of what is named, with everything below, its room, its bytes and its grants', async () => {
    const before = await usedBytes()
    const folder = await inside(root, 'Purged')
    const sub = await inside(folder, 'sub')
    const kept = await createFileRow(test, root, 'kept.txt', owner, { size: 7 })
    const first = await createFileRow(test, folder, 'a.txt', owner, { size: 100 })
    const second = await createFileRow(test, folder, 'a.txt', owner, { size: 10, onConflict: 'replace' })
    const third = await createFileRow(test, sub, 'b.txt', owner, { size: 1 })
    await trashOne(third.id)
    await test.deps.db.insert(grants).values({
      id: test.deps.newId(),
      workspaceId: workspace.id,
      folderId: sub.parentId,
      userId: owner.id,
      role: 'viewer',
      createdAt: new Date(),
    })
    await trashOne(folder.parentId)

    expect((await purge({
      itemIds: [folder.parentId, third.id],
    })).status).toBe(204)
    expect(await existing(folder.parentId, sub.parentId, first.id, third.id, kept.id)).toEqual([kept.id])
    const keys = [first.key, second.key, third.key]
    const states = await test.deps.db.select({ state: objects.state }).from(objects).where(inArray(objects.key, keys))
    expect(states.map(({ state }) => state)).toEqual(['doomed', 'doomed', 'doomed'])
    expect((await queuedPayloads<{ keys: string[] }>(test, deleteObjectsJob.name)).flatMap(payload => payload.keys)).toEqual(expect.arrayContaining(keys))
    expect(await usedBytes()).toBe(before + 7)
    expect(await storedBytes()).toBe(await usedBytes())
    expect(await test.deps.db.select().from(grants).where(eq(grants.folderId, sub.parentId))).toEqual([])
    expect((await eventsOf(folder.parentId)).at(-1)).toMatchObject({
      action: 'item.purged',
      name: 'Purged',
      details: { files: 2, folders: 2, bytes: 111 },
    })
    expect((await purge({
      itemIds: [folder.parentId],
    })).status).toBe(404)
  })

  it('all or none of what is named', async () => {
    const living = await createFileRow(test, root, 'living.txt', owner)
    const folder = await inside(root, 'Named')
    const below = await createFileRow(test, folder, 'below.txt', owner)
    await trashOne(folder.parentId)
    for (const wrong of [living.id, below.id]) {
      const answer = await purge({
        itemIds: [folder.parentId, wrong],
      })
      expect([answer.status, answer.body.code]).toEqual([409, 'item.not_in_trash'])
    }
    for (const wrong of [nil, foreign.rootId]) {
      expect((await purge({
        itemIds: [folder.parentId, wrong],
      })).status).toBe(404)
    }
    for (const body of [
      { itemIds: [] },
      {
        itemIds: [folder.parentId, folder.parentId],
      },
      { itemIds: 'all' },
      { all: true },
    ]) expect((await purge(body)).status).toBe(400)
    const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
    expect((await purge({
      itemIds: [folder.parentId],
    }, contributor.token)).status).toBe(403)
    expect((await purge({
      itemIds: [folder.parentId],
    }, foreign.owner.token)).status).toBe(404)
    expect(await existing(folder.parentId, below.id)).toHaveLength(2)
  })

  it('of all that the person may change, and nothing else', async () => {
    const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
    const own = await createFileRow(test, root, 'purge-own.txt', contributor)
    const theirs = await createFileRow(test, root, 'purge-theirs.txt', owner)
    const shared = await inside(root, 'purge-shared', contributor)
    await createFileRow(test, shared, 'of-the-owner.txt', owner)
    await trash([own.id, theirs.id, shared.parentId])
    expect((await purge({}, contributor.token)).status).toBe(204)
    expect(await existing(own.id, theirs.id, shared.parentId)).toHaveLength(2)
    expect((await purge({})).status).toBe(204)
    expect((await listTrash()).body.items).toEqual([])
    expect(await existing(theirs.id, shared.parentId)).toEqual([])
    expect(await storedBytes()).toBe(await usedBytes())
  })

  it('once, while others restore from it, add to it and empty it too', async () => {
    for (let round = 0; round < 5; round++) {
      const folder = await inside(root, `Race ${round}`)
      const inner = await createFileRow(test, folder, 'inner.txt', owner, { size: 5 })
      await trashOne(inner.id)
      await trashOne(folder.parentId)
      const commit = await fileCommit(test, folder, 'late.txt', owner, { size: 3 })
      const late = test.deps.db.transaction(async (tx) => {
        const committed = await commitFile(tx, commit)
        await tx.update(workspaces).set({ usedBytes: sql`${workspaces.usedBytes} + 3` }).where(eq(workspaces.id, workspace.id))
        return committed
      }).then(() => 'committed', error => error.code)
      const [one, two, back, added] = await Promise.all([
        purge({
          itemIds: [folder.parentId],
        }),
        purge({}),
        restore(inner.id),
        late,
      ])
      expect([204, 404]).toContain(one.status)
      expect(two.status).toBe(204)
      expect([200, 404]).toContain(back.status)
      expect(['committed', 'not_found']).toContain(added)
      expect(await existing(folder.parentId)).toEqual([])
      expect(await existing(inner.id)).toHaveLength(back.status === 200
        ? 1
        : 0)
      expect((await eventsOf(folder.parentId)).filter(event => event.action === 'item.purged')).toHaveLength(1)
      expect(await storedBytes()).toBe(await usedBytes())
    }
  })
})

/** A folder of so many files, in the trash. */
async function trashedFolder(name: string, count: number): Promise<Place> {
  const folder = await inside(root, name)
  await test.deps.db.execute(sql`
    with made as (select gen_random_uuid() as id, gen_random_uuid() as version_id, n from generate_series(1, ${count}::integer) n),
      keys as (insert into objects (key, workspace_id, state, created_at, touched_at) select ${name} || '/' || n, ${workspace.id}, 'committed', now(), now() from made),
      rows as (insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, version_id, size_bytes, created_at, updated_at)
        select id, ${folder.workspaceId}, ${folder.spaceId}, ${folder.parentId}, 'file', 'large ' || n, 'large ' || n, 'large ' || n, version_id, 1, now(), now() from made)
    insert into file_versions (id, workspace_id, item_id, number, object_key, size_bytes, integrity, media_type, created_at)
    select version_id, ${workspace.id}, id, 1, ${name} || '/' || n, 1, 'pending', 'text/plain', now() from made`)
  await test.deps.db.update(workspaces).set({ usedBytes: sql`${workspaces.usedBytes} + ${count}` }).where(eq(workspaces.id, workspace.id))
  await trashOne(folder.parentId)
  return folder
}

const signal = new AbortController().signal
const run = (purgeId: string) => runPurge(test.deps, purgeId, signal)
const step = (purgeId: string) => test.deps.db.transaction(tx => purgeStep(test.deps, tx, purgeId))
const purgesOf = async (token = owner.token) => (await test.call('GET', `/workspaces/${workspace.id}/purges`, { token })).body.items
const cancel = (purgeId: string, token = owner.token) => test.call('DELETE', `/workspaces/${workspace.id}/purges/${purgeId}`, { token })
const namesInTrash = async () => (await listTrash()).body.items.map(({ name }: { name: string }) => name).sort()
const purgedEvents = async (id: string) => (await eventsOf(id)).filter(event => event.action === 'item.purged')

describe('what is too much for a request', () => {
  it('is gone from view at once, and deleted a part at a time while others work on (5,000 files)', async () => {
    const folder = await trashedFolder('Large', 5000)
    const [child] = await test.deps.db.select({ id: items.id }).from(items).where(eq(items.parentId, folder.parentId)).limit(1)
    const answer = await purge({
      itemIds: [folder.parentId],
    })
    expect(answer).toMatchObject({
      status: 202,
      body: {
        state: 'open',
        total: null,
        done: 0,
        endedAt: null,
      },
    })
    const { id } = answer.body
    expect(await queuedPayloads(test, purgeJob.name)).toEqual([
      { purgeId: id },
    ])
    expect(await namesInTrash()).toEqual([])
    for (const itemId of [folder.parentId, child!.id]) expect((await restore(itemId)).status).toBe(404)
    expect((await purge({
      itemIds: [folder.parentId],
    })).status).toBe(404)
    expect((await purge({})).status).toBe(204)

    const state = { ended: false, made: 0 }
    const running = run(id).finally(() => { state.ended = true })
    while (!state.ended) {
      const answer = await test.call('POST', `/workspaces/${workspace.id}/folders`, {
        token: owner.token,
        body: { parentId: root.parentId, name: `meanwhile ${state.made}` },
      })
      expect(answer.status).toBe(201)
      if (!state.ended) state.made++
    }
    // One could slip in before it begins.
    expect(state.made).toBeGreaterThan(1)
    await running
    expect((await purgesOf())[0]).toMatchObject({
      id,
      state: 'done',
      total: 5001,
      done: 5001,
      endedAt: expect.any(String),
    })
    expect(await purgedEvents(folder.parentId)).toEqual([
      {
        action: 'item.purged',
        name: 'Large',
        by: owner.id,
        details: {
          from: expect.any(String),
          files: 5000,
          folders: 1,
          bytes: 5000,
        },
      },
    ])
    const payloads = (await queuedPayloads<{ keys: string[] }>(test, deleteObjectsJob.name)).map(payload => payload.keys.filter(key => key.startsWith('Large/')).length)
    expect(payloads.reduce((a, b) => a + b, 0)).toBe(5000)
    expect(Math.max(...payloads)).toBeLessThanOrEqual(1000)
    expect(await storedBytes()).toBe(await usedBytes())
    // Who asked is in the log, and stays nowhere else.
    expect(await test.deps.db.select({ caller: purges.caller }).from(purges).where(eq(purges.id, id))).toEqual([
      { caller: null },
    ])
    expect(await test.deps.db.$count(purgeItems)).toBe(0)
  })

  it('is taken up where a worker stopped, by two at once too, and takes along what arrived late', async () => {
    const folder = await trashedFolder('Resumed', 2500)
    const { body: { id } } = await purge({
      itemIds: [folder.parentId],
    })
    expect(await step(id)).toBe(true)
    // A worker that dies within a part leaves it as it was.
    await expect(test.deps.db.transaction(async (tx) => {
      await purgeStep(test.deps, tx, id)
      throw new Error('killed')
    })).rejects.toThrow('killed')
    expect((await purgesOf())[0]).toMatchObject({ id, done: 1000, endedAt: null })
    expect(await storedBytes()).toBe(await usedBytes())
    expect(await purgedEvents(folder.parentId)).toEqual([])

    await createFileRow(test, folder, 'late.txt', owner, { size: 3 })
    await Promise.all([
      run(id),
      run(id),
    ])
    expect(await existing(folder.parentId)).toEqual([])
    expect((await purgedEvents(folder.parentId)).map(({ details }) => details)).toEqual([
      {
        from: expect.any(String),
        files: 2501,
        folders: 1,
        bytes: 2503,
      },
    ])
    expect(await storedBytes()).toBe(await usedBytes())
    await run(id)
    expect(await purgedEvents(folder.parentId)).toHaveLength(1)
  })

  it('can be stopped by who asked: what was not begun is in the trash again', async () => {
    const begun = await trashedFolder('Begun', 1500)
    const other = await trashedFolder('Not begun', 10)
    const { body: { id } } = await purge({})
    expect(await namesInTrash()).toEqual([])
    await step(id)
    const admin = await addMember(test, workspace, 'admin')
    expect((await purgesOf(admin.token))).toEqual([])
    expect((await cancel(id, admin.token)).status).toBe(404)
    expect((await cancel(id)).status).toBe(204)
    expect(await namesInTrash()).toEqual(['Not begun'])
    expect((await purgesOf())[0]).toMatchObject({ state: 'cancelled', endedAt: null })
    await run(id)
    expect((await purgesOf())[0]).toMatchObject({
      state: 'cancelled',
      done: 1501,
      endedAt: expect.any(String),
    })
    expect((await cancel(id)).status).toBe(204)
    expect(await existing(begun.parentId, other.parentId)).toEqual([other.parentId])
    expect((await purgedEvents(begun.parentId))).toHaveLength(1)
    expect((await restore(other.parentId)).status).toBe(200)
    expect(await storedBytes()).toBe(await usedBytes())
  })

  it('takes what lies in something else of the trash with that, and leaves what others put into one’s own', async () => {
    const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
    const mine = await inside(root, 'mine', contributor)
    await createFileRow(test, mine, 'mine.txt', contributor)
    const shared = await inside(root, 'shared', contributor)
    await createFileRow(test, shared, 'theirs.txt', owner)
    const outer = await trashedFolder('Outer', 1200)
    const [inner] = await test.deps.db.select({ id: items.id }).from(items).where(eq(items.parentId, outer.parentId)).limit(1)
    await restore(outer.parentId)
    await trashOne(inner!.id)
    await trash([mine.parentId, shared.parentId, outer.parentId])
    expect((await purge({}, contributor.token)).status).toBe(204)
    expect(await namesInTrash()).toEqual(expect.arrayContaining(['Outer', 'shared']))
    expect(await existing(mine.parentId, shared.parentId)).toEqual([shared.parentId])

    const { body: { id } } = await purge({})
    await run(id)
    expect(await namesInTrash()).toEqual([])
    expect((await purgedEvents(outer.parentId)).map(({ details }) => details)).toMatchObject([
      { files: 1200, folders: 1 },
    ])
    expect(await purgedEvents(inner!.id)).toEqual([])
  })

  it('is told as it was asked for when something around it is deleted before its turn', async () => {
    const asked: string[] = []
    for (const [name, files] of [
      ['By a job', 1100],
      ['In the request', 5],
    ] as const) {
      const outer = await trashedFolder(`${name}, around`, files)
      await restore(outer.parentId)
      const inner = await trashedFolder(`${name}, within`, 1100)
      await test.deps.db.update(items).set({ parentId: outer.parentId }).where(eq(items.id, inner.parentId))
      const admin = await addMember(test, workspace, 'admin')
      const { body: { id } } = await purge({
        itemIds: [inner.parentId],
      }, admin.token)
      if (files === 5) await step(id)
      await trashOne(outer.parentId)
      const answer = await purge({
        itemIds: [outer.parentId],
      })
      if (files === 5) {
        expect(answer.status).toBe(204)
      }
      else {
        await run(answer.body.id)
        expect((await purgesOf())[0]).toMatchObject({ state: 'done', total: 1101, done: 1101 })
      }
      expect(await existing(inner.parentId, outer.parentId)).toEqual([])
      expect(await purgedEvents(inner.parentId)).toMatchObject([
        {
          by: admin.id,
          details: { files: 1100, folders: 1, bytes: 1100 },
        },
      ])
      expect(await purgedEvents(outer.parentId)).toMatchObject([
        {
          by: owner.id,
          details: { files, folders: 1 },
        },
      ])
      asked.push(id)
    }
    await Promise.all(asked.map(run))
    expect((await test.deps.db.select({ state: purges.state }).from(purges).where(inArray(purges.id, asked)))).toEqual([
      { state: 'done' },
      { state: 'done' },
    ])
    expect(await storedBytes()).toBe(await usedBytes())
    expect(await test.deps.db.$count(purgeItems)).toBe(0)
  })
})
