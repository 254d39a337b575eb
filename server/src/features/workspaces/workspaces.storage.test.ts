import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { auditOf } from '../../../test/audit-log.ts'
import { addMember, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { notificationsReader } from '../notifications/notifications.reader.ts'
import { workspaces } from './workspaces.table.ts'

let test: TestApp
let operator: TestUser
let workspace: TestWorkspace
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
  await test.deps.auditReaders.start([
    notificationsReader(test.deps.notifications),
  ])
})
beforeEach(async () => { workspace = await createWorkspace(test) })
afterAll(() => test.close())

const limit = (quotaBytes: unknown, id = workspace.id, token = operator.token) => test.call('PUT', `/admin/workspaces/${id}/quota`, {
  token,
  body: { quotaBytes },
})
const use = (usedBytes: number) => test.deps.db.update(workspaces).set({ usedBytes }).where(eq(workspaces.id, workspace.id))
const told = async () => (await auditOf(test, workspace.id, 'workspace.storage_filled')).map(({ details }) => details.percent)
const tell = () => test.deps.workspaces.tellFilled()

it('is limited by operators alone, and the log tells of it once', async () => {
  expect((await limit(1000)).status).toBe(204)
  expect((await limit(1000)).status).toBe(204)
  expect((await test.call('GET', `/workspaces/${workspace.id}`, { token: workspace.owner.token })).body).toMatchObject({ quotaBytes: 1000 })
  expect((await limit(null)).status).toBe(204)
  expect((await auditOf(test, workspace.id, 'workspace.quota')).map(({ details, actorId }) => [details, actorId])).toEqual([
    [
      {
        quotaBytes: { from: null, to: 1000 },
      },
      operator.id,
    ],
    [
      {
        quotaBytes: { from: 1000, to: null },
      },
      operator.id,
    ],
  ])
  for (const wrong of [0, -1, 1.5, '1000', 2 ** 53]) expect([wrong, (await limit(wrong)).status]).toEqual([wrong, 400])
  expect((await limit(1000, randomUUID())).status).toBe(404)
  expect((await limit(1000, workspace.id, workspace.owner.token)).status).toBe(403)
})

it('is told at each step, once, and again only after it was less', async () => {
  await limit(1000)
  await use(799)
  await tell()
  expect(await told()).toEqual([])
  await use(800)
  await Promise.all([
    tell(),
    tell(),
    tell(),
  ])
  await use(949)
  await tell()
  expect(await told()).toEqual([80])
  await use(950)
  await tell()
  await use(1000)
  await tell()
  expect(await told()).toEqual([80, 95])
  await use(940)
  await tell()
  await use(960)
  await tell()
  expect(await told()).toEqual([80, 95, 95])
  // More room is less of it.
  await limit(100_000)
  await tell()
  await limit(1000)
  await tell()
  expect(await told()).toEqual([
    80,
    95,
    95,
    95,
  ])
  await limit(null)
  await tell()
  expect(await told()).toHaveLength(4)
})

it('concerns administrators', async () => {
  const [admin, staff] = [
    await addMember(test, workspace, 'admin'),
    await addMember(test, workspace, 'staff'),
  ]
  await limit(1000)
  await use(850)
  await tell()
  const news = async ({ token }: TestUser) => (await test.call('GET', '/me/notifications?type=workspace.storage_filled', { token })).body.items
  await expect.poll(() => news(admin)).toMatchObject([
    {
      actor: { kind: 'system' },
      details: { percent: 80, usedBytes: 850, quotaBytes: 1000 },
    },
  ])
  expect(await news(workspace.owner)).toHaveLength(1)
  expect(await news(staff)).toEqual([])
})
