import type { TestProject } from 'vitest/node'
import type { Cluster } from '../../scripts/embedded-postgres.ts'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { startCluster } from '../../scripts/embedded-postgres.ts'
import { dataSteps } from '../src/data-steps.ts'
import { migrate } from '../src/db/migrate.ts'
import { startMinio } from './minio.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where databases may be made and dropped; and the migrated one that they are copies of. */
    postgres: { url: string, template: string }
    /** With TEST_STORAGE=s3: the MinIO where each test app has a bucket of its own. */
    s3?: { endpoint: string, accessKey: string, secretKey: string }
  }
}

/**
 * One PostgreSQL for the whole run, with one migrated database as the template of every test's own. TEST_DATABASE_URL names a
 * server to use instead; its role needs CREATEDB.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = process.env.TEST_DATABASE_URL
    ? undefined
    : await startEphemeral()
  const url = process.env.TEST_DATABASE_URL ?? cluster!.url()
  const template = `clientshare_template_${process.pid}`
  const run = async (sql: string) => {
    const client = new pg.Client(url)
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  const templateUrl = new URL(url)
  templateUrl.pathname = `/${template}`
  await run(`create database ${template}`)
  await migrate(templateUrl.href, dataSteps)
  project.provide('postgres', { url, template })

  const minio = process.env.TEST_STORAGE === 's3'
    ? await startMinio()
    : undefined
  if (minio) project.provide('s3', { endpoint: minio.endpoint, accessKey: minio.accessKey, secretKey: minio.secretKey })

  return async () => {
    await minio?.dispose()
    if (cluster) await cluster.stop()
    else await run(`drop database ${template} with (force)`)
  }
}

/** It goes with this process, however that ends. */
function startEphemeral(): Promise<Cluster> {
  return startCluster({
    folder: mkdtempSync(join(tmpdir(), 'clientshare-test-')),
    ephemeral: true,
    maxConnections: 300,
  })
}
