import type { FaultProxy } from '../../test/fault-proxy.ts'
import type { Minio } from '../../test/minio.ts'
import type { S3Config } from './s3-connection.ts'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFaultProxy } from '../../test/fault-proxy.ts'
import { minioBinary, startMinio } from '../../test/minio.ts'
import { ConfigError } from '../config/config.ts'
import { collect } from './contract-support.ts'
import { createS3Storage } from './s3-start.ts'
import { bareClient, behind, s3ConfigOf } from './s3-support.ts'
import { StorageError } from './storage.ts'

let minio: Minio
let proxy: FaultProxy

async function problemOf(config: S3Config, patienceMs = 0): Promise<{ kind: 'settings' | 'time', text: string }> {
  const error = await createS3Storage(config, { patienceMs }).then(async (storage) => {
    await storage.close()
    return undefined
  }, (error: unknown) => error)
  expect(error).toBeInstanceOf(Error)
  const { message } = error as Error
  expect(message).not.toContain('\n')
  expect(message).not.toContain(config.secretKey)
  expect(message).not.toContain('X-Amz')
  if (!(error instanceof ConfigError)) expect(error).toBeInstanceOf(StorageError)
  return {
    kind: error instanceof ConfigError
      ? 'settings'
      : 'time',
    text: message,
  }
}

describe.skipIf(!minioBinary)('starting on S3 (skipped without MINIO_BINARY)', () => {
  beforeAll(async () => {
    minio = await startMinio({
      env: { MINIO_SITE_REGION: 'us-east-1' },
    })
    proxy = await createFaultProxy(minio.endpoint)
  })
  afterEach(() => proxy.set())
  afterAll(async () => {
    await proxy.close()
    await minio.dispose()
  })

  it('makes the bucket, also when many start at once, and shows it to nobody', async () => {
    const config = s3ConfigOf(minio, { bucket: 'fresh' })
    const stores = await Promise.all(Array.from({ length: 4 }, () => createS3Storage(config)))
    await stores[0]!.putObject('w/1', Readable.from(['secret']))
    expect((await fetch(`${minio.endpoint}/fresh/w/1`)).status).toBe(403)
    await stores[0]!.deleteObject('w/1')
    expect(await collect(stores[0]!.listObjects())).toEqual([]) // the rehearsals left nothing
    await Promise.all(stores.map(store => store.close()))
  })

  it.each<[string, Partial<S3Config>, RegExp]>([
    [
      'an access key that the store does not know',
      { accessKey: 'somebody' },
      /S3_ACCESS_KEY/,
    ],
    [
      'a wrong secret',
      { secretKey: 'not-the-secret-of-it' },
      /S3_SECRET_KEY/,
    ],
    [
      'another region',
      { region: 'eu-central-1' },
      /region.*S3_REGION/,
    ],
    [
      'a bucket that cannot be',
      { bucket: 'a..b' },
      /S3_BUCKET/,
    ],
  ])('tells %s', async (_, wrong, text) => {
    expect(await problemOf(s3ConfigOf(minio, wrong), 60_000)).toEqual({
      kind: 'settings',
      text: expect.stringMatching(text),
    })
  })

  it('tells a clock that is wrong', async () => {
    vi.useFakeTimers({
      toFake: ['Date'],
      now: Date.now() + 3_600_000,
    })
    onTestFinished(() => { vi.useRealTimers() })
    expect(await problemOf(s3ConfigOf(minio))).toEqual({
      kind: 'settings',
      text: expect.stringMatching(/clock/),
    })
  })

  it('tells an address where something else answers, or in another protocol', async () => {
    for (const [status, body] of [
      [200, '<html><body>Welcome</body></html>'],
      [404, 'nothing here'],
      [200, '{"ok":true}'],
    ] as const) {
      const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1')
      onTestFinished(() => { server.close() })
      await once(server, 'listening')
      const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`
      expect(await problemOf(s3ConfigOf({ ...minio, endpoint }))).toEqual({
        kind: 'settings',
        text: expect.stringMatching(/not an S3 server.*S3_ENDPOINT/),
      })
    }
    expect(await problemOf(s3ConfigOf({
      ...minio,
      endpoint: minio.endpoint.replace('http:', 'https:'),
    }))).toEqual({
      kind: 'settings',
      text: expect.stringMatching(/http:\/\/ or https:\/\//),
    })
  })

  it('tells a key that may not: see the bucket, make it, or write', async () => {
    for (const [only, text] of [
      [
        () => true,
        /policy/,
      ],
      [
        ({ method, url }: { method: string, url: string }) => method === 'PUT' && !url.includes('probe'),
        /no bucket.*may not make one/,
      ],
      [
        ({ method, url }: { method: string, url: string }) => method === 'PUT' && url.includes('probe'),
        /store the object.*policy/,
      ],
      [
        ({ method, url }: { method: string, url: string }) => method === 'POST' && url.includes('?uploads'),
        /begin the upload.*policy/,
      ],
    ] as const) {
      await proxy.set({ kind: 'denied' }, only)
      expect(await problemOf({
        ...behind(proxy, minio),
        bucket: 'denied',
      })).toEqual({
        kind: 'settings',
        text: expect.stringMatching(text),
      })
    }
  })

  it('waits for a store that is not there yet, and no longer than it should', async () => {
    for (const fault of ['down', 'busy', 'broken'] as const) {
      await proxy.set({ kind: fault })
      expect(await problemOf(behind(proxy, minio))).toEqual({
        kind: 'time',
        text: expect.stringMatching(/store/),
      })
      const starting = createS3Storage(behind(proxy, minio))
      await sleep(700)
      await proxy.set()
      await (await starting).close()
    }
    expect(await problemOf(s3ConfigOf({ ...minio, endpoint: 'http://nowhere.invalid:9000' }))).toEqual({
      kind: 'time',
      text: expect.stringMatching(/name.*not known.*S3_ENDPOINT/),
    })
  })

  it('starts on a full store, for what is there can be read, and says so', async () => {
    await bareClient(minio).putObject('fresh', 'w/2', Buffer.from('there'))
    await proxy.set({ kind: 'full' }, ({ method }) => method === 'PUT')
    const told: string[] = []
    const storage = await createS3Storage({
      ...behind(proxy, minio),
      bucket: 'fresh',
    }, {
      log: {
        info: () => {},
        error: (_fields, message) => told.push(message),
      },
    })
    onTestFinished(() => storage.close())
    expect(told).toEqual([
      expect.stringMatching(/full/),
    ])
    expect(await storage.statObject('w/2')).toEqual({ size: 5 })
    await expect(storage.probe()).rejects.toMatchObject({ kind: 'full' })
  })
})
