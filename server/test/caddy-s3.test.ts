import type { FaultProxy } from './fault-proxy.ts'
import http from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { addFiles, bed, content, get, leaked, problemOf, sameAsDirect, start, stop } from './caddy-downloads.contract.ts'
import { caddyBinary } from './caddy.ts'
import { createFile } from './factories.ts'
import { createFaultProxy } from './fault-proxy.ts'
import { s3Env } from './minio.ts'
import { newBucket, sharedMinio } from './shared-minio.ts'

const why = caddyBinary && sharedMinio
  ? ''
  : ' (skipped: needs a Caddy and MINIO_BINARY)'

describe.skipIf(why)(`downloads from MinIO, sent by Caddy${why}`, () => {
  let faults: FaultProxy
  /** Caddy's requests, not the server's own looks. */
  const byCaddy = ({ method }: { method: string }) => method === 'GET'

  beforeAll(async () => {
    faults = await createFaultProxy(sharedMinio!.endpoint)
    await start({
      ...s3Env(sharedMinio!, faults.url),
      S3_BUCKET: newBucket(),
    })
    await addFiles()
  })
  afterEach(() => faults.set())
  afterAll(async () => {
    await stop()
    await faults?.close()
  })

  sameAsDirect(() => faults.set({ kind: 'lose-reply' }, byCaddy))

  it.each(['busy', 'broken', 'full'] as const)('answers a store that is %s as one that does not answer', async (kind) => {
    await faults.set({ kind }, byCaddy)
    const answer = await get(bed.file.id)
    expect(faults.met()).toBeGreaterThan(0)
    expect([
      answer.status,
      problemOf(answer).code,
      leaked(answer),
    ]).toEqual([503, 'service.unavailable', []])
  })

  it('answers a store that never does within its time', async () => {
    await faults.set({ kind: 'silent' }, byCaddy)
    const answer = await get(bed.file.id, {
      headers: { range: 'bytes=0-9' },
    })
    expect([answer.status, problemOf(answer).code]).toEqual([503, 'service.unavailable'])
    await expect.poll(() => faults.connections()).toBe(0)
  })

  it.each(['reset', 'truncate'] as const)('breaks off where the store does (%s)', async (kind) => {
    await faults.set({ kind, afterBytes: 200_000 }, byCaddy)
    const answer = await get(bed.file.id)
    expect([answer.status, answer.broken]).toEqual([200, 'aborted'])
    expect(answer.body.length).toBeLessThan(content.length)
  })

  it('lets go of the store when the client goes', async () => {
    const big = await createFile(bed.test, bed.workspace, {
      name: 'big',
      content: Buffer.alloc(8 * 1024 * 1024, 'x'),
    })
    await faults.set({ kind: 'slow', bytesPerSecond: 500_000 }, byCaddy)
    const idle = faults.connections()
    await new Promise<void>((resolve, reject) => {
      const request = http.get({
        port: bed.caddy.port,
        host: '127.0.0.1',
        path: `/api/v1/files/${big.id}/content`,
        agent: false,
        headers: { authorization: `Bearer ${bed.workspace.owner.token}` },
      }, (response) => {
        response.on('error', () => {})
        response.once('data', () => {
          request.destroy()
          resolve()
        })
      }).on('error', reject)
    })
    await expect.poll(() => faults.connections()).toBeLessThanOrEqual(idle)
  })

  it('refuses an object that is longer or shorter than the file', async () => {
    const other = await createFile(bed.test, bed.workspace, { name: 'other', content })
    const location = await bed.test.deps.storage.locateObject(other.objectKey, { expectedSize: content.length, expiresSeconds: 60 })
    const spy = vi.spyOn(bed.test.deps.storage, 'locateObject').mockResolvedValue(location)
    onTestFinished(() => spy.mockRestore())
    await faults.set()
    const short = await createFile(bed.test, bed.workspace, { name: 'short', content: 'x' })
    expect((await get(short.id)).status).toBe(503)
  })

  it('writes no signed address into a log', () => {
    expect(bed.caddy.output()).toContain('"status":503')
    expect(bed.caddy.output()).not.toMatch(/X-Amz-(?:Signature|Credential)|\?X-Amz/i)
  })
})
