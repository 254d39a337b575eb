import type { TestProject } from 'vitest/node'
import type { Cluster } from '../../scripts/embedded-postgres.ts'
import type { SharedMinio } from './shared-minio.ts'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { startCluster } from '../../scripts/embedded-postgres.ts'
import { dataSteps } from '../src/data-steps.ts'
import { migrate } from '../src/db/migrate.ts'
import { minioBinary, startMinio } from './minio.ts'
import { useRunFolder } from './run-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where databases may be made and dropped; and the migrated one that they are copies of. */
    postgres: { url: string, template: string }
    /** The MinIO of the run, where MINIO_BINARY names one. */
    minio?: SharedMinio
  }
}

/**
 * One PostgreSQL for the whole run, with one migrated database as the template of every test's own. TEST_DATABASE_URL names a
 * server to use instead; its role needs CREATEDB.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const endRun = useRunFolder()
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

  const minio = minioBinary === undefined
    ? undefined
    : await startMinio()
  if (minio) {
    project.provide('minio', {
      endpoint: minio.endpoint,
      port: minio.port,
      accessKey: minio.accessKey,
      secretKey: minio.secretKey,
    })
  }

  return async () => {
    await minio?.dispose()
    if (cluster) await cluster.stop()
    else await run(`drop database ${template} with (force)`)
    endRun()
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
