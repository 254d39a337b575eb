import type { TestProject } from 'vitest/node'
import type { Cluster } from '../../scripts/embedded-postgres.ts'
import type { SharedMinio } from './shared-minio.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { startCluster } from '../../scripts/embedded-postgres.ts'
import { loadConfig } from '../src/config/config.ts'
import { dataSteps } from '../src/data-steps.ts'
import { migrate } from '../src/db/migrate.ts'
import { createDeps } from '../src/deps.ts'
import { handlersOf } from '../src/features.ts'
import { bundleMain, mainSource } from './bundle-main.ts'
import { minioBinary, startMinio } from './minio.ts'
import { useRunFolder } from './run-folder.ts'
import { isSoak } from './soak.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where databases may be made and dropped; and the migrated one that they are copies of. */
    postgres: { url: string, template: string }
    /** The MinIO of the run, where MINIO_BINARY names one. */
    minio?: SharedMinio
    /** What Node is to run, where a test starts the whole process. */
    main: string
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
  await makeQueues(templateUrl.href)
  project.provide('postgres', { url, template })

  project.provide('main', isSoak
    ? mainSource
    : await bundleMain())

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

/** As the first start of a server does it, once for all that start in a copy. */
async function makeQueues(databaseUrl: string): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clientshare-test-'))
  const deps = await createDeps({
    config: loadConfig({
      DATABASE_URL: databaseUrl,
      DATA_DIR: dataDir,
      SECRET_KEY: 'x'.repeat(43),
      PUBLIC_URL: 'http://localhost:3000',
    }),
    version: '0.0.0-test',
    commit: 'c0ffee',
    log: {
      info: () => {},
      error: () => {},
    },
    clock: () => new Date(),
  })
  await deps.jobs.start(handlersOf(deps), { work: false })
  await deps.close()
  rmSync(dataDir, { recursive: true })
}

/** It goes with this process, however that ends. */
function startEphemeral(): Promise<Cluster> {
  return startCluster({
    folder: mkdtempSync(join(tmpdir(), 'clientshare-test-')),
    ephemeral: true,
    maxConnections: 300,
  })
}
