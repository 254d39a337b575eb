import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { addMember, createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { items } from '../items/items.table.ts'
import { rootFolderName } from './root-name.ts'
import { workspaces } from './workspaces.table.ts'

let test: TestApp
let operator: TestUser
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
})
afterAll(() => test.close())

const create = (name: string, slug: string, headers?: Record<string, string>) => test.call('POST', '/workspaces', {
  token: operator.token,
  body: { name, slug },
  headers,
})

describe('a new workspace', () => {
  it('has its owner, its team space with a root folder, and one event', async () => {
    const { status, body } = await create('Müller / Partner', 'mueller')
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'Müller / Partner',
      slug: 'mueller',
      usedBytes: 0,
      quotaBytes: null,
      role: 'owner',
    })
    expect(body.permissions).toContain('workspace.delete')
    const spaces = await test.call('GET', `/workspaces/${body.id}/spaces`, { token: operator.token })
    expect(spaces.body).toEqual({
      items: [
        {
          id: expect.any(String),
          kind: 'team',
          name: 'Müller / Partner',
          rootFolderId: expect.any(String),
          createdAt: expect.any(String),
          permissions: [
            'see',
            'preview',
            'download',
            'upload',
            'change',
            'share',
            'manage',
          ],
        },
      ],
      nextCursor: null,
    })
    const [root] = await test.deps.db.select().from(items).where(eq(items.id, spaces.body.items[0].rootFolderId))
    expect(root).toMatchObject({
      parentId: null,
      kind: 'folder',
      name: 'Müller - Partner',
      workspaceId: body.id,
    })
    const events = await toldEvents(test, eq(auditEvents.chainId, body.id))
    expect(events.map(event => event.action)).toEqual(['workspace.created'])
    expect((await test.call('GET', `/workspaces/${body.id}`, { token: operator.token })).body).toEqual(body)
    expect((await test.call('GET', '/workspaces', { token: operator.token })).body.items).toContainEqual(body)
  })

  it('does not share its address, even when asked for at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => create('Twin', 'twin')))
    expect(answers.map(answer => answer.status).sort()).toEqual([201, 409, 409, 409, 409])
    expect(answers.find(answer => answer.status === 409)!.body).toMatchObject({
      code: 'workspace.slug_taken',
      errors: [
        { pointer: '/slug' },
      ],
    })
    expect(await test.deps.db.$count(workspaces, eq(workspaces.slug, 'twin'))).toBe(1)
  })

  it.each([
    ['reserved', 'setup', 'workspace.slug_reserved'],
    ['upper case', 'Acme', 'request.invalid'],
    ['a path', 'a/b', 'request.invalid'],
    ['dots', '..', 'request.invalid'],
    ['hyphens at the end', 'acme-', 'request.invalid'],
    ['one letter', 'a', 'request.invalid'],
    [
      'too long',
      'a'.repeat(49),
      'request.invalid',
    ],
    ['a line end', 'acme\n', 'request.invalid'],
    ['SQL', 'a\';drop table users', 'request.invalid'],
  ])('refuses an address that is %s', async (_what, slug, code) => {
    const answer = await create('Acme', slug)
    expect([answer.status, answer.body.code]).toEqual([400, code])
  })

  it('is the operator’s to make', async () => {
    const user = await createUser(test)
    expect((await test.call('POST', '/workspaces', {
      token: user.token,
      body: { name: 'Mine', slug: 'mine' },
    })).status).toBe(403)
  })
})

describe('a workspace', () => {
  it('is renamed together with its team space, and says so once', async () => {
    const { body } = await create('Before', 'renamed')
    const path = `/workspaces/${body.id}`
    for (let i = 0; i < 2; i++) {
      expect((await test.call('PATCH', path, {
        token: operator.token,
        body: { name: 'After' },
      })).body.name).toBe('After')
    }
    const spaces = await test.call('GET', `${path}/spaces`, { token: operator.token })
    expect(spaces.body.items[0].name).toBe('After')
    const events = await toldEvents(test, eq(auditEvents.chainId, body.id))
    expect(events.map(event => event.action)).toEqual(['workspace.created', 'workspace.changed'])
  })

  it('shows its spaces to those who may see them', async () => {
    const workspace = await createWorkspace(test)
    const [nothing, uploader] = [await addMember(test, workspace, 'staff'), await addMember(test, workspace, 'staff', { spaceRole: 'uploader' })]
    const path = `/workspaces/${workspace.id}/spaces`
    expect((await test.call('GET', path, { token: nothing.token })).body.items).toEqual([])
    const [space] = (await test.call('GET', path, { token: uploader.token })).body.items
    expect(space).toMatchObject({
      id: workspace.spaceId,
      rootFolderId: workspace.rootId,
      permissions: ['see', 'upload'],
    })
  })

  it('is not there for others, the operator included', async () => {
    const workspace = await createWorkspace(test)
    const client = await addMember(test, workspace, 'client')
    for (const { token } of [operator, await createUser(test), client]) {
      for (const path of [`/workspaces/${workspace.id}`, `/workspaces/${workspace.id}/spaces`]) expect((await test.call('GET', path, { token })).status).toBe(404)
      expect((await test.call('GET', '/workspaces', { token })).body.items.map((item: { id: string }) => item.id)).not.toContain(workspace.id)
    }
  })
})

describe('rootFolderName', () => {
  it.each([
    ['a / b', 'a - b'],
    ['CON', 'Files'],
    ['...', 'Files'],
    [' Acme. ', 'Acme'],
    ['Acme: “Legal”?', 'Acme- “Legal”-'],
  ])('makes of %j %j', (space, folder) => {
    expect(rootFolderName(space).name).toBe(folder)
  })

  it('keeps within 255 UTF-16 units, in whole characters', () => {
    expect(rootFolderName('🗂'.repeat(130)).name).toBe('🗂'.repeat(127))
  })
})
