import type { FastifyInstance, InjectOptions } from 'fastify'
import type { Config } from '../src/config/config.ts'
import type { Deps, DepsOptions } from '../src/deps.ts'
import type { TestDatabase } from './database.ts'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { onTestFinished } from 'vitest'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config/config.ts'
import { createDeps } from '../src/deps.ts'
import { handlersOf, readersOf } from '../src/features.ts'
import { createTestDatabase } from './database.ts'
import { s3Env } from './minio.ts'
import { newBucket, sharedMinio } from './shared-minio.ts'

export interface TestApp {
  app: FastifyInstance
  deps: Deps
  config: Config
  /** Moves the server's clock; it stands still otherwise only when set. */
  clock: { now: () => Date, set: (at: Date | null) => void, advance: (ms: number) => void }
  /** Calls the API below /api/v1 and parses JSON. */
  call: (method: InjectOptions['method'], path: string, options?: CallOptions) => Promise<Answer>
  close: () => Promise<void>
}

export interface CallOptions { token?: string, body?: unknown, headers?: Record<string, string> }
export interface Answer { status: number, headers: Record<string, string | string[] | number | undefined>, body: any, raw: Buffer }

/** A folder, or with TEST_STORAGE=s3 a bucket of its own. */
function storeSettings(): Record<string, string> {
  return process.env.TEST_STORAGE === 's3'
    ? {
        ...s3Env(sharedMinio!, sharedMinio!.endpoint),
        S3_BUCKET: newBucket(),
      }
    : {}
}

/** The whole server on a database and a folder of its own. Jobs and live events run only when asked for. */
export async function createTestApp({ env = {}, work = false, database: given, outgoingFetch }: { env?: Record<string, string>, work?: boolean, database?: TestDatabase, outgoingFetch?: DepsOptions['outgoingFetch'] } = {}): Promise<TestApp> {
  const database = given ?? await createTestDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'clientshare-test-'))
  const config = loadConfig({
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '8',
    DATA_DIR: dataDir,
    SECRET_KEY: randomBytes(32).toString('base64url'),
    PUBLIC_URL: 'http://localhost:3000',
    LOG_LEVEL: 'silent',
    ...storeSettings(),
    ...env,
  })
  let offset = 0
  let fixed: Date | null = null
  const now = () => fixed ?? new Date(Date.now() + offset)
  const deps = await createDeps({
    config,
    version: '0.0.0-test',
    commit: 'c0ffee',
    log: {
      info: () => {},
      error: () => {},
    },
    clock: now,
    outgoingFetch,
  })
  const app = await buildApp(deps)
  await app.ready()
  await deps.live.start()
  await deps.jobs.start(handlersOf(deps), { work })
  if (work) await deps.auditReaders.start(readersOf(deps))

  return {
    app,
    deps,
    config,
    clock: {
      now,
      set: (at) => { fixed = at },
      advance: (ms) => {
        fixed
          ? (fixed = new Date(fixed.getTime() + ms))
          : (offset += ms)
      },
    },
    async call(method, path, { token, body, headers } = {}) {
      const response = await app.inject({
        method,
        url: path.startsWith('/api/')
          ? path
          : `/api/v1${path}`,
        headers: {
          ...(token
            ? { authorization: `Bearer ${token}` }
            : {}),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { payload: body as object }),
      })
      const isJson = /[/+]json\b/.test(String(response.headers['content-type'] ?? ''))
      return {
        status: response.statusCode,
        headers: response.headers,
        body: isJson && response.body !== ''
          ? JSON.parse(response.body)
          : response.body,
        raw: response.rawPayload,
      }
    },
    async close() {
      await app.close()
      await deps.close()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** For one test: closed when it finishes. */
export async function useTestApp(options?: Parameters<typeof createTestApp>[0]): Promise<TestApp> {
  const app = await createTestApp(options)
  onTestFinished(() => app.close())
  return app
}
