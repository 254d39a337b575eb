import type { FastifyInstance } from 'fastify'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Deps } from '../../deps.ts'
import type { Storage } from '../../storage/storage.ts'
import type { UploadSessions } from './parts/upload-session.service.ts'
import type { UploadsContext } from './uploads.context.ts'
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { crc32 } from 'node:zlib'
import { and, eq } from 'drizzle-orm'
import { expect } from 'vitest'
import { createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { findViolations } from '../../../test/violations.ts'
import { buildApp } from '../../app.ts'
import { fileVersions, items } from '../items/items.table.ts'
import { QUARANTINE_MS, SWEEP_GRACE_MS } from '../objects/objects.lifetime.ts'
import { sweepStore } from '../objects/objects.orphans.ts'
import { objects as objectsTable } from '../objects/objects.table.ts'
import { LOOK_AGAIN_SECONDS, verifyFile } from '../objects/objects.verify.ts'
import { createUploads } from './uploads.service.ts'
import { uploads } from './uploads.table.ts'

export const MiB = 1024 * 1024

export interface HttpAnswer { status: number, headers: IncomingHttpHeaders, body: any }
export interface SendOptions { token?: string, body?: Buffer | object, headers?: Record<string, string | number> }
export interface Created { id: string, partSize: number, partCount: number, uploadToken: string }

export interface UploadsTest {
  test: TestApp
  app: FastifyInstance
  port: number
  context: UploadsContext & Pick<Deps, 'identity'>
  sessions: UploadSessions
  /** Calls of the store that go elsewhere while set. */
  faults: Partial<Storage>
  send: (method: string, path: string, options?: SendOptions) => Promise<HttpAnswer>
  createUpload: (workspace: TestWorkspace, size: number, input?: { name?: string, onConflict?: string, parentId?: string, user?: TestUser }) => Promise<Created>
  putPart: (upload: Created, n: number, bytes: Buffer, headers?: Record<string, string>) => Promise<HttpAnswer>
  complete: (upload: Created, body?: object) => Promise<HttpAnswer>
  uploadFile: (workspace: TestWorkspace, bytes: Buffer, options?: { name?: string, onConflict?: string, user?: TestUser }) => Promise<HttpAnswer>
  /** Its bytes, which have the CRC-32 that was noted. */
  readFile: (workspace: TestWorkspace, itemId: string) => Promise<Buffer>
  workspace: (quotaBytes?: number) => Promise<TestWorkspace>
  /** What is wrong by all rules; each object's bytes are read once. */
  violations: (idle?: boolean) => Promise<string[]>
  /** What the job does once a file came in parts. */
  verify: (upload: Created, looks?: number) => Promise<void>
  /** What the job would do for everything that is doomed. */
  runDeletions: () => Promise<void>
  /** What the sweep of the store would do once everything in it is old. */
  collectOrphans: () => Promise<unknown>
  close: () => Promise<void>
}

/** The whole server on a real socket, on a store that can be made to fail. */
export async function createUploadsTest(env: Record<string, string> = {}): Promise<UploadsTest> {
  const begun = new Date()
  const test = await createTestApp({ env })
  const { deps } = test
  const faults: Partial<Storage> = {}
  const storage = new Proxy(deps.storage, {
    get: (target, name: keyof Storage) => faults[name] ?? target[name],
  })
  const { objects, uploads: service } = createUploads({ ...deps, storage })
  const context: UploadsTest['context'] = { ...deps, storage, objects }
  const app = await buildApp({
    ...deps,
    storage,
    objects,
    uploads: service,
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo

  const send: UploadsTest['send'] = (method, path, options) => sendTo(port, method, path, options)

  return {
    test,
    app,
    port,
    context,
    sessions: service,
    faults,
    send,
    workspace: quotaBytes => createWorkspace(test, { quotaBytes }),

    async createUpload(workspace, size, { user = workspace.owner, parentId = workspace.rootId, ...input } = {}) {
      const answer = await send('POST', `/workspaces/${workspace.id}/uploads`, {
        token: user.token,
        body: {
          parentId,
          name: 'film.mp4',
          size,
          ...input,
        },
      })
      if (answer.status !== 201) throw Object.assign(new Error(`create answered ${answer.status} ${answer.body.code}`), { answer })
      return answer.body
    },
    putPart: (upload, n, bytes, headers = {}) => send('PUT', `/uploads/${upload.id}/parts/${n}`, { token: upload.uploadToken, body: bytes, headers }),
    complete: (upload, body = {}) => send('POST', `/uploads/${upload.id}/complete`, { token: upload.uploadToken, body }),
    uploadFile(workspace, bytes, { user = workspace.owner, ...query } = {}) {
      const search = new URLSearchParams({ parentId: workspace.rootId, name: 'a.bin', ...query })
      return send('POST', `/workspaces/${workspace.id}/files?${search}`, {
        token: user.token,
        ...formOf(bytes),
      })
    },
    async readFile(workspace, itemId) {
      const [row] = await deps.db
        .select({ key: fileVersions.objectKey, size: fileVersions.sizeBytes, checksum: fileVersions.crc32 })
        .from(items)
        .innerJoin(fileVersions, eq(fileVersions.id, items.versionId))
        .where(and(eq(items.id, itemId), eq(items.workspaceId, workspace.id)))
      const { body } = await deps.storage.getObject(row!.key, { expectedSize: row!.size })
      const bytes = Buffer.concat(await body.toArray())
      expect(row!.checksum).toBe(crc32(bytes))
      return bytes
    },
    violations: (idle = true) => findViolations(deps, { idle, unreadSince: begun }),
    async verify({ id }, looks = LOOK_AGAIN_SECONDS.length) {
      const [row] = await deps.db
        .select({ objectKey: fileVersions.objectKey })
        .from(uploads)
        .innerJoin(fileVersions, eq(fileVersions.itemId, uploads.itemId))
        .where(eq(uploads.id, id))
      await verifyFile(context, { objectKey: row!.objectKey, uploadId: id, looks }, new AbortController().signal)
    },
    async runDeletions() {
      for (const { key } of await deps.db.select({ key: objectsTable.key }).from(objectsTable).where(eq(objectsTable.state, 'doomed'))) await objects.remove(key)
    },
    async collectOrphans() {
      await deps.identity.note()
      for (const later of [2 * SWEEP_GRACE_MS, 2 * SWEEP_GRACE_MS + QUARANTINE_MS]) {
        await sweepStore({
          ...context,
          clock: () => new Date(Date.now() + later),
        }, new AbortController().signal)
      }
    },
    async close() {
      app.server.closeAllConnections()
      await app.close()
      await test.close()
    },
  }
}

export function sendTo(port: number, method: string, path: string, { token, body, headers = {} }: SendOptions = {}): Promise<HttpAnswer> {
  const bytes = body === undefined || Buffer.isBuffer(body)
    ? body
    : Buffer.from(JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const call = request({
      port,
      host: '127.0.0.1',
      method,
      path: `/api/v1${path}`,
      agent: false,
      headers: {
        ...(token === undefined
          ? {}
          : { authorization: `Bearer ${token}` }),
        ...(bytes === undefined
          ? {}
          : {
              'content-type': Buffer.isBuffer(body)
                ? 'application/octet-stream'
                : 'application/json',
              'content-length': bytes.length,
            }),
        ...headers,
      },
    }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString()
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        body: /json/.test(response.headers['content-type'] ?? '')
          ? JSON.parse(text)
          : text,
      })
    })
    call.once('error', reject)
    call.end(bytes)
  })
}

/** A form with one file (RFC 7578). */
export function formOf(bytes: Buffer): { body: Buffer, headers: Record<string, string> } {
  const boundary = `form${randomBytes(8).toString('hex')}`
  return {
    body: Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: application/octet-stream\r\n\r\n`),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }
}

/** Sends `sent` of a body that was said to be `length` long, then cuts the connection or falls silent. @returns the answer, if one came */
export function sendCut(port: number, method: string, path: string, options: { token: string, headers?: Record<string, string>, length: number, sent: Buffer, then: 'cut' | 'silence' }): Promise<HttpAnswer | undefined> {
  return new Promise((resolve) => {
    const call = request({
      port,
      host: '127.0.0.1',
      method,
      path: `/api/v1${path}`,
      agent: false,
      headers: {
        'authorization': `Bearer ${options.token}`,
        'content-type': 'application/octet-stream',
        'content-length': options.length,
        ...options.headers,
      },
    }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString()
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        body: JSON.parse(text),
      })
    })
    call.once('error', () => resolve(undefined))
    call.flushHeaders()
    call.write(options.sent, () => {
      if (options.then === 'cut') setTimeout(() => call.destroy(), 50)
    })
  })
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
export const contentDigest = (bytes: Buffer) => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`

/** The parts of a file as the upload is cut. */
export function cut(bytes: Buffer, { partSize, partCount }: Created): Buffer[] {
  return Array.from({ length: partCount }, (_, i) => bytes.subarray(i * partSize, (i + 1) * partSize))
}
