import type { FastifyInstance } from 'fastify'
import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Deps } from '../../deps.ts'
import type { LiveEvent } from '../../live/live-bus.ts'
import { randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { and, eq, sql } from 'drizzle-orm'
import Fastify from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { readEvents } from '../../../test/event-reader.ts'
import { addMember, createUser, createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { buildApp } from '../../app.ts'
import { hashSecret } from '../../crypto/secrets.ts'
import { createDeps } from '../../deps.ts'
import { publishAccountEnded, publishLive } from '../../live/live-bus.ts'
import { newSessionToken } from '../auth/session-token.ts'
import { sessions } from '../auth/sessions.table.ts'
import { members } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { createLiveStreams } from './live-streams.http.ts'

let test: TestApp
let workspace: TestWorkspace
const path = '/api/v1/me/events'
beforeAll(async () => {
  test = await createTestApp()
  await test.app.listen({ port: 0, host: '127.0.0.1' })
})
beforeEach(async () => { workspace = await createWorkspace(test) })

afterAll(() => test.close())

const publish = (event: LiveEvent, deps: Deps = test.deps) => publishLive(deps.db, event)
const items = (parentId = workspace.rootId): LiveEvent => ({
  topic: 'items',
  workspaceId: workspace.id,
  parentIds: [parentId],
})
const read = (user: TestUser = workspace.owner, app: FastifyInstance = test.app) => readEvents(app, path, user.token)

/** Another replica on the same database. */
async function replica(): Promise<{ app: FastifyInstance, deps: Deps }> {
  const deps = await createDeps({
    config: test.config,
    version: '0.0.0-test',
    log: {
      info: () => {},
      error: () => {},
    },
  })
  const app = await buildApp(deps)
  onTestFinished(async () => {
    await app.close()
    await deps.close()
  })
  await deps.live.start()
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, deps }
}

describe('the event stream', () => {
  it('says what it is and begins at once', async () => {
    const stream = await read()
    expect(stream.response.statusCode).toBe(200)
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    await stream.until(({ event }) => event === 'ready')
    expect(stream.text()).toMatch(/^retry: \d+\n/)
  })

  it('brings an event of one replica to a reader at another, with an id', async () => {
    const other = await replica()
    const stream = await read(workspace.owner, other.app)
    await publish(items())
    expect(await stream.until(({ event }) => event === 'items')).toEqual({
      event: 'items',
      data: items(),
    })
    expect(stream.text()).toMatch(/\nid: \S+\ndata: /)
  })

  it('tells nothing of a transaction that was rolled back', async () => {
    const stream = await read()
    const folder = randomUUIDv7()
    await expect(test.deps.db.transaction(async (tx) => {
      await publishLive(tx, items(folder))
      throw new Error('rolled back')
    })).rejects.toThrow('rolled back')
    await publish(items())
    await stream.until(({ event }) => event === 'items')
    expect(stream.text()).not.toContain(folder)
  })

  it('keeps workspaces apart', async () => {
    const other = await createWorkspace(test)
    const stream = await read()
    await publish({
      topic: 'items',
      workspaceId: other.id,
      parentIds: [other.rootId],
    })
    await publish(items())
    await stream.until(({ event }) => event === 'items')
    expect(stream.text()).not.toContain(other.id)
  })

  it('shows uploads to who uploads, that something happened to all staff', async () => {
    const staff = await addMember(test, workspace, 'staff')
    const [owners, staffs] = [await read(), await read(staff)]
    await publish({
      topic: 'uploads',
      workspaceId: workspace.id,
      userId: staff.id,
      uploadId: randomUUIDv7(),
      state: 'open',
    })
    await publish({ topic: 'activity', workspaceId: workspace.id, seq: 7 })
    await publish({ topic: 'links', workspaceId: workspace.id })
    await publish(items())
    await Promise.all([owners, staffs].map(stream => stream.until(({ event }) => event === 'items')))
    expect(owners.events.map(({ event }) => event)).toEqual(['ready', 'activity', 'links', 'items'])
    expect(staffs.events.map(({ event }) => event)).toEqual([
      'ready',
      'uploads',
      'activity',
      'links',
      'items',
    ])
  })

  it('brings thousands of folders of one change in several events', async () => {
    const stream = await read()
    const parentIds = Array.from({ length: 1000 }, () => randomUUIDv7())
    await publish({ topic: 'items', workspaceId: workspace.id, parentIds })
    await stream.until(({ data }) => data.parentIds?.includes(parentIds.at(-1)))
    expect(stream.events.flatMap(({ data }): string[] => data.parentIds ?? [])).toEqual(parentIds)
  })

  it('is refused to nobody, and has no HEAD', async () => {
    expect((await test.call('GET', path)).status).toBe(401)
    expect((await test.call('HEAD', path, { token: workspace.owner.token })).status).toBe(405)
  })

  it('has all workspaces of a person, also one that they come to later', async () => {
    const [second, third] = [await createWorkspace(test, { owner: workspace.owner }), await createWorkspace(test)]
    const stream = await read()
    await publish({ topic: 'links', workspaceId: second.id })
    await stream.until(({ data }) => data.workspaceId === second.id)
    await addMember(test, third, 'staff', { user: workspace.owner })
    await publish({ topic: 'members', workspaceId: third.id, userId: workspace.owner.id })
    await stream.until(({ event }) => event === 'members')
    await publish({ topic: 'links', workspaceId: third.id })
    await publish(items())
    await stream.until(({ event }) => event === 'items')
    expect(stream.events.map(({ event, data }) => [event, data.workspaceId])).toEqual([
      ['ready', undefined],
      ['links', second.id],
      ['members', third.id],
      ['links', third.id],
      ['items', workspace.id],
    ])
  })

  it('tells a client’s people of what names them, and a stranger of nothing', async () => {
    const client = await addMember(test, workspace, 'client')
    const [clients, strangers] = [await read(client), await read(await createUser(test))]
    await publish(items())
    await publish({ topic: 'links', workspaceId: workspace.id })
    await publish({ topic: 'members', workspaceId: workspace.id })
    await publish({
      topic: 'notifications',
      userIds: [workspace.owner.id, client.id],
    })
    expect((await clients.until(({ event }) => event === 'notifications')).data).toEqual({ topic: 'notifications' })
    expect(clients.events.map(({ event }) => event)).toEqual(['ready', 'notifications'])
    expect(strangers.events.map(({ event }) => event)).toEqual(['ready'])
  })

  it('tells of the end of a membership, and nothing after it', async () => {
    const staff = await addMember(test, workspace, 'staff')
    const [stream, others] = [await read(staff), await read()]
    await test.deps.db.transaction(async (tx) => {
      await tx.delete(members).where(and(eq(members.workspaceId, workspace.id), eq(members.userId, staff.id)))
      await publishLive(tx, { topic: 'members', workspaceId: workspace.id, userId: staff.id })
      await publishLive(tx, items())
      await publishLive(tx, {
        topic: 'notifications',
        userIds: [staff.id],
      })
    })
    await stream.until(({ event }) => event === 'notifications')
    expect(stream.events.map(({ event }) => event)).toEqual(['ready', 'members', 'notifications'])
    await others.until(({ event }) => event === 'items')
  })

  it('ends at once with the account, in whichever workspace it is', async () => {
    const staff = await addMember(test, workspace, 'staff')
    const [stream, others] = [await read(staff), await read()]
    await test.deps.db.transaction(async (tx) => {
      await tx.update(users).set({
        disabledAt: test.deps.clock(),
      }).where(eq(users.id, staff.id))
      await publishAccountEnded(tx, staff.id)
      await publishLive(tx, items())
    })
    await stream.ended
    await others.until(({ event }) => event === 'items')
    expect(others.events.map(({ event }) => event)).toEqual(['ready', 'items'])
  })

  it('ends at once with the sessions that the person or an operator ends', async () => {
    const staff = await addMember(test, workspace, 'staff')
    const [theirs, operator] = [await createUser(test), await createUser(test, { isOperator: true })]
    const [stream, other] = [await read(staff), await read(theirs)]
    const told: string[] = []
    onTestFinished(test.deps.live.subscribeAll((event) => {
      if (event.topic === 'account') told.push(event.userId)
    }))
    // Of another session of the same person, who signs out everywhere else.
    const session = {
      ...(await test.deps.db.select().from(sessions).where(eq(sessions.id, staff.sessionId)))[0]!,
      id: randomUUIDv7(),
      tokenHash: Buffer.from(randomUUIDv7()),
    }
    await test.deps.db.insert(sessions).values(session)
    expect((await test.call('DELETE', '/me/sessions', {
      token: test.app.tokens.signAccess({ userId: staff.id, sessionId: session.id }),
    })).body).toEqual({ endedSessions: 1 })
    await stream.ended
    await test.call('POST', `/admin/users/${theirs.id}/end-sessions`, { token: operator.token })
    await other.ended
    // It was not the look every minute that ended them.
    expect(told).toEqual([staff.id, theirs.id])
  })

  it('ends at once with a session that is signed out of, or whose old token is used again', async () => {
    const told: string[] = []
    onTestFinished(test.deps.live.subscribeAll((event) => {
      if (event.topic === 'account') told.push(event.userId)
    }))
    const post = (path: string, cookie: string) => test.call('POST', path, {
      headers: { cookie: `clientshare-session=${cookie}` },
    })
    const keep = async (user: TestUser) => {
      const token = newSessionToken(user.sessionId)
      await test.deps.db.update(sessions).set({
        tokenHash: hashSecret(token),
      }).where(eq(sessions.id, user.sessionId))
      return token
    }
    const [one, two] = [await createUser(test), await createUser(test)]
    const [leaving, reused] = [await keep(one), await keep(two)]
    const [first, second] = [await read(one), await read(two)]
    expect((await post('/auth/logout', leaving)).status).toBe(204)
    await first.ended
    expect((await post('/auth/refresh', reused)).status).toBe(200)
    test.clock.advance(31_000)
    expect((await post('/auth/refresh', reused)).status).toBe(401)
    await second.ended
    // It was not the look every minute that ended them.
    expect(told).toEqual([one.id, two.id])
  })

  it('ends at once with the session', async () => {
    const stream = await read()
    await test.deps.db.transaction(async (tx) => {
      await tx.update(sessions).set({
        revokedAt: test.deps.clock(),
      }).where(eq(sessions.id, workspace.owner.sessionId))
      await publishLive(tx, { topic: 'members', workspaceId: workspace.id, userId: workspace.owner.id })
    })
    await stream.ended
  })

  it('goes by the new role after a change', async () => {
    const staff = await addMember(test, workspace, 'staff')
    const stream = await read(staff)
    await test.deps.db.update(members).set({ role: 'admin' }).where(eq(members.userId, staff.id))
    await publish({ topic: 'members', workspaceId: workspace.id, userId: staff.id })
    await publish({
      topic: 'activity',
      workspaceId: workspace.id,
      seq: 1,
      userId: staff.id,
    })
    await stream.until(({ event }) => event === 'activity')
  })

  it('tells what somebody has seen to their own windows alone', async () => {
    const admin = await addMember(test, workspace, 'admin')
    const [own, others] = [await read(admin), await read()]
    await publish({
      topic: 'activity',
      workspaceId: workspace.id,
      seq: 3,
      userId: admin.id,
    })
    await publish(items())
    await own.until(({ event }) => event === 'items')
    await others.until(({ event }) => event === 'items')
    expect(own.events.map(({ event }) => event)).toEqual(['ready', 'activity', 'items'])
    expect(others.events.map(({ event }) => event)).toEqual(['ready', 'items'])
  })

  it('has a limit for each person', async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => read()))
    const refused = await read()
    expect(refused.response.statusCode).toBe(429)
    expect(refused.response.headers['retry-after']).toBe('30')
    expect((await read(await addMember(test, workspace, 'staff'))).response.statusCode).toBe(200)

    streams[0]!.close()
    await expect.poll(async () => (await read()).response.statusCode).toBe(200)
  })

  it('ends when the server closes, which does not wait for it', async () => {
    const other = await replica()
    const streams = await Promise.all([1, 2, 3].map(() => read(workspace.owner, other.app)))
    // One that waited for its readers would never end.
    await other.app.close()
    await Promise.all(streams.map(({ ended }) => ended))
  })

  it('ends for a reader who does not read, and holds little for him', async () => {
    const { port } = test.app.server.address() as { port: number }
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => { socket.destroy() })
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${workspace.owner.token}\r\n\r\n`)
    await once(socket, 'readable')
    const connections = () => new Promise<number>(resolve => test.app.server.getConnections((_error, count) => resolve(count)))
    const before = await connections()
    const parentIds = Array.from({ length: 15_000 }, () => randomUUIDv7())
    for (let sent = 0; sent < 40 && await connections() === before; sent++) await publish({ topic: 'items', workspaceId: workspace.id, parentIds })
    expect(await connections()).toBe(before - 1)
  })

  it('ends when events may have been missed, once it listens again', async () => {
    const stream = await read()
    await test.deps.db.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clientshare-live' and datname = current_database()`)
    await stream.ended
    const next = await read()
    await publish(items())
    await next.until(({ event }) => event === 'items')
  })
})

describe('the event stream in the course of time', () => {
  async function listening(options: { heartbeatMs?: number, recheckMs?: number }) {
    const streams = createLiveStreams({
      ...test.deps,
      ...options,
    })
    const app = Fastify()
    app.get('/', (_request, reply) => streams.open(reply, {
      userId: workspace.owner.id,
      sessionId: workspace.owner.sessionId,
      name: '',
      email: '',
      isOperator: false,
      owesAcceptance: false,
      steppedUpAt: null,
    }))
    app.addHook('preClose', async () => streams.close())
    onTestFinished(() => app.close())
    await app.listen({ port: 0, host: '127.0.0.1' })
    return readEvents(app, '/', '')
  }

  it('shows that it is alive', async () => {
    const stream = await listening({ heartbeatMs: 20 })
    while (!/(?:: still here\n\n.*){3}/s.test(stream.text())) await sleep(10)
  })

  it('notices by itself that the session has ended', async () => {
    const stream = await listening({ recheckMs: 50 })
    await sleep(200)
    expect(stream.response.complete).toBe(false)
    await test.deps.db.update(sessions).set({
      revokedAt: test.deps.clock(),
    }).where(eq(sessions.id, workspace.owner.sessionId))
    await stream.ended
  })
})
