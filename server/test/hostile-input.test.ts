import type { InjectOptions } from 'fastify'
import type { TestFile, TestWorkspace } from './factories.ts'
import type { TestApp } from './test-app.ts'
import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFile, createFolder, createWorkspace } from './factories.ts'
import { createTestApp } from './test-app.ts'

/** What passes a first look and is no id, no time, no number of ours: refused as the caller's mistake, never a failure of the server. */

let test: TestApp
let workspace: TestWorkspace
let file: TestFile
let folder: { id: string }
let linkToken: string
beforeAll(async () => {
  test = await createTestApp()
  workspace = await createWorkspace(test)
  file = await createFile(test, workspace, { name: 'a.txt', content: 'hello' })
  folder = await createFolder(test, workspace, { name: 'Folder' })
  await createFile(test, workspace, { name: 'b.txt', content: 'hello', parentId: folder.id })
  const link = await call('POST', `/workspaces/${workspace.id}/links`, {
    itemIds: [folder.id],
  })
  linkToken = link.body.url.split('/').at(-1)
})
afterAll(() => test.close())

const call = (method: InjectOptions['method'], path: string, body?: unknown) => test.call(method, path, { token: workspace.owner.token, body })
const cursor = (...position: unknown[]) => Buffer.from(JSON.stringify(position)).toString('base64url')

const noId = '-'.repeat(36)
/** RFC 3339 knows them; JavaScript or PostgreSQL does not. */
const noTimes = [
  '2016-12-31T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59-14:00',
]
const noInstants = [
  '0000-01-01T00:00:00.000Z',
  '+200000-01-01T00:00:00.000Z',
  '2026-02-31T00:00:00.000Z',
  'yesterday',
]

describe('a cursor that somebody made up is refused', () => {
  it.each(noInstants)('with the time %s', async (instant) => {
    for (const path of [
      `/workspaces/${workspace.id}/links?cursor=${cursor(instant, file.id)}`,
      `/workspaces/${workspace.id}/trash?cursor=${cursor(instant, file.id)}`,
      `/workspaces/${workspace.id}/items?parentId=${workspace.rootId}&sort=updatedAt&cursor=${cursor('updatedAt', 'file', instant, file.id)}`,
    ]) {
      expect(await call('GET', path)).toMatchObject({
        status: 400,
        body: { code: 'request.invalid' },
      })
    }
  })

  it('with what is no id', async () => {
    const instant = '2026-01-01T00:00:00.000Z'
    for (const path of [
      `/workspaces/${workspace.id}/links?cursor=${cursor(instant, noId)}`,
      `/workspaces/${workspace.id}/trash?cursor=${cursor(instant, noId)}`,
      `/workspaces/${workspace.id}/items?parentId=${workspace.rootId}&cursor=${cursor('name', 'file', 'a', noId)}`,
      `/public/links/${linkToken}/items?parentId=${folder.id}&cursor=${cursor('file', 'a', noId)}`,
    ]) {
      expect(await call('GET', path)).toMatchObject({
        status: 400,
        body: { code: 'request.invalid' },
      })
    }
  })

  it('with what no list goes by', async () => {
    const instant = '2026-01-01T00:00:00.000Z'
    for (const path of [
      `/workspaces/${workspace.id}/audit?cursor=${cursor(-1)}`,
      `/workspaces/${workspace.id}/audit?cursor=${cursor(1)}!`,
      `/workspaces/${workspace.id}/audit?cursor=${Buffer.from('[ 1]').toString('base64url')}`,
      `/workspaces/${workspace.id}/links?cursor=${cursor(instant, file.id, 1)}`,
      `/workspaces/${workspace.id}/items?parentId=${workspace.rootId}&cursor=${cursor('name', 'link', 'a', file.id)}`,
      `/workspaces/${workspace.id}/items?parentId=${workspace.rootId}&cursor=${cursor('size', 'file', 1, file.id)}`,
      `/public/links/${linkToken}/items?parentId=${folder.id}&cursor=${cursor('link', 'a', file.id)}`,
    ]) expect([path, (await call('GET', path)).status]).toEqual([path, 400])
  })

  it('with a NUL in a name', async () => {
    expect((await call('GET', `/workspaces/${workspace.id}/items?parentId=${workspace.rootId}&cursor=${cursor('name', 'file', 'a\0', file.id)}`)).status).toBe(400)
    expect((await call('GET', `/public/links/${linkToken}/items?parentId=${folder.id}&cursor=${cursor('file', 'a\0', file.id)}`)).status).toBe(400)
  })
})

describe('a time that cannot be stored is refused', () => {
  it.each(noTimes)('%s', async (time) => {
    const query = encodeURIComponent(time)
    const answers = [
      await call('GET', `/workspaces/${workspace.id}/audit?from=${query}`),
      await call('GET', `/workspaces/${workspace.id}/audit?to=${query}`),
      await call('POST', `/workspaces/${workspace.id}/uploads`, {
        parentId: workspace.rootId,
        name: 'c.txt',
        size: 3,
        lastModified: time,
      }),
      await call('POST', `/workspaces/${workspace.id}/files?parentId=${workspace.rootId}&name=c.txt&lastModified=${query}`),
      await call('POST', `/workspaces/${workspace.id}/links`, {
        itemIds: [file.id],
        expiresAt: time,
      }),
    ]
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [400, 'request.invalid']))
  })
})

it.each([
  '1e400',
  '99999999999',
  '-1',
  '1.5',
  'NaN',
])('a version that no file can have is refused: %s', async (version) => {
  expect((await call('GET', `/files/${file.id}/content?version=${version}`)).status).toBe(400)
})

it.each(['1e400', 'Infinity', '-Infinity'])('a limit without end is no limit: %s', async (limit) => {
  for (const path of ['items', 'links', 'audit', 'trash']) {
    expect(await call('GET', `/workspaces/${workspace.id}/${path}?limit=${limit}`)).toMatchObject({
      status: 400,
      body: {
        errors: [
          { pointer: '/limit' },
        ],
      },
    })
  }
})
