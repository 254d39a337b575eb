import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { ItemRequirement } from './access.service.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember, createFolder, createUser, createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { items } from '../items/items.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { users } from '../users/users.table.ts'

let test: TestApp
let workspace: TestWorkspace
/** root → outer → inner → leaf, and a sibling of outer. */
let [outer, inner, leaf, sibling] = ['', '', '', '']
beforeAll(async () => {
  test = await createTestApp()
  workspace = await createWorkspace(test)
  const folder = async (name: string, parentId: string) => (await createFolder(test, workspace, { name, parentId })).id
  outer = await folder('outer', workspace.rootId)
  inner = await folder('inner', outer)
  leaf = await folder('leaf', inner)
  sibling = await folder('sibling', workspace.rootId)
})
afterAll(() => test.close())

const outcome = async (user: TestUser, itemId: string, requirement: ItemRequirement) =>
  test.deps.access.requireItem(user.id, itemId, requirement).then(() => 'yes', (error: { code: string }) => error.code)
async function grant(user: TestUser, folderId: string, role: 'viewer' | 'editor' | 'previewer') {
  await test.deps.db.insert(grants).values({
    id: randomUUIDv7(),
    workspaceId: workspace.id,
    folderId,
    userId: user.id,
    role,
    createdAt: new Date(),
  })
}

describe('access to an item', () => {
  it('comes from grants on it and above, and from none beside or below', async () => {
    const staff = await addMember(test, workspace, 'staff')
    await grant(staff, inner, 'viewer')
    const seen = await Promise.all([
      workspace.rootId,
      outer,
      inner,
      leaf,
      sibling,
    ].map(id => outcome(staff, id, { action: 'see' })))
    expect(seen).toEqual([
      'not_found',
      'not_found',
      'yes',
      'yes',
      'not_found',
    ])
  })

  it('adds up downwards', async () => {
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'previewer' })
    await grant(staff, inner, 'editor')
    expect(await outcome(staff, outer, { action: 'change' })).toBe('access.denied')
    expect(await outcome(staff, leaf, { action: 'change' })).toBe('yes')
    const item = await test.deps.access.requireItem(staff.id, leaf, { action: 'see' })
    expect(item.path.map(step => step.name)).toEqual([
      expect.stringMatching(/^Workspace/),
      'outer',
      'inner',
      'leaf',
    ])
    expect([...item.roles].sort()).toEqual(['editor', 'previewer'])
    expect(item.permissions).toEqual([
      'see',
      'preview',
      'download',
      'upload',
      'change',
      'share',
    ])
  })

  it('is denied where it may be seen, and does not exist otherwise', async () => {
    const [viewer, nothing] = [await addMember(test, workspace, 'staff', { spaceRole: 'viewer' }), await addMember(test, workspace, 'staff')]
    expect(await outcome(viewer, outer, { action: 'upload' })).toBe('access.denied')
    expect(await outcome(nothing, outer, { action: 'upload' })).toBe('not_found')
    expect(await outcome(nothing, randomUUIDv7(), { action: 'upload' })).toBe('not_found')
  })

  it('ends at the workspace', async () => {
    const other = await createWorkspace(test)
    const operator = await createUser(test, { isOperator: true })
    expect(await outcome(other.owner, outer, { action: 'see' })).toBe('not_found')
    expect(await outcome(operator, outer, { action: 'see' })).toBe('not_found')
    expect(await outcome(workspace.owner, outer, { action: 'see', workspaceId: other.id })).toBe('not_found')
    const both = await addMember(test, other, 'owner', { user: workspace.owner })
    expect(await outcome(both, outer, { action: 'see', workspaceId: other.id })).toBe('not_found')
    await expect(test.deps.access.requireItems(workspace.owner.id, [outer, other.rootId], { action: 'see', workspaceId: workspace.id })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('does not count a grant of another workspace, or one left behind by a former member', async () => {
    const former = await createUser(test)
    await grant(former, workspace.rootId, 'editor')
    expect(await outcome(former, outer, { action: 'see' })).toBe('not_found')
  })

  it('ends for somebody disabled', async () => {
    const staff = await addMember(test, workspace, 'admin')
    expect(await outcome(staff, outer, { action: 'manage' })).toBe('yes')
    await test.deps.db.update(users).set({
      disabledAt: new Date(),
    }).where(eq(users.id, staff.id))
    expect(await outcome(staff, outer, { action: 'see' })).toBe('not_found')
    await expect(test.deps.access.requireMember(staff.id, workspace.id, 'workspace.see')).rejects.toMatchObject({ code: 'not_found' })
    await expect(test.deps.access.authenticate({ userId: staff.id, sessionId: staff.sessionId })).rejects.toMatchObject({ code: 'auth.unauthenticated' })
  })

  it('is for the kind that was asked for', async () => {
    expect(await outcome(workspace.owner, outer, { action: 'see', kind: 'folder' })).toBe('yes')
    expect(await outcome(workspace.owner, outer, { action: 'see', kind: 'file' })).toBe('not_found')
  })

  it('reaches into the trash only when asked to', async () => {
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, outer))
    for (const id of [outer, inner, leaf]) {
      expect(await outcome(workspace.owner, id, { action: 'see' })).toBe('not_found')
      expect(await outcome(workspace.owner, id, { action: 'see', trashed: true })).toBe('yes')
    }
    expect(await outcome(workspace.owner, sibling, { action: 'see' })).toBe('yes')
    await test.deps.db.update(items).set({ trashedAt: null }).where(eq(items.id, outer))
  })
})

describe('filterItems', () => {
  it('keeps what may be, in the order asked for', async () => {
    const other = await createWorkspace(test)
    const staff = await addMember(test, workspace, 'staff')
    await grant(staff, inner, 'viewer')
    const found = await test.deps.access.filterItems(staff.id, [
      leaf,
      other.rootId,
      outer,
      randomUUIDv7(),
      inner,
    ], { action: 'see' })
    expect(found.map(item => item.id)).toEqual([leaf, inner])
    expect(await test.deps.access.filterItems(staff.id, [leaf], { action: 'change' })).toEqual([])
    expect(await test.deps.access.filterItems(staff.id, [], { action: 'see' })).toEqual([])
  })
})
