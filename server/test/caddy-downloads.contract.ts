import type { Caddy } from './caddy.ts'
import type { TestFile, TestWorkspace } from './factories.ts'
import type { SocketAnswer } from './sockets.ts'
import type { TestApp } from './test-app.ts'
import { randomBytes } from 'node:crypto'
import http from 'node:http'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { auditOf } from './audit-log.ts'
import { startCaddy } from './caddy.ts'
import { createFile, createWorkspace } from './factories.ts'
import { fetchRaw, listen } from './sockets.ts'
import { createTestApp } from './test-app.ts'

export const bed = {} as {
  test: TestApp
  /** The server's own port. */
  direct: number
  caddy: Caddy
  workspace: TestWorkspace
  file: TestFile
}
export const content = randomBytes(300_000)

/** A server that trusts a Caddy of this host, and that Caddy. */
export async function start(env: Record<string, string>): Promise<void> {
  bed.test = await createTestApp({
    env: { DOWNLOADS_BY: 'proxy', TRUSTED_PROXIES: '127.0.0.1', ...env },
  })
  bed.direct = await listen(bed.test)
  bed.caddy = await startCaddy({
    serverPort: bed.direct,
    downloadsRoot: join(bed.test.config.dataDir, 'storage'),
  })
}
export async function addFiles(): Promise<void> {
  bed.workspace = await createWorkspace(bed.test)
  bed.file = await createFile(bed.test, bed.workspace, { name: 'Bericht “Q3” ä.txt', content, mediaType: 'text/plain' })
}
export async function stop(): Promise<void> {
  await bed.caddy?.stop()
  await bed.test?.close()
}

interface Ask { method?: string, query?: string, port?: number, headers?: Record<string, string> }
export const get = (id: string, { method, query = '', port = bed.caddy.port, headers }: Ask = {}) => fetchRaw(port, `/api/v1/files/${id}/content${query}`, {
  method,
  headers: { authorization: `Bearer ${bed.workspace.owner.token}`, ...headers },
})
export const problemOf = (answer: SocketAnswer) => JSON.parse(answer.body.toString()) as { code: string, status: number, requestId: string }
export const downloadsOf = async (id: string) => (await auditOf(bed.test, bed.workspace.id, 'file.downloaded')).filter(event => event.subjectId === id)

/** Headers that tell of the bytes; not those of the one connection, nor what any proxy adds. */
function told({ headers }: SocketAnswer): Record<string, unknown> {
  const { date, connection, 'keep-alive': _, via, server, 'x-accel-buffering': _buffering, ...rest } = headers
  return rest
}
export const leaked = ({ headers }: SocketAnswer) => Object.keys(headers).filter(name => /^x-(?:amz|minio|accel|ratelimit)/.test(name))

/** The bytes came without this server reading one. */
function watchReads(): () => number {
  const read = vi.spyOn(bed.test.deps.storage, 'getObject')
  onTestFinished(() => read.mockRestore())
  return () => read.mock.calls.length
}

const etag = () => `"${bed.file.versionId}"`
/** What is asked for, and whether Caddy is to send it. */
const requests: Record<string, { headers?: () => Record<string, string>, method?: string, byCaddy?: false }> = {
  'the whole': {},
  'its first bytes': {
    headers: () => ({ range: 'bytes=0-99' }),
  },
  'bytes of its middle': {
    headers: () => ({ range: 'bytes=100000-199999' }),
  },
  'its last byte': {
    headers: () => ({ range: 'bytes=299999-' }),
  },
  'all as a range': {
    headers: () => ({ range: 'bytes=0-' }),
  },
  'a suffix': {
    headers: () => ({ range: 'bytes=-1000' }),
  },
  'several ranges': {
    headers: () => ({ range: 'bytes=0-1,5-6' }),
  },
  'a range of this version': {
    headers: () => ({
      'range': 'bytes=7-8',
      'if-range': etag(),
    }),
  },
  'a range of another version': {
    headers: () => ({ 'range': 'bytes=7-8', 'if-range': '"x"' }),
  },
  'another version than the one at hand': {
    headers: () => ({ 'if-none-match': '"x"', 'if-modified-since': 'Sun, 06 Nov 2044 08:49:37 GMT' }),
  },
  'what changed since long ago': {
    headers: () => ({ 'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT', 'if-unmodified-since': 'Sun, 06 Nov 2044 08:49:37 GMT' }),
  },
  'something smaller on the wire': {
    headers: () => ({ 'accept-encoding': 'gzip, br, zstd' }),
  },
  'bytes it does not have': {
    headers: () => ({ range: 'bytes=300000-' }),
    byCaddy: false,
  },
  'the version at hand': {
    headers: () => ({
      'if-none-match': etag(),
    }),
    byCaddy: false,
  },
  'a version that is gone': {
    headers: () => ({ 'if-match': '"x"' }),
    byCaddy: false,
  },
  'the headers alone': { method: 'HEAD', byCaddy: false },
}

/** What holds whatever the store is. `breakStore` makes it fail for Caddy before the first byte. */
export function sameAsDirect(breakStore: (file: TestFile) => Promise<unknown>): void {
  it.each(Object.entries(requests))('answers as the server itself: %s', async (_name, { headers = () => ({}), method, byCaddy = true }) => {
    const ask = {
      method,
      headers: headers(),
    }
    const own = await get(bed.file.id, { ...ask, port: bed.direct })
    const reads = watchReads()
    const answer = await get(bed.file.id, ask)
    expect(reads()).toBe(0)
    expect(answer.status).toBe(own.status)
    if (byCaddy) {
      expect(own.status).toBeLessThan(300)
      expect(answer.body.equals(own.body)).toBe(true)
      expect(answer.broken).toBeUndefined()
    }
    else if (own.body.length > 0) {
      expect({
        ...problemOf(answer),
        requestId: '',
      }).toEqual({
        ...problemOf(own),
        requestId: '',
      })
    }
    expect(told(answer)).toEqual(told(own))
    expect(leaked(answer)).toEqual([])
  })

  it('sends every header once, and none of the store’s or the hand-over’s', async () => {
    const names = await new Promise<string[]>((resolve, reject) => {
      http.get({
        port: bed.caddy.port,
        host: '127.0.0.1',
        path: `/api/v1/files/${bed.file.id}/content`,
        agent: false,
        headers: { authorization: `Bearer ${bed.workspace.owner.token}`, range: 'bytes=0-9' },
      }, (response) => {
        response.resume()
        resolve(response.rawHeaders.filter((_, i) => i % 2 === 0).map(name => name.toLowerCase()))
      }).on('error', reject)
    })
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    expect(names.filter(name => /accel|amz|minio|vary/.test(name))).toEqual([])
  })

  it('notes a download as the server itself does, and a piece that goes on with it not again', async () => {
    const other = await createFile(bed.test, bed.workspace, {
      name: 'noted',
      content: randomBytes(2000),
    })
    const reads = watchReads()
    await get(other.id, {
      headers: { range: 'bytes=0-999' },
    })
    await get(other.id, {
      headers: { range: 'bytes=1000-' },
    })
    expect(await downloadsOf(other.id)).toHaveLength(1)
    await get(other.id)
    expect(reads()).toBe(0)
    await get(other.id, { port: bed.direct })
    const [first, second, third, ...more] = await downloadsOf(other.id)
    expect(more).toEqual([])
    expect([second!.details, third!.details]).toEqual([first!.details, first!.details])
    expect([first!.actorId, second!.actorId]).toEqual([third!.actorId, third!.actorId])
  })

  it('holds rights, and a link’s limit', async () => {
    const stranger = await createWorkspace(bed.test)
    expect((await get(bed.file.id, {
      headers: { authorization: `Bearer ${stranger.owner.token}` },
    })).status).toBe(404)
    expect((await get(bed.file.id, {
      headers: { authorization: '' },
    })).status).toBe(401)

    const link = await bed.test.call('POST', `/workspaces/${bed.workspace.id}/links`, {
      token: bed.workspace.owner.token,
      body: {
        itemIds: [bed.file.id],
        maxDownloads: 1,
      },
    })
    const claim = () => bed.test.call('POST', `/public/links/${link.body.url.split('/').at(-1)}/download`, {
      body: { itemId: bed.file.id },
    })
    const { body, headers: { 'set-cookie': cookie } } = await claim()
    const path = new URL(body.url).pathname
    const headers = { cookie: String(cookie).split(';')[0]! }
    expect((await fetchRaw(bed.caddy.port, path)).status).toBe(404)
    const reads = watchReads()
    const answer = await fetchRaw(bed.caddy.port, path, { headers })
    expect([
      answer.status,
      answer.body.equals(content),
      reads(),
    ]).toEqual([200, true, 0])
    // Nobody tells the server what has arrived: it may be gone on with, and begun anew three times.
    for (const from of [5, 6, 7, 8, 9]) {
      expect((await fetchRaw(bed.caddy.port, path, {
        headers: { ...headers, range: `bytes=${from}-` },
      })).body.equals(content.subarray(from))).toBe(true)
    }
    const anew = []
    for (let n = 0; n < 5; n++) anew.push((await fetchRaw(bed.caddy.port, path, { headers })).status)
    expect(anew).toEqual([200, 200, 200, 404, 404])
    expect((await claim()).status).toBeGreaterThanOrEqual(400)
    await bed.test.call('DELETE', `/workspaces/${bed.workspace.id}/links/${link.body.id}`, { token: bed.workspace.owner.token })
    expect((await fetchRaw(bed.caddy.port, new URL(body.url).pathname)).status).toBe(404)
  })

  it('leaves to the server what only it can send', async () => {
    const empty = await createFile(bed.test, bed.workspace, { name: 'empty', content: '' })
    const none = await get(empty.id)
    expect([none.status, none.headers['content-length'], none.body.length]).toEqual([200, '0', 0])
    const archive = await bed.test.call('POST', `/workspaces/${bed.workspace.id}/archives`, {
      token: bed.workspace.owner.token,
      body: {
        itemIds: [bed.file.id, empty.id],
      },
    })
    const zip = await fetchRaw(bed.caddy.port, new URL(archive.body.url).pathname)
    expect([zip.status, zip.headers['content-type'], zip.body.length]).toEqual([
      200,
      'application/zip',
      Number(zip.headers['content-length']),
    ])
  })

  it('cannot be talked into anything by headers of the client', async () => {
    const smuggled = {
      'x-sendfile-type': 'X-Accel-Redirect',
      'x-accel-store': 'file',
      'x-accel-redirect': '/etc/passwd',
      'x-accel-dial': '127.0.0.1:1',
      'x-amz-content-sha256': 'x',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'evil.example',
      'x-http-method-override': 'DELETE',
    }
    const reads = watchReads()
    const answer = await get(bed.file.id, { headers: smuggled })
    expect([
      answer.status,
      answer.body.equals(content),
      reads(),
    ]).toEqual([200, true, 0])
    expect(leaked(answer)).toEqual([])

    // Without the proxy: not told where the bytes are, whatever it says of itself but an address that was not trusted anyway.
    const alone = await get(bed.file.id, {
      port: bed.direct,
      headers: { 'x-sendfile-type': 'X-Accel-Redirect' },
    })
    expect([
      alone.status,
      alone.body.equals(content),
      reads(),
    ]).toEqual([200, true, 1])
    expect(leaked(alone)).toEqual(['x-accel-buffering'])
    const other = await get(bed.file.id, {
      headers: { 'x-sendfile-type': 'X-Sendfile', 'connection': 'X-Sendfile-Type' },
    })
    expect([
      other.status,
      reads(),
      leaked(other),
    ]).toEqual([200, 1, []])
    expect((await fetchRaw(bed.caddy.port, `/${bed.file.objectKey}`)).status).toBe(404)
  })

  it('answers a failing store with a problem of its own', async () => {
    const lost = await createFile(bed.test, bed.workspace, { name: 'lost', content })
    await breakStore(lost)
    const answer = await get(lost.id)
    expect(answer.status).toBe(503)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'retry-after': '5',
      'x-content-type-options': 'nosniff',
    })
    expect(problemOf(answer)).toMatchObject({
      code: 'service.unavailable',
      status: 503,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    for (const name of [
      'etag',
      'last-modified',
      'content-disposition',
      'repr-digest',
      'accept-ranges',
      'content-range',
    ]) expect(answer.headers[name]).toBeUndefined()
    expect(leaked(answer)).toEqual([])
  })
}
