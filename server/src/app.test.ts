import type { AddressInfo } from 'node:net'
import type { TestApp } from '../test/test-app.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember, createFolder, createUser, createWorkspace } from '../test/factories.ts'
import { createTestApp, useTestApp } from '../test/test-app.ts'

describe('the app', () => {
  let test: TestApp
  beforeAll(async () => { test = await createTestApp() })
  afterAll(() => test.close())

  it('says that it is alive and ready', async () => {
    expect((await test.app.inject('/healthz')).statusCode).toBe(200)
    const ready = await test.app.inject('/readyz')
    expect(ready.json()).toEqual({
      status: 'ok',
      checks: { database: 'ok', storage: 'ok' },
    })
  })

  it('answers an unknown address with 404 as problem+json, token or not', async () => {
    const answer = await test.call('GET', '/nothing')
    expect(answer.status).toBe(404)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body).toMatchObject({ type: 'about:blank', status: 404, code: 'not_found' })
    expect(answer.body.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('asks for a token where a person is needed', async () => {
    for (const headers of [
      {},
      { authorization: 'Bearer x.y.z' },
      { authorization: 'Basic abc' },
    ] as Record<string, string>[]) {
      const answer = await test.call('GET', '/me', { headers })
      expect(answer.status).toBe(401)
      expect(answer.body.code).toBe('auth.unauthenticated')
    }
  })

  it('does not say whether a workspace of others exists', async () => {
    const workspace = await createWorkspace(test)
    const stranger = await createUser(test)
    const other = await test.call('GET', `/workspaces/${workspace.id}/items`, { token: stranger.token })
    const none = await test.call('GET', `/workspaces/01900000-0000-7000-8000-000000000000/items`, { token: stranger.token })
    expect([other.status, other.body.code, other.body.detail]).toEqual([none.status, none.body.code, none.body.detail])
    expect(other.status).toBe(404)
  })

  it('records where a request came from that was gone before it was looked at', async () => {
    const gone = await useTestApp()
    const workspace = await createWorkspace(gone)
    const folder = await createFolder(gone, workspace, { name: 'Old' })
    await gone.app.listen({ port: 0, host: '127.0.0.1' })
    gone.app.server.prependOnceListener('request', ({ socket }) => socket.destroy())
    const { port } = gone.app.server.address() as AddressInfo
    await expect(fetch(`http://127.0.0.1:${port}/api/v1/items/${folder.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${workspace.owner.token}` },
    })).rejects.toThrow('fetch failed')
    const events = () => gone.call('GET', `/workspaces/${workspace.id}/audit`, { token: workspace.owner.token })
    await expect.poll(async () => (await events()).body.items[0]).toMatchObject({
      action: 'item.trashed',
      origin: { ip: '127.0.0.1' },
    })
  })

  it('refuses what a role does not allow', async () => {
    const workspace = await createWorkspace(test)
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    const answer = await test.call('GET', `/workspaces/${workspace.id}/audit`, { token: staff.token })
    expect([answer.status, answer.body.code]).toEqual([403, 'access.denied'])
  })

  it.each([
    ['broken JSON', '{"email":', 'request.json'],
    ['a wrong type', '{"email":1,"password":"x"}', 'request.invalid'],
    ['an unknown field', '{"email":"a@b.c","password":"x","admin":true}', 'request.invalid'],
    ['nothing', '', 'request.invalid'],
  ])('refuses %s in a body', async (_what, payload, code) => {
    const response = await test.app.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      headers: { 'content-type': 'application/json' },
      payload,
    })
    expect([response.statusCode, response.json().code]).toEqual([400, code])
  })
})
