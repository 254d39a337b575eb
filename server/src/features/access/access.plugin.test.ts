import type { FastifyInstance } from 'fastify'
import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { RouteAccess } from './access.plugin.ts'
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addMember, createUser, createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { problemPlugin } from '../../http/problem.ts'
import { tokensPlugin } from '../../http/tokens.ts'
import { accessPlugin } from './access.plugin.ts'

/** The kinds of access that no route of the server has yet, on routes of their own; the others are in the access matrix. */

let test: TestApp
let app: FastifyInstance
let workspace: TestWorkspace
let people: Record<'client' | 'staff' | 'owner' | 'stranger', TestUser>

beforeAll(async () => {
  test = await createTestApp()
  workspace = await createWorkspace(test)
  people = {
    client: await addMember(test, workspace, 'client'),
    staff: await addMember(test, workspace, 'staff'),
    owner: workspace.owner,
    stranger: await createUser(test),
  }
  app = Fastify()
  await app.register(problemPlugin, { bodyIdleMs: 1000 })
  await app.register(cookie)
  await app.register(tokensPlugin, { secretKey: test.config.secretKey, publicUrl: test.config.publicUrl, clock: test.clock.now })
  await app.register(accessPlugin, { access: test.deps.access, tokens: test.deps.accessTokens, deviceCookie: 'device' })
  const route = (path: string, access: RouteAccess) => app.get(path, {
    config: { access },
  }, async ({ caller, memberOrNull }) => ({ via: caller.origin.via, actor: caller.actor.kind, role: memberOrNull?.role }))
  route('/file-requests/:token', 'guest')
  route('/portals/:workspaceId', 'portal')
})
afterAll(async () => {
  await app.close()
  await test.close()
})

const get = (url: string, user?: TestUser) => app.inject({
  url,
  headers: user
    ? { authorization: `Bearer ${user.token}` }
    : {},
})

it('lets a guest in without an account, as somebody who came by a link', async () => {
  const answer = await get('/file-requests/abc')
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({ via: 'link', actor: 'visitor' })
})

it('opens a portal to the clients of its workspace, and is not there for anybody else', async () => {
  const portal = `/portals/${workspace.id}`
  const own = await get(portal, people.client)
  expect([
    own.statusCode,
    own.json(),
  ]).toEqual([
    200,
    { via: 'api', actor: 'user', role: 'client' },
  ])
  for (const kind of ['staff', 'owner', 'stranger'] as const) expect((await get(portal, people[kind])).statusCode, kind).toBe(404)
  expect((await get(portal)).statusCode).toBe(401)
  expect((await get('/portals/no-id', people.client)).statusCode).toBe(404)
})
