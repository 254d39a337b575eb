import type { Caddy } from './caddy.ts'
import type { TestFile, TestWorkspace } from './factories.ts'
import type { FaultProxy } from './fault-proxy.ts'
import type { Minio } from './minio.ts'
import type { SocketAnswer } from './sockets.ts'
import type { TestApp } from './test-app.ts'
import { randomBytes } from 'node:crypto'
import { readdirSync, truncateSync, unlinkSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { auditOf } from './audit-log.ts'
import { caddyBinary, startCaddy } from './caddy.ts'
import { createFile, createWorkspace } from './factories.ts'
import { createFaultProxy } from './fault-proxy.ts'
import { minioBinary, startMinio } from './minio.ts'
import { fetchRaw, listen } from './sockets.ts'
import { createTestApp } from './test-app.ts'
import { useS3 } from './use-s3.ts'

const why = caddyBinary
  ? ''
  : ' (skipped: no Caddy; install it or set CADDY_BINARY)'
const whyS3 = why || (minioBinary
  ? ''
  : ' (skipped: MINIO_BINARY names no program)')

let test: TestApp
let direct: number
let caddy: Caddy
let workspace: TestWorkspace
let file: TestFile
const content = randomBytes(300_000)

/** A server that trusts a Caddy of this host, and that Caddy. */
async function start(env: Record<string, string>): Promise<void> {
  test = await createTestApp({
    env: { DOWNLOADS_BY: 'proxy', TRUSTED_PROXIES: '127.0.0.1', ...env },
  })
  direct = await listen(test)
  caddy = await startCaddy({
    serverPort: direct,
    downloadsRoot: join(test.config.dataDir, 'storage'),
  })
}
async function addFiles(): Promise<void> {
  workspace = await createWorkspace(test)
  file = await createFile(test, workspace, { name: 'Bericht “Q3” ä.txt', content, mediaType: 'text/plain' })
}
async function stop(): Promise<void> {
  await caddy?.stop()
  await test?.close()
}

interface Ask { method?: string, query?: string, port?: number, headers?: Record<string, string> }
const get = (id: string, { method, query = '', port = caddy.port, headers }: Ask = {}) => fetchRaw(port, `/api/v1/files/${id}/content${query}`, {
  method,
  headers: { authorization: `Bearer ${workspace.owner.token}`, ...headers },
})
const problemOf = (answer: SocketAnswer) => JSON.parse(answer.body.toString()) as { code: string, status: number, requestId: string }
const downloadsOf = async (id: string) => (await auditOf(test, workspace.id, 'file.downloaded')).filter(event => event.subjectId === id)

/** Headers that tell of the bytes; not those of the one connection, nor what any proxy adds. */
function told({ headers }: SocketAnswer): Record<string, unknown> {
  const { date, connection, 'keep-alive': _, via, server, 'x-accel-buffering': _buffering, ...rest } = headers
  return rest
}
const leaked = ({ headers }: SocketAnswer) => Object.keys(headers).filter(name => /^x-(?:amz|minio|accel|ratelimit)/.test(name))

/** The bytes came without this server reading one. */
function watchReads(): () => number {
  const read = vi.spyOn(test.deps.storage, 'getObject')
  onTestFinished(() => read.mockRestore())
  return () => read.mock.calls.length
}

const etag = () => `"${file.versionId}"`
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

/** What holds whatever the store is. `breakStore` makes it fail before the first byte. */
function sameAsDirect(breakStore: () => Promise<unknown>): void {
  it.each(Object.entries(requests))('answers as the server itself: %s', async (_name, { headers = () => ({}), method, byCaddy = true }) => {
    const ask = {
      method,
      headers: headers(),
    }
    const own = await get(file.id, { ...ask, port: direct })
    const reads = watchReads()
    const answer = await get(file.id, ask)
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
        port: caddy.port,
        host: '127.0.0.1',
        path: `/api/v1/files/${file.id}/content`,
        agent: false,
        headers: { authorization: `Bearer ${workspace.owner.token}`, range: 'bytes=0-9' },
      }, (response) => {
        response.resume()
        resolve(response.rawHeaders.filter((_, i) => i % 2 === 0).map(name => name.toLowerCase()))
      }).on('error', reject)
    })
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    expect(names.filter(name => /accel|amz|minio|vary/.test(name))).toEqual([])
  })

  it('notes a download as the server itself does, and a piece that goes on with it not again', async () => {
    const other = await createFile(test, workspace, {
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
    await get(other.id, { port: direct })
    const [first, second, third, ...more] = await downloadsOf(other.id)
    expect(more).toEqual([])
    expect([second!.details, third!.details]).toEqual([first!.details, first!.details])
    expect([first!.actorId, second!.actorId]).toEqual([third!.actorId, third!.actorId])
  })

  it('holds rights, and a link’s limit', async () => {
    const stranger = await createWorkspace(test)
    expect((await get(file.id, {
      headers: { authorization: `Bearer ${stranger.owner.token}` },
    })).status).toBe(404)
    expect((await get(file.id, {
      headers: { authorization: '' },
    })).status).toBe(401)

    const link = await test.call('POST', `/workspaces/${workspace.id}/links`, {
      token: workspace.owner.token,
      body: {
        itemIds: [file.id],
        maxDownloads: 1,
      },
    })
    const claim = () => test.call('POST', `/public/links/${link.body.url.split('/').at(-1)}/download`, {
      body: { itemId: file.id },
    })
    const { body } = await claim()
    const reads = watchReads()
    const answer = await fetchRaw(caddy.port, new URL(body.url).pathname)
    expect([
      answer.status,
      answer.body.equals(content),
      reads(),
    ]).toEqual([200, true, 0])
    expect((await fetchRaw(caddy.port, new URL(body.url).pathname, {
      headers: { range: 'bytes=5-' },
    })).body.equals(content.subarray(5))).toBe(true)
    expect((await claim()).status).toBeGreaterThanOrEqual(400)
    await test.call('DELETE', `/workspaces/${workspace.id}/links/${link.body.id}`, { token: workspace.owner.token })
    expect((await fetchRaw(caddy.port, new URL(body.url).pathname)).status).toBe(404)
  })

  it('leaves to the server what only it can send', async () => {
    const empty = await createFile(test, workspace, { name: 'empty', content: '' })
    const none = await get(empty.id)
    expect([none.status, none.headers['content-length'], none.body.length]).toEqual([200, '0', 0])
    const archive = await test.call('POST', `/workspaces/${workspace.id}/archives`, {
      token: workspace.owner.token,
      body: {
        itemIds: [file.id, empty.id],
      },
    })
    const zip = await fetchRaw(caddy.port, new URL(archive.body.url).pathname)
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
    const answer = await get(file.id, { headers: smuggled })
    expect([
      answer.status,
      answer.body.equals(content),
      reads(),
    ]).toEqual([200, true, 0])
    expect(leaked(answer)).toEqual([])

    // Without the proxy: not told where the bytes are, whatever it says of itself but an address that was not trusted anyway.
    const alone = await get(file.id, {
      port: direct,
      headers: { 'x-sendfile-type': 'X-Accel-Redirect' },
    })
    expect([
      alone.status,
      alone.body.equals(content),
      reads(),
    ]).toEqual([200, true, 1])
    expect(leaked(alone)).toEqual(['x-accel-buffering'])
    const other = await get(file.id, {
      headers: { 'x-sendfile-type': 'X-Sendfile', 'connection': 'X-Sendfile-Type' },
    })
    expect([
      other.status,
      reads(),
      leaked(other),
    ]).toEqual([200, 1, []])
    expect((await fetchRaw(caddy.port, `/${file.objectKey}`)).status).toBe(404)
  })

  it('answers a failing store with a problem of its own', async () => {
    await breakStore()
    const answer = await get(file.id)
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

describe.skipIf(why)(`downloads from a folder, sent by Caddy${why}`, () => {
  const pathOnDisk = (key: string) => {
    const folder = join(test.config.dataDir, 'storage')
    return join(folder, readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(entry => entry.includes(key.split('/').at(-1)!))!)
  }
  /** Gone between the server's look and Caddy's. */
  const vanish = (key: string) => {
    const locate = test.deps.storage.locateObject
    const spy = vi.spyOn(test.deps.storage, 'locateObject').mockImplementation(async (...args) => {
      const location = await locate(...args)
      unlinkSync(pathOnDisk(key))
      return location
    })
    onTestFinished(() => spy.mockRestore())
  }

  beforeAll(async () => {
    await start({})
    await addFiles()
  })
  afterAll(stop)

  sameAsDirect(async () => {
    const lost = await createFile(test, workspace, { name: 'lost', content })
    file = lost
    vanish(lost.objectKey)
  })

  it('notes nothing when the file is not there', async () => {
    const lost = await createFile(test, workspace, { name: 'not there', content })
    truncateSync(pathOnDisk(lost.objectKey), 5)
    const answer = await get(lost.id)
    expect([answer.status, problemOf(answer).code]).toEqual([500, 'file.corrupt'])
    expect(await downloadsOf(lost.id)).toEqual([])
  })
})

describe.skipIf(whyS3)(`downloads from MinIO, sent by Caddy${whyS3}`, () => {
  let minio: Minio
  let faults: FaultProxy
  /** Caddy's requests, not the server's own looks. */
  const byCaddy = ({ method }: { method: string }) => method === 'GET'

  beforeAll(async () => {
    minio = await startMinio()
    faults = await createFaultProxy(minio.endpoint)
    await start({})
    await useS3(test, minio, faults.url)
    await addFiles()
  }, 60_000)
  afterEach(() => faults.set())
  afterAll(async () => {
    await stop()
    await faults?.close()
    await minio?.dispose()
  })

  sameAsDirect(() => faults.set({ kind: 'lose-reply' }, byCaddy))

  it.each(['busy', 'broken', 'full'] as const)('answers a store that is %s as one that does not answer', async (kind) => {
    await faults.set({ kind }, byCaddy)
    const answer = await get(file.id)
    expect(faults.met()).toBeGreaterThan(0)
    expect([
      answer.status,
      problemOf(answer).code,
      leaked(answer),
    ]).toEqual([503, 'service.unavailable', []])
  })

  it('answers a store that never does within its time', async () => {
    await faults.set({ kind: 'silent' }, byCaddy)
    const answer = await get(file.id, {
      headers: { range: 'bytes=0-9' },
    })
    expect([answer.status, problemOf(answer).code]).toEqual([503, 'service.unavailable'])
    await vi.waitFor(() => expect(faults.connections()).toBe(0))
  }, 30_000)

  it.each(['reset', 'truncate'] as const)('breaks off where the store does (%s)', async (kind) => {
    await faults.set({ kind, afterBytes: 200_000 }, byCaddy)
    const answer = await get(file.id)
    expect([answer.status, answer.broken]).toEqual([200, 'aborted'])
    expect(answer.body.length).toBeLessThan(content.length)
  })

  it('lets go of the store when the client goes', async () => {
    const big = await createFile(test, workspace, {
      name: 'big',
      content: Buffer.alloc(8 * 1024 * 1024, 'x'),
    })
    await faults.set({ kind: 'slow', bytesPerSecond: 500_000 }, byCaddy)
    const idle = faults.connections()
    await new Promise<void>((resolve, reject) => {
      const request = http.get({
        port: caddy.port,
        host: '127.0.0.1',
        path: `/api/v1/files/${big.id}/content`,
        agent: false,
        headers: { authorization: `Bearer ${workspace.owner.token}` },
      }, (response) => {
        response.on('error', () => {})
        response.once('data', () => {
          request.destroy()
          resolve()
        })
      }).on('error', reject)
    })
    await vi.waitFor(() => expect(faults.connections()).toBeLessThanOrEqual(idle), { timeout: 5000 })
  })

  it('refuses an object that is longer or shorter than the file', async () => {
    const other = await createFile(test, workspace, { name: 'other', content })
    const location = await test.deps.storage.locateObject(other.objectKey, { expectedSize: content.length, expiresSeconds: 60 })
    const spy = vi.spyOn(test.deps.storage, 'locateObject').mockResolvedValue(location)
    onTestFinished(() => spy.mockRestore())
    await faults.set()
    const short = await createFile(test, workspace, { name: 'short', content: 'x' })
    expect((await get(short.id)).status).toBe(503)
  })
})
