import type { TestProject } from 'vitest/node'
import type { Instance, Person, Postgres } from './instance.ts'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { bundleMain } from '../../server/test/bundle-main.ts'
import { s3Env, startMinio } from '../../server/test/minio.ts'
import { setUpInstance, startInstance, startPostgres, useBundle, useTwoServers } from './instance.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: Postgres
    /** The instance that most files share, and its operator. */
    shared: { instance: Instance, operator: Person }
  }
}

const operator = { name: 'Olive Marsh', email: 'olive@northwind.example', password: 'a barge under the bridge' }

/** One PostgreSQL and one set-up instance for the whole run, in memory where there is room; all temporary files below one folder, which ends empty. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const scratch = mkdtempSync(join(fastFolder(), 'clientshare-e2e-'))
  // As root, PostgreSQL's user must be able to pass through.
  chmodSync(scratch, 0o711)
  process.env.TMPDIR = scratch
  const running: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const end of running.splice(0).reverse()) await end()
    const left = readdirSync(scratch)
    rmSync(scratch, { recursive: true, force: true })
    if (left.length > 0) throw new Error(`The run leaves behind: ${left.join(', ')}`)
  }
  try {
    if (process.env.SOAK !== 'true') useBundle(await bundleMain())
    const cluster = await startPostgres()
    running.push(cluster.stop)
    if (process.env.E2E_SERVERS === '2') {
      const minio = await startMinio()
      running.push(minio.dispose)
      useTwoServers(s3Env(minio, minio.endpoint))
    }
    const instance = await startInstance(cluster.postgres)
    running.push(instance.stop)
    await setUpInstance(instance, operator)
    project.provide('postgres', cluster.postgres)
    project.provide('shared', {
      instance: { url: instance.url, setupToken: instance.setupToken, databaseUrl: instance.databaseUrl },
      operator,
    })
    return stop
  }
  catch (error) {
    await stop().catch(() => {})
    throw error
  }
}

function fastFolder(): string {
  const folder = '/dev/shm'
  if (!existsSync(folder)) return tmpdir()
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize > 3 * 2 ** 30
    ? folder
    : tmpdir()
}
