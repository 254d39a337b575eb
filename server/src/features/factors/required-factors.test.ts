import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { addMember, createFile, createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'

const DAY_MS = 86_400_000

let test: TestApp
let operator: TestUser
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
})
afterAll(() => test.close())

const codeIn = ({ status, body }: { status: number, body: any }) => [status, body?.code]
const shut = [403, 'auth.second_factor_required']
const get = (path: string, token: string | TestUser) => test.call('GET', path, {
  token: typeof token === 'string'
    ? token
    : token.token,
})
const ask = (workspace: TestWorkspace, { token }: TestUser, askedOf: string, graceDays = 7) => test.call('PUT', `/workspaces/${workspace.id}/second-factor`, {
  token,
  body: { askedOf, graceDays },
})
const shutsAt = async (user: TestUser) => (await get('/me', user)).body.memberships[0].shutsAt

it('a workspace asks its staff for a second factor: after the grace it is shut to whoever has none, by every way, until they have one', async () => {
  const workspace = await createWorkspace(test)
  const { owner } = workspace
  const [staff, admin, client] = [
    await addMember(test, workspace, 'staff', { spaceRole: 'editor' }),
    await addMember(test, workspace, 'admin'),
    await addMember(test, workspace, 'client'),
  ]
  const file = await createFile(test, workspace, { name: 'report.txt', content: 'hello', parentId: workspace.rootId })
  const below = `/workspaces/${workspace.id}`
  expect(codeIn(await ask(workspace, staff, 'staff'))).toEqual([403, 'access.denied'])
  expect(codeIn(await ask(workspace, owner, 'staff'))).toEqual(shut)
  await addTotp(test, owner)
  expect(codeIn(await ask(workspace, owner, 'staff', 31))).toEqual([400, 'request.invalid'])
  const asked = await ask(workspace, owner, 'staff')
  expect([asked.status, asked.body.secondFactor]).toEqual([
    200,
    { askedOf: 'staff', graceDays: 7 },
  ])
  // Asked again for the same: nothing begins anew.
  expect((await ask(workspace, owner, 'staff')).status).toBe(200)

  const { body: { token: access } } = await test.call('POST', '/me/tokens', {
    token: staff.token,
    body: {
      name: 'Script',
      scopes: ['read', 'write', 'links', 'admin'],
    },
  })
  const { body: link } = await test.call('POST', `${below}/links`, {
    token: staff.token,
    body: {
      itemIds: [file.id],
    },
  })
  const ways = (token: string) => Promise.all([
    get(below, token),
    get(`${below}/members`, token),
    get(`${below}/items?parentId=${workspace.rootId}`, token),
    get(`${below}/items/selection?parentId=${workspace.rootId}`, token),
    get(`/items/${file.id}`, token),
    get(`/files/${file.id}/content`, token),
    test.call('POST', `${below}/links`, {
      token,
      body: {
        itemIds: [file.id],
      },
    }),
    test.call('PATCH', `/items/${file.id}`, {
      token,
      body: { name: 'other.txt' },
    }),
  ]).then(answers => answers.map(codeIn))
  const due = new Date(await shutsAt(staff))
  expect(Math.round((due.getTime() - test.clock.now().getTime()) / DAY_MS)).toBe(7)
  expect([await shutsAt(owner), await shutsAt(client)]).toEqual([null, null])
  for (const token of [staff.token, access]) expect.soft(await ways(token)).not.toContainEqual(shut)

  test.clock.advance(7 * DAY_MS)
  for (const token of [staff.token, access]) {
    const answers = await ways(token)
    expect.soft(answers).toEqual(answers.map(() => shut))
  }
  expect(codeIn(await get(below, admin))).toEqual(shut)
  expect((await get(below, owner)).status).toBe(200)
  // What does not exist for somebody stays so.
  expect(codeIn(await get(below, await createUser(test)))).toEqual([404, 'not_found'])
  // Their account is open, and so are their links: those who have them are others.
  expect((await get('/workspaces', staff)).body.items).toHaveLength(1)
  expect((await get('/me/factors', staff)).status).toBe(200)
  const visited = `/public/links/${new URL(link.url).pathname.split('/').at(-1)}`
  expect((await test.call('GET', visited)).body.items).toHaveLength(1)
  expect((await test.call('POST', `${visited}/download`, {
    body: { itemId: file.id },
  })).status).toBe(200)

  // Whoever comes later has the grace from then on.
  const late = await addMember(test, workspace, 'staff')
  expect((await get(below, late)).status).toBe(200)
  const members = async (user: TestUser) => (await get(`${below}/members`, user)).body.items.map((each: any) => [each.userId, each.hasSecondFactor])
  expect(Object.fromEntries(await members(owner))).toMatchObject({ [owner.id]: true, [staff.id]: false })
  expect(Object.fromEntries(await members(late))).toMatchObject({ [owner.id]: null, [staff.id]: null })

  await addTotp(test, staff)
  expect((await get(below, staff)).status).toBe(200)
  expect(await shutsAt(staff)).toBe(null)
  await test.call('DELETE', '/me/totp', { token: staff.token })
  expect(codeIn(await get(below, staff))).toEqual(shut)

  expect((await ask(workspace, owner, 'admins', 0)).status).toBe(200)
  expect([
    (await get(below, staff)).status,
    codeIn(await get(below, admin)),
  ]).toEqual([200, shut])
  expect((await ask(workspace, owner, 'nobody', 0)).status).toBe(200)
  expect((await get(below, admin)).status).toBe(200)
  expect((await toldEvents(test, eq(auditEvents.subjectId, workspace.id))).filter(({ action }) => action.startsWith('workspace.second')).map(({ details }) => details)).toEqual([
    { askedOf: 'staff', graceDays: 7 },
    { askedOf: 'admins', graceDays: 0 },
    { askedOf: 'nobody', graceDays: 0 },
  ])
})

it('the instance asks its operators for one: without it they have no operator’s page', async () => {
  const need = (operatorsNeedFactor: boolean) => test.call('PATCH', '/admin/instance', {
    token: operator.token,
    body: { operatorsNeedFactor },
  })
  const other = await createUser(test, { isOperator: true })
  expect(codeIn(await need(true))).toEqual(shut)
  await addTotp(test, operator)
  const done = await need(true)
  expect([done.status, done.body.operatorsNeedFactor]).toEqual([200, true])
  expect([
    (await get('/admin/users', operator)).status,
    codeIn(await get('/admin/users', other)),
  ]).toEqual([200, shut])
  expect([(await get('/me', operator)).body.lacksFactor, (await get('/me', other)).body.lacksFactor]).toEqual([false, true])
  await addTotp(test, other)
  expect([(await get('/admin/users', other)).status, (await get('/me', other)).body.lacksFactor]).toEqual([200, false])
  expect((await need(false)).status).toBe(200)
})
