import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf, toldEvents } from '../../../test/audit-log.ts'
import { addMember, createFile, createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { newAccessToken } from '../../crypto/access-token.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { accessTokens } from './tokens.table.ts'

const DAY_MS = 86_400_000
const everything = ['read', 'write', 'links', 'admin']

let test: TestApp
let operator: TestUser
let workspace: TestWorkspace
let owner: TestUser
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
  workspace = await createWorkspace(test)
  ;({ owner } = workspace)
})
afterAll(() => test.close())

const code = ({ status, body }: { status: number, body: any }) => body?.code
  ? [status, body.code]
  : status
const make = async (user: TestUser, input: object = {}) => (await test.call('POST', '/me/tokens', {
  token: user.token,
  body: { name: 'Nightly report', scopes: everything, ...input },
})).body
const list = async (user: TestUser) => (await test.call('GET', '/me/tokens', { token: user.token })).body.items
const see = (token: string, path = `/workspaces/${workspace.id}`) => test.call('GET', path, { token })
const folder = (token: string, name: string) => test.call('POST', `/workspaces/${workspace.id}/folders`, {
  token,
  body: { parentId: workspace.rootId, name },
})

describe('an access token', () => {
  it('is made with a name, scopes and an end, told once, listed without it, and kept as a hash', async () => {
    const made = await make(owner, {
      scopes: ['read', 'links'],
      workspaceId: workspace.id,
    })
    const { token, ...shown } = made
    expect(made).toEqual({
      id: expect.any(String),
      name: 'Nightly report',
      scopes: ['read', 'links'],
      workspaceId: workspace.id,
      token: expect.stringMatching(/^cs_pat_\w{49}$/),
      createdAt: expect.any(String),
      expiresAt: new Date(Date.parse(made.createdAt) + 90 * DAY_MS).toISOString(),
      lastUsedAt: null,
      lastUsedIp: null,
    })
    expect(await list(owner)).toEqual([shown])
    expect((await test.call('GET', `/me/tokens/${made.id}`, { token: owner.token })).body).toEqual(shown)
    expect(JSON.stringify(await test.deps.db.select().from(accessTokens))).not.toContain(token.slice(7))
    expect(await toldEvents(test, eq(auditEvents.action, 'token.created'))).toMatchObject([
      {
        actor: { name: owner.name },
        subject: { kind: 'user', id: owner.id },
        details: {
          tokenId: made.id,
          tokenName: 'Nightly report',
          scopes: ['read', 'links'],
          onlyWorkspaceId: workspace.id,
          expiresAt: made.expiresAt,
        },
      },
    ])
    await test.call('DELETE', `/me/tokens/${made.id}`, { token: owner.token })
    expect(await list(owner)).toEqual([])
    expect(code(await test.call('DELETE', `/me/tokens/${made.id}`, { token: owner.token }))).toEqual([404, 'not_found'])
    expect(code(await see(token))).toEqual([401, 'auth.unauthenticated'])
  })

  it('is for a year at most, with some scope, of a workspace of one’s own, and there are at most fifty', async () => {
    const person = await createUser(test)
    const ask = async (input: object) => code(await test.call('POST', '/me/tokens', {
      token: person.token,
      body: {
        name: 'x',
        scopes: ['read'],
        ...input,
      },
    }))
    for (const wrong of [
      { expiresInDays: 366 },
      { expiresInDays: 0 },
      { scopes: [] },
      {
        scopes: ['read', 'read'],
      },
      {
        scopes: ['everything'],
      },
      { name: '' },
    ]) expect(await ask(wrong), JSON.stringify(wrong)).toEqual([400, 'request.invalid'])
    expect(await ask({ workspaceId: workspace.id })).toEqual([404, 'not_found'])
    expect(await ask({ expiresInDays: 365 })).toBe(201)
    for (let n = 2; n < 50; n++) expect(await ask({})).toBe(201)
    const two = await Promise.all([
      ask({}),
      ask({}),
    ])
    expect(two.filter(each => each === 201)).toHaveLength(1)
    expect(two).toContainEqual([409, 'token.too_many'])
  })

  it('acts as its person, whose rights count at each call, and is never more than they are', async () => {
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'editor' })
    const { token } = await make(staff)
    const answer = await folder(token, 'By a program')
    expect(answer.status).toBe(201)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect((await auditOf(test, workspace.id, 'folder.created')).at(-1)).toMatchObject({
      actor: { kind: 'user', name: staff.name },
      origin: { via: 'api' },
      details: { byToken: 'Nightly report' },
    })
    // The name of the token is personal: it stands beside the chain, where it can be erased.
    expect(JSON.stringify(await test.deps.db.select().from(auditEvents))).not.toContain('Nightly report')
    expect((await test.call('GET', `/workspaces/${workspace.id}/audit/proof`, { token: owner.token })).body).toMatchObject({ brokenAt: null })

    await test.deps.db.update(grants).set({ role: 'viewer' }).where(and(eq(grants.userId, staff.id), eq(grants.workspaceId, workspace.id)))
    expect(code(await folder(token, 'No more'))).toEqual([403, 'access.denied'])
    expect((await see(token)).status).toBe(200)
    const { items } = (await test.call('GET', `/workspaces/${workspace.id}/members`, { token: owner.token })).body
    const { id } = items.find(({ userId }: { userId: string }) => userId === staff.id)
    await test.call('DELETE', `/workspaces/${workspace.id}/members/${id}`, { token: owner.token })
    expect(code(await see(token))).toEqual([404, 'not_found'])
  })

  it('tells by which token only those who may see the whole log', async () => {
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    const { token } = await make(owner, { name: 'Ana’s laptop' })
    const { body: { id } } = await folder(token, 'Told of')
    const told = async (user: TestUser) => (await see(user.token, `/items/${id}/activity`)).body.items[0].details
    expect(await told(owner)).toMatchObject({ byToken: 'Ana’s laptop' })
    expect(await told(staff)).not.toHaveProperty('byToken')
  })

  it('says what is wrong: a route that takes none, a scope that it was not given', async () => {
    const { token } = await make(owner, {
      scopes: ['read'],
    })
    for (const path of ['/me', '/me/tokens', '/me/sessions']) expect(code(await see(token, path)), path).toEqual([403, 'token.not_taken'])
    expect(code(await folder(token, 'x'))).toEqual([403, 'token.scope_missing'])
    const { token: operators } = await make(operator)
    expect(code(await see(operators, '/admin/users'))).toEqual([403, 'token.not_taken'])
    expect(code(await test.call('POST', '/auth/refresh', { token }))).toEqual([401, 'auth.unauthenticated'])
    // Not taken for a sign-in where everybody may come either.
    expect((await see(token, '/instance')).body).not.toHaveProperty('commit')
  })

  it('of one workspace reaches no other, whatever the address names', async () => {
    const other = await createWorkspace(test, { owner })
    const file = await createFile(test, other, { name: 'other.txt', content: 'other' })
    const { token } = await make(owner, { workspaceId: workspace.id })
    const { token: wide } = await make(owner)
    const names = async (bearer: string) => (await see(bearer, '/workspaces')).body.items.map(({ id }: { id: string }) => id).sort()
    expect(await names(token)).toEqual([workspace.id])
    expect(await names(wide)).toEqual([workspace.id, other.id].sort())
    for (const path of [
      `/workspaces/${other.id}`,
      `/items/${file.id}`,
      `/files/${file.id}/content`,
    ]) {
      expect((await see(wide, path)).status, path).toBe(200)
      expect(code(await see(token, path)), path).toEqual([404, 'not_found'])
    }
  })

  it('takes with it what was begun by it: addresses of downloads and unfinished uploads', async () => {
    const file = await createFile(test, workspace, { name: 'begun.txt', content: 'begun' })
    const made = await make(owner)
    const ask = (path: string, body: object | undefined, bearer = made.token) => test.call('POST', path, { token: bearer, body })
    const { url } = (await ask(`/files/${file.id}/download`, undefined)).body
    const { url: sessions } = (await ask(`/files/${file.id}/download`, undefined, owner.token)).body
    const upload = (await ask(`/workspaces/${workspace.id}/uploads`, { parentId: workspace.rootId, name: 'u', size: 5 })).body
    const { pathname } = new URL(url)
    const got = () => test.call('GET', `/uploads/${upload.id}`, { token: upload.uploadToken })
    expect((await test.call('GET', pathname)).status).toBe(200)
    expect((await got()).status).toBe(200)
    await test.call('DELETE', `/me/tokens/${made.id}`, { token: owner.token })
    expect(code(await test.call('GET', pathname))).toEqual([404, 'not_found'])
    expect(code(await got())).toEqual([401, 'upload.wrong_token'])
    expect((await test.call('GET', new URL(sessions).pathname)).status).toBe(200)
  })

  it('ends by its time, is listed for some weeks as expired, and is cleared away then', async () => {
    const person = await createUser(test)
    const made = await make(person, { expiresInDays: 1 })
    try {
      expect((await see(made.token, '/workspaces')).status).toBe(200)
      test.clock.advance(DAY_MS)
      expect(code(await see(made.token, '/workspaces'))).toEqual([401, 'auth.unauthenticated'])
      await purgeDue(test)
      expect((await list({
        ...person,
        token: test.app.tokens.signAccess({ userId: person.id, sessionId: person.sessionId }),
      })).map(({ id }: { id: string }) => id)).toEqual([made.id])
      test.clock.advance(30 * DAY_MS)
      await purgeDue(test)
      expect(await test.deps.db.$count(accessTokens, eq(accessTokens.id, made.id))).toBe(0)
    }
    finally {
      test.clock.advance(-31 * DAY_MS)
    }
  })

  it('ends with a disabled account, and does not come back with it', async () => {
    const person = await createUser(test)
    const { token } = await make(person)
    const change = (disabled: boolean) => test.call('PATCH', `/admin/users/${person.id}`, {
      token: operator.token,
      body: { disabled },
    })
    await change(true)
    expect(code(await see(token, '/workspaces'))).toEqual([401, 'auth.unauthenticated'])
    await change(false)
    expect(code(await see(token, '/workspaces'))).toEqual([401, 'auth.unauthenticated'])
    expect((await toldEvents(test, eq(auditEvents.action, 'user.disabled'))).at(-1)).toMatchObject({
      details: { endedSessions: 1, endedTokens: 1 },
    })
  })

  it('notes when and from where it was last used, at most once in some minutes', async () => {
    const made = await make(owner)
    const lastUse = async () => (await test.call('GET', `/me/tokens/${made.id}`, { token: owner.token })).body
    const from = (remoteAddress: string) => test.app.inject({
      remoteAddress,
      url: '/api/v1/workspaces',
      headers: { authorization: `Bearer ${made.token}` },
    })
    try {
      const start = new Date()
      test.clock.set(start)
      await from('198.51.100.7')
      const first = await lastUse()
      expect(first).toMatchObject({
        lastUsedAt: start.toISOString(),
        lastUsedIp: '198.51.100.7',
      })
      test.clock.advance(4 * 60_000)
      await from('198.51.100.8')
      expect(await lastUse()).toEqual(first)
      test.clock.advance(2 * 60_000)
      await from('198.51.100.8')
      expect(await lastUse()).toMatchObject({ lastUsedIp: '198.51.100.8' })
    }
    finally {
      test.clock.set(null)
    }
  })

  it('is not guessed: who tries many waits, and slows no right one; what has no right checksum is not looked up', async () => {
    const made = await make(owner)
    const by = async (token: string) => (await test.app.inject({
      remoteAddress: '198.51.100.77',
      url: '/api/v1/workspaces',
      headers: { authorization: `Bearer ${token}` },
    })).statusCode
    for (let n = 0; n < 40; n++) expect(await by(newAccessToken().slice(0, -1))).toBe(401)
    const answers = []
    for (let n = 0; n < 32; n++) answers.push(await by(newAccessToken()))
    expect(answers.slice(0, 30)).toEqual(Array.from({ length: 30 }).fill(401))
    expect(answers.at(-1)).toBe(429)
    expect(await by(made.token)).toBe(200)
  })
})
