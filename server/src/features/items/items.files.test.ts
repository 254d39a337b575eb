import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { Place } from '../../../test/item-factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace } from '../../../test/factories.ts'
import { commitFile, createFolderRow, fileCommit } from '../../../test/item-factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { accessDenied } from '../../errors/common-errors.ts'
import { settleObjects } from '../objects/objects.service.ts'
import { objects } from '../objects/objects.table.ts'
import { commitFiles } from './items.files.ts'
import { fileVersions, items } from './items.table.ts'

describe('commitFile', () => {
  let test: TestApp
  let workspace: TestWorkspace
  let owner: TestUser
  let root: Place
  beforeAll(async () => {
    test = await createTestApp()
    workspace = await createWorkspace(test)
    owner = workspace.owner
    root = { workspaceId: workspace.id, spaceId: workspace.spaceId, parentId: workspace.rootId }
  })
  afterAll(() => test.close())

  async function folder(name: string): Promise<Place> {
    return { ...root, parentId: (await createFolderRow(test, root, name, owner)).id }
  }

  async function commit(place: Place, name: string, options?: Parameters<typeof fileCommit>[4], extra: object = {}) {
    const input = {
      ...await fileCommit(test, place, name, owner, options),
      ...extra,
    }
    return test.deps.db.transaction(async (tx) => {
      const file = await commitFile(tx, input)
      await settleObjects(tx, place.workspaceId, [input.object], input.now)
      return file
    })
  }

  const rowOf = async (itemId: string) => (await test.deps.db.select().from(items).where(eq(items.id, itemId)))[0]!
  const versionsOf = (itemId: string) => test.deps.db.select().from(fileVersions).where(eq(fileVersions.itemId, itemId)).orderBy(fileVersions.number)
  const namesIn = async ({ parentId }: Place) => (await test.deps.db.select({ name: items.name }).from(items).where(eq(items.parentId, parentId))).map(({ name }) => name).sort()

  it('makes a file with its first version and keeps the object', async () => {
    const place = await folder('first')
    const made = await commit(place, 'Zero.txt', { size: 0 })
    expect(made).toEqual({
      itemId: expect.any(String),
      name: 'Zero.txt',
      versionNumber: 1,
      isVersion: false,
      createdBy: owner.id,
    })
    const [version] = await versionsOf(made.itemId)
    expect(await rowOf(made.itemId)).toMatchObject({
      name: 'Zero.txt',
      kind: 'file',
      sizeBytes: 0,
      revision: 1,
      versionId: version!.id,
    })
    expect(version).toMatchObject({ number: 1, integrity: 'verified', sizeBytes: 0 })
    const [object] = await test.deps.db.select().from(objects).where(eq(objects.key, version!.objectKey))
    expect(object!.state).toBe('committed')
  })

  it('leaves the integrity open while the digest is not known', async () => {
    const made = await commit(await folder('pending'), 'parts.bin', { sha256: null })
    expect((await versionsOf(made.itemId))[0]).toMatchObject({ integrity: 'pending', sha256: null })
  })

  it('refuses a taken name, in any form, and leaves nothing', async () => {
    const place = await folder('taken')
    await commit(place, 'Straße.txt')
    const input = await fileCommit(test, place, 'STRASSE.TXT', owner)
    await expect(test.deps.db.transaction(tx => commitFile(tx, input))).rejects.toMatchObject({ code: 'item.name_taken' })
    const [object] = await test.deps.db.select().from(objects).where(eq(objects.key, input.object.key))
    expect(object!.state).toBe('staged')
    expect(await namesIn(place)).toEqual(['Straße.txt'])
  })

  it('makes several at once, or by the fault of one none', async () => {
    const place = await folder('several')
    const inputs = await Promise.all(['a.txt', 'b.txt', 'c.txt'].map(async name => fileCommit(test, place, name, owner)))
    const made = await test.deps.db.transaction(tx => commitFiles(tx, inputs))
    expect(made.map(({ name, versionNumber }) => [name, versionNumber])).toEqual([
      ['a.txt', 1],
      ['b.txt', 1],
      ['c.txt', 1],
    ])
    for (const [index, { itemId }] of made.entries()) expect((await versionsOf(itemId))[0]).toMatchObject({ number: 1, objectKey: inputs[index]!.object.key })

    const more = await Promise.all(['d.txt', 'A.TXT', 'd.txt'].map(async name => fileCommit(test, place, name, owner)))
    await expect(test.deps.db.transaction(tx => commitFiles(tx, more))).rejects.toMatchObject({ code: 'item.name_taken' })
    expect(await namesIn(place)).toEqual(['a.txt', 'b.txt', 'c.txt'])
  })

  it('makes new names and versions beside plain files', async () => {
    const place = await folder('mixed')
    await commit(place, 'a.txt')
    await commit(place, 'b.txt')
    const inputs = [
      await fileCommit(test, place, 'c.txt', owner),
      await fileCommit(test, place, 'a.txt', owner, { onConflict: 'rename' }),
      await fileCommit(test, place, 'b.txt', owner, { onConflict: 'replace' }),
    ]
    const made = await test.deps.db.transaction(tx => commitFiles(tx, inputs))
    expect(made.map(({ name, versionNumber, isVersion }) => [name, versionNumber, isVersion])).toEqual([
      ['c.txt', 1, false],
      ['a (2).txt', 1, false],
      ['b.txt', 2, true],
    ])
  })

  it('gives 20 files of one name that arrive at once 20 names', async () => {
    const place = await folder('many')
    await Promise.all(Array.from({ length: 20 }, () => commit(place, 'a.txt', { onConflict: 'rename' })))
    expect(await namesIn(place)).toEqual([
      'a.txt',
      ...Array.from({ length: 19 }, (_, n) => `a (${n + 2}).txt`),
    ].sort())
  })

  it('makes one file with 20 versions of 20 that replace each other at once', async () => {
    const place = await folder('versions')
    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => commit(place, 'a.txt', { onConflict: 'replace', size: n })))
    const [itemId, ...others] = new Set(made.map(each => each.itemId))
    expect(others).toEqual([])
    expect(made.filter(each => !each.isVersion)).toHaveLength(1)
    const versions = await versionsOf(itemId!)
    expect(versions.map(version => version.number)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    expect(await rowOf(itemId!)).toMatchObject({ versionId: versions.at(-1)!.id, sizeBytes: versions.at(-1)!.sizeBytes, revision: 20 })
  })

  it('does not replace a folder, nor what the person may not change', async () => {
    const place = await folder('guarded')
    await createFolderRow(test, place, 'sub', owner)
    await expect(commit(place, 'SUB', { onConflict: 'replace' })).rejects.toMatchObject({ code: 'item.name_taken' })
    const { itemId } = await commit(place, 'theirs.txt')
    const asked: string[] = []
    const requireChange = async (_tx: unknown, id: string) => {
      asked.push(id)
      throw accessDenied()
    }
    await expect(commit(place, 'theirs.txt', { onConflict: 'replace' }, { requireChange })).rejects.toMatchObject({ code: 'access.denied' })
    expect(asked).toEqual([itemId])
    expect(await versionsOf(itemId)).toHaveLength(1)
  })

  it('takes a name free again once its file is in the trash', async () => {
    const place = await folder('trashed')
    const { itemId } = await commit(place, 'a.txt')
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, itemId))
    expect((await commit(place, 'a.txt', { onConflict: 'replace' })).itemId).not.toBe(itemId)
  })

  it('makes no file of an object that was given up, or into a folder that is gone', async () => {
    const place = await folder('swept')
    const input = await fileCommit(test, place, 'a.txt', owner)
    const commitAll = () => test.deps.db.transaction(async (tx) => {
      await commitFile(tx, input)
      await settleObjects(tx, place.workspaceId, [input.object], input.now)
    })
    await test.deps.db.update(objects).set({ state: 'doomed' }).where(eq(objects.key, input.object.key))
    await expect(commitAll()).rejects.toMatchObject({ code: 'conflict' })
    await test.deps.db.delete(objects).where(eq(objects.key, input.object.key))
    await expect(commitAll()).rejects.toMatchObject({ code: 'conflict' })
    expect(await namesIn(place)).toEqual([])
    await expect(commit({
      ...place,
      parentId: test.deps.newId(),
    }, 'a.txt')).rejects.toMatchObject({ code: 'not_found' })
  })
})
