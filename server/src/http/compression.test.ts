import type { TestUser } from '../../test/factories.ts'
import type { TestApp } from '../../test/test-app.ts'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFile, createFolder, createWorkspace, setUpInstance } from '../../test/factories.ts'
import { createTestApp } from '../../test/test-app.ts'
import { takesGzip } from './compression.ts'

let test: TestApp
let operator: TestUser
let list: string
let file: string
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
  const workspace = await createWorkspace(test, { owner: operator })
  for (let n = 0; n < 10; n++) await createFolder(test, workspace, { name: `Folder ${n}` })
  file = `/api/v1/files/${(await createFile(test, workspace, {
    name: 'a.txt',
    content: 'hello '.repeat(1000),
    mediaType: 'text/plain',
  })).id}/content`
  list = `/api/v1/workspaces/${workspace.id}/items?parentId=${workspace.rootId}`
})
afterAll(() => test.close())
const get = (url: string, headers: Record<string, string> = {}) => test.app.inject({
  url,
  headers: { authorization: `Bearer ${operator.token}`, ...headers },
})

it('makes long JSON short for who takes gzip, and says that it depends on that', async () => {
  const plain = await get(list)
  const packed = await get(list, { 'accept-encoding': 'gzip, deflate, br' })
  expect([plain.headers['content-encoding'], packed.headers['content-encoding']]).toEqual([undefined, 'gzip'])
  expect([plain.headers.vary, packed.headers.vary]).toEqual(['accept-encoding', 'accept-encoding'])
  expect(Number(packed.headers['content-length'])).toBe(packed.rawPayload.length)
  expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3)
  expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.payload)
})

it('leaves short answers, problems and files as they are', async () => {
  const gzip = { 'accept-encoding': 'gzip' }
  expect((await get('/api/v1/me', gzip)).headers['content-encoding']).toBeUndefined()
  expect((await get('/api/v1/nothing', gzip)).headers['content-encoding']).toBeUndefined()
  const download = await get(file, gzip)
  expect([download.headers['content-encoding'], download.headers['content-length']]).toEqual([undefined, '6000'])
})

it('leaves what a cookie may have opened as it is', async () => {
  const withCookie = (authorization: Record<string, string>) => test.app.inject({
    url: '/api/v1/openapi.json',
    headers: { 'accept-encoding': 'gzip', 'cookie': 'a=b', ...authorization },
  })
  expect((await withCookie({})).headers['content-encoding']).toBeUndefined()
  expect((await withCookie({ authorization: `Bearer ${operator.token}` })).headers['content-encoding']).toBe('gzip')
})

it('repeats an answer as it was, packed or not', async () => {
  const ask = (encoding: string) => test.app.inject({
    method: 'POST',
    url: '/api/v1/workspaces',
    headers: { 'authorization': `Bearer ${operator.token}`, 'idempotency-key': 'k', 'accept-encoding': encoding },
    payload: { name: 'Acme', slug: 'acme' },
  })
  const [first, again] = [await ask('gzip'), await ask('identity')]
  expect([first.statusCode, again.statusCode, again.headers['idempotency-replayed']]).toEqual([201, 201, 'true'])
  const read = (answer: typeof first) => JSON.parse(answer.headers['content-encoding'] === 'gzip'
    ? gunzipSync(answer.rawPayload).toString()
    : answer.payload)
  expect(read(again)).toEqual(read(first))
})

it.each([
  ['gzip', true],
  ['GZIP;q=0.1, br', true],
  ['br, *', true],
  ['br', false],
  ['gzip;q=0', false],
  ['gzip; q=0, *', false],
  ['', false],
  [undefined, false],
])('accept-Encoding: %s takes gzip: %s', (header, takes) => {
  expect(takesGzip(header)).toBe(takes)
})
