import type { Place } from '../../../test/item-factories.ts'
import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember } from '../../../test/factories.ts'
import { createFileRow, createFolderRow } from '../../../test/item-factories.ts'
import { grants } from '../spaces/spaces.table.ts'
import { createItemsFixture, namesOf } from './items.fixture.ts'

const { test, workspace, owner, root, inside, list } = await createItemsFixture()
afterAll(() => test.close())

describe('items shown to people of other roles', () => {
  let place: Place
  let theirs: string
  beforeAll(async () => {
    place = await inside(root, 'Shared')
    await createFolderRow(test, place, 'sub', owner)
    theirs = (await createFileRow(test, place, 'roles-owner.txt', owner)).id
  })

  it('says what each may do with each item', async () => {
    const contributor = await addMember(test, workspace, 'staff', { spaceRole: 'contributor' })
    await createFileRow(test, place, 'roles-own.txt', contributor)
    const { body } = await list({ parentId: place.parentId }, contributor.token)
    const permissions = Object.fromEntries(body.items.map((item: { name: string, permissions: string[] }) => [item.name, item.permissions]))
    expect(permissions).toMatchObject({
      'sub': ['see', 'preview', 'download', 'upload'],
      'roles-owner.txt': ['see', 'preview', 'download', 'upload'],
      'roles-own.txt': [
        'see',
        'preview',
        'download',
        'upload',
        'change',
      ],
    })
  })

  it('shows somebody limited to their own uploads folders and those', async () => {
    const uploader = await addMember(test, workspace, 'staff', { spaceRole: 'uploader' })
    await createFileRow(test, place, 'roles-uploader.txt', uploader)
    expect(namesOf(await list({ parentId: place.parentId }, uploader.token))).toEqual(['sub', 'roles-uploader.txt'])
    expect(namesOf(await list({ q: 'roles-' }, uploader.token))).toEqual(['roles-uploader.txt'])
    expect(namesOf(await list({ q: 'sub' }, uploader.token))).toEqual(['sub'])
    expect((await test.call('GET', `/items/${theirs}`, { token: uploader.token })).status).toBe(404)
    expect((await test.call('GET', `/files/${theirs}/versions`, { token: uploader.token })).status).toBe(404)
  })

  it('begins where somebody was let in, and does not name what lies above', async () => {
    const guest = await addMember(test, workspace, 'staff')
    const inner = await inside(place, 'inner')
    const { id } = await createFileRow(test, inner, 'roles-inner.txt', owner)
    expect((await list({}, guest.token)).body.items).toEqual([])
    expect((await list({ q: 'roles-' }, guest.token)).body.items).toEqual([])
    expect((await list({ parentId: place.parentId }, guest.token)).status).toBe(404)
    await test.deps.db.insert(grants).values([place, inner].slice(1).map(({ parentId }) => ({
      id: randomUUIDv7(),
      workspaceId: workspace.id,
      folderId: parentId,
      userId: guest.id,
      role: 'viewer' as const,
      createdAt: new Date(),
    })))
    expect(namesOf(await list({}, guest.token))).toEqual(['inner'])
    const { items: [found] } = (await list({ q: 'roles-' }, guest.token)).body
    expect(found).toMatchObject({
      name: 'roles-inner.txt',
      path: [
        { id: inner.parentId, name: 'inner' },
      ],
    })
    const detail = await test.call('GET', `/items/${id}`, { token: guest.token })
    expect(detail.body.path.map((step: { name: string }) => step.name)).toEqual(['inner', 'roles-inner.txt'])
    expect(namesOf(await list({}))).toEqual([
      expect.stringMatching(/^Workspace/),
    ])
  })
})
