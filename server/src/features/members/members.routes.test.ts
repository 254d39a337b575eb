import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { LiveEvent } from '../../live/live-bus.ts'
import { randomUUIDv7 } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { addMember, createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { members } from './members.table.ts'

let test: TestApp
beforeAll(async () => { test = await createTestApp() })
afterAll(() => test.close())

async function memberIdOf(workspace: TestWorkspace, user: TestUser): Promise<string> {
  const [row] = await test.deps.db.select({ id: members.id }).from(members).where(and(eq(members.workspaceId, workspace.id), eq(members.userId, user.id)))
  return row!.id
}
const change = async (actor: TestUser, workspace: TestWorkspace, target: TestUser, body: object) =>
  test.call('PATCH', `/workspaces/${workspace.id}/members/${await memberIdOf(workspace, target)}`, { token: actor.token, body })
const end = async (actor: TestUser, workspace: TestWorkspace, target: TestUser) =>
  test.call('DELETE', `/workspaces/${workspace.id}/members/${await memberIdOf(workspace, target)}`, { token: actor.token })
const events = async (workspace: TestWorkspace) => toldEvents(test, eq(auditEvents.chainId, workspace.id))

describe('the list of members', () => {
  it('shows each with their role, on the team space too', async () => {
    const workspace = await createWorkspace(test)
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    const { body } = await test.call('GET', `/workspaces/${workspace.id}/members`, { token: staff.token })
    expect(body.items).toHaveLength(2)
    expect(body.items.find((member: { userId: string }) => member.userId === staff.id)).toEqual({
      id: await memberIdOf(workspace, staff),
      userId: staff.id,
      name: staff.name,
      email: staff.email,
      picture: null,
      role: 'staff',
      spaceRole: 'viewer',
      hasSecondFactor: null,
      createdAt: expect.any(String),
      lastSeenAt: expect.stringMatching(/^20\d\d-.*Z$/),
      isYou: true,
    })
  })
})

describe('a changed member', () => {
  it('has the new roles at once, and it is recorded once', async () => {
    const workspace = await createWorkspace(test)
    const staff = await addMember(test, workspace, 'staff')
    const live: LiveEvent[] = []
    const stop = test.deps.live.subscribe(workspace.id, event => live.push(event))
    const answer = await change(workspace.owner, workspace, staff, { spaceRole: 'editor' })
    expect(answer.body).toMatchObject({ role: 'staff', spaceRole: 'editor', isYou: false })
    expect((await test.call('GET', `/workspaces/${workspace.id}/spaces`, { token: staff.token })).body.items).toHaveLength(1)
    expect((await change(workspace.owner, workspace, staff, { spaceRole: 'editor' })).status).toBe(200)
    expect((await change(workspace.owner, workspace, staff, { spaceRole: null })).body.spaceRole).toBeNull()
    expect((await test.call('GET', `/workspaces/${workspace.id}/spaces`, { token: staff.token })).body.items).toEqual([])
    await expect.poll(() => live.filter(event => event.topic === 'members')).toEqual([
      { topic: 'members', workspaceId: workspace.id, userId: staff.id },
      { topic: 'members', workspaceId: workspace.id, userId: staff.id },
    ])
    stop()
    expect((await events(workspace)).map(event => [event.action, event.details])).toEqual([
      [
        'member.role_changed',
        {
          userId: staff.id,
          role: { from: 'staff', to: 'staff' },
          spaceRole: { from: null, to: 'editor' },
        },
      ],
      [
        'member.role_changed',
        {
          userId: staff.id,
          role: { from: 'staff', to: 'staff' },
          spaceRole: { from: 'editor', to: null },
        },
      ],
    ])
  })

  it('loses what was granted as staff with another role, and gets none of it back', async () => {
    const workspace = await createWorkspace(test)
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'manager' })
    expect((await change(workspace.owner, workspace, staff, { role: 'admin' })).body).toMatchObject({ role: 'admin', spaceRole: null })
    expect((await change(workspace.owner, workspace, staff, { role: 'staff' })).body).toMatchObject({ role: 'staff', spaceRole: null })
    expect((await test.call('GET', `/workspaces/${workspace.id}/spaces`, { token: staff.token })).body.items).toEqual([])
  })

  it('is made, changed and ended as an owner by owners only', async () => {
    const workspace = await createWorkspace(test)
    const [admin, staff] = [await addMember(test, workspace, 'admin'), await addMember(test, workspace, 'staff')]
    for (const answer of [
      await change(admin, workspace, staff, { role: 'owner' }),
      await change(admin, workspace, admin, { role: 'owner' }),
      await change(admin, workspace, workspace.owner, { role: 'staff' }),
      await end(admin, workspace, workspace.owner),
      await end(staff, workspace, admin),
      await change(staff, workspace, staff, { role: 'admin' }),
    ]) expect([answer.status, answer.body.code]).toEqual([403, 'access.denied'])
    expect((await change(admin, workspace, staff, { role: 'admin' })).status).toBe(200)
    expect((await change(workspace.owner, workspace, staff, { role: 'owner' })).status).toBe(200)
  })

  it.each([
    [
      'a space role for an admin',
      { role: 'admin', spaceRole: 'viewer' },
    ],
    [
      'an unknown role',
      { role: 'king' },
    ],
    [
      'the client role',
      { role: 'client' },
    ],
    [
      'an unknown space role',
      { spaceRole: 'owner' },
    ],
    [
      'an unknown field',
      {
        userId: randomUUIDv7(),
      },
    ],
    [
      'a wrong type',
      { role: 1 },
    ],
  ])('refuses %s', async (_what, body) => {
    const workspace = await createWorkspace(test)
    const staff = await addMember(test, workspace, 'staff')
    const answer = await change(workspace.owner, workspace, staff, body)
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
  })

  it('is one of this workspace', async () => {
    const [workspace, other] = [await createWorkspace(test), await createWorkspace(test)]
    const stranger = await addMember(test, other, 'staff')
    for (const id of [
      await memberIdOf(other, stranger),
      randomUUIDv7(),
    ]) {
      for (const method of ['PATCH', 'DELETE'] as const) {
        const answer = await test.call(method, `/workspaces/${workspace.id}/members/${id}`, {
          token: workspace.owner.token,
          body: method === 'PATCH'
            ? { role: 'admin' }
            : undefined,
        })
        expect(answer.status).toBe(404)
      }
    }
  })
})

describe('an ended membership', () => {
  it('bites at the next request, takes all grants and leaves other workspaces alone', async () => {
    const [workspace, other] = [await createWorkspace(test), await createWorkspace(test)]
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'editor' })
    await addMember(test, other, 'staff', { user: staff, spaceRole: 'viewer' })
    expect((await end(workspace.owner, workspace, staff)).status).toBe(204)
    expect((await test.call('GET', `/workspaces/${workspace.id}`, { token: staff.token })).status).toBe(404)
    expect((await test.call('GET', `/workspaces/${other.id}`, { token: staff.token })).status).toBe(200)
    expect(await test.deps.db.$count(grants, and(eq(grants.userId, staff.id), eq(grants.workspaceId, workspace.id)))).toBe(0)
    expect(await test.deps.db.$count(grants, eq(grants.userId, staff.id))).toBe(1)
    expect((await events(workspace)).map(event => event.action)).toEqual(['member.ended'])
  })

  it('may be one’s own', async () => {
    const workspace = await createWorkspace(test)
    const staff = await addMember(test, workspace, 'staff')
    expect((await end(staff, workspace, staff)).status).toBe(204)
  })
})

describe('the last owner', () => {
  it('can be neither changed nor ended', async () => {
    const workspace = await createWorkspace(test)
    for (const answer of [
      await change(workspace.owner, workspace, workspace.owner, { role: 'admin' }),
      await end(workspace.owner, workspace, workspace.owner),
    ]) expect([answer.status, answer.body.code]).toEqual([409, 'member.last_owner'])
  })

  const owners = async (workspace: TestWorkspace) => test.deps.db.$count(members, and(eq(members.workspaceId, workspace.id), eq(members.role, 'owner')))

  it.each([
    [
      'demote each other',
      (a: TestUser, b: TestUser, workspace: TestWorkspace) => [
        change(a, workspace, b, { role: 'staff' }),
        change(b, workspace, a, { role: 'staff' }),
      ],
    ],
    [
      'end each other',
      (a: TestUser, b: TestUser, workspace: TestWorkspace) => [
        end(a, workspace, b),
        end(b, workspace, a),
      ],
    ],
    [
      'leave together',
      (a: TestUser, b: TestUser, workspace: TestWorkspace) => [
        end(a, workspace, a),
        end(b, workspace, b),
      ],
    ],
    [
      'demote and end',
      (a: TestUser, b: TestUser, workspace: TestWorkspace) => [
        change(a, workspace, b, { role: 'admin' }),
        end(b, workspace, a),
      ],
    ],
  ])('is left when two %s at once', async (_what, both) => {
    for (let round = 0; round < 5; round++) {
      const workspace = await createWorkspace(test)
      const second = await addMember(test, workspace, 'owner')
      const answers = await Promise.all(both(workspace.owner, second, workspace))
      expect(await owners(workspace)).toBe(1)
      const won = answers.filter(answer => answer.status < 300)
      expect(won).toHaveLength(1)
      expect(await events(workspace)).toHaveLength(1)
    }
  })
})
