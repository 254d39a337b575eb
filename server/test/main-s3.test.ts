import type { TestDatabase } from './database.ts'
import type { Minio } from './minio.ts'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from './database.ts'
import { startMain } from './main-process.ts'
import { minioBinary, startMinio } from './minio.ts'

let database: TestDatabase
let minio: Minio
let dataDir: string
beforeAll(async () => {
  if (!minioBinary) return
  database = await createTestDatabase()
  minio = await startMinio()
  dataDir = mkdtempSync(join(tmpdir(), 'clientshare-main-'))
})
afterAll(async () => {
  await minio?.dispose()
  await database?.drop()
  if (dataDir) rmSync(dataDir, { recursive: true })
})

/** Its store in MinIO. */
const start = (env: Record<string, string> = {}) => startMain({
  ipc: true,
  env: {
    PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    SECRET_KEY: randomBytes(32).toString('base64url'),
    STORAGE: 's3',
    S3_ENDPOINT: minio.endpoint,
    S3_ACCESS_KEY: minio.accessKey,
    S3_SECRET_KEY: minio.secretKey,
    ...env,
  },
})

describe.skipIf(!minioBinary)('a server on S3 (skipped without MINIO_BINARY)', () => {
  it.each([
    [
      'settings that are missing',
      { S3_ENDPOINT: '', S3_SECRET_KEY: '' },
      [/S3_ENDPOINT is not set/, /S3_SECRET_KEY is not set/],
    ],
    [
      'a wrong secret',
      { S3_SECRET_KEY: 'hunter2hunter2' },
      [/secret does not belong to it\. Check S3_SECRET_KEY/],
    ],
  ])('does not start with %s', async (_what, env, lines) => {
    const { ended, output } = start({ LOG_LEVEL: 'silent', ...env })
    expect(await ended).toBe(78)
    expect(output().trim().split('\n')).toEqual(lines.map(line => expect.stringMatching(line)))
    expect(output()).not.toContain('hunter2')
  })

  it('waits for its store and says so, hears a signal meanwhile, and starts when the store comes', async () => {
    const waiting = ({ output }: ReturnType<typeof start>) => expect.poll(output).toContain('Waiting for the store')
    await minio.stop()
    const impatient = start()
    await waiting(impatient)
    impatient.child.kill('SIGTERM')
    expect(await impatient.ended).toBe(0)

    const patient = start()
    await waiting(patient)
    expect(patient.child.exitCode).toBeNull()
    await minio.restart()
    const [message] = await once(patient.child, 'message')
    expect(message).toMatchObject({ type: 'ready' })
    expect(patient.output()).not.toContain(minio.secretKey)
    patient.child.kill('SIGTERM')
    expect(await patient.ended).toBe(0)
  })
})
