import type { TestFile, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Opener, Sealer } from '../../crypto/age.ts'
import type { Db } from '../../db/database.ts'
import type { Storage } from '../../storage/storage.ts'
import type { BackupTarget } from './backup-target.ts'
import type { BackupDeps, BackupMade, BackupOptions } from './backup.service.ts'
import type { RestoredDeps, RestoreOptions } from './restore.service.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { sql } from 'drizzle-orm'
import { onTestFinished } from 'vitest'
import { createTestDatabase } from '../../../test/database.ts'
import { createFile, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { createOpener, createSealer } from '../../crypto/age.ts'
import { dataSteps } from '../../data-steps.ts'
import { createDatabase } from '../../db/database.ts'
import { migrate } from '../../db/migrate.ts'
import { createDeps } from '../../deps.ts'
import { handlersOf } from '../../features.ts'
import { createLocalPaths } from '../../storage/local-paths.ts'
import { createLocalStorage } from '../../storage/local-storage.ts'
import { createVerification } from '../verify/verify.service.ts'
import { connectForBackup } from './backup-connection.ts'
import { createBackup } from './backup.service.ts'
import { listTables } from './backups.queries.ts'
import { createRestore } from './restore.service.ts'
import { restoredDepsOf } from './restored-deps.ts'

/** What age-keygen makes, and what is done with it. */
export interface TestKey { identity: string, recipient: string, sealer: Sealer, opener: Opener }

export async function newKey(): Promise<TestKey> {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  return {
    identity,
    recipient,
    sealer: await createSealer([recipient]),
    opener: await createOpener(`# public key: ${recipient}\n${identity}\n`),
  }
}

export interface BackupTest {
  test: TestApp
  workspace: TestWorkspace
  target: BackupTarget
  /** Where the target's files are. */
  folder: string
  addFile: (content: Buffer | string, options?: { integrity?: 'pending' | 'verified' | 'failed' }) => Promise<TestFile>
  /** What `backup` does. */
  backup: (options?: Partial<BackupOptions> & { deps?: Partial<BackupDeps>, targetFaults?: Partial<Storage> }) => Promise<BackupMade>
}

/** A deployment with people in it, and an empty folder for its backups, which are encrypted with `key`. */
export async function useBackupTest(env: Record<string, string> = {}, key?: Pick<TestKey, 'sealer'>): Promise<BackupTest> {
  const folder = await mkdtemp(join(tmpdir(), 'clientshare-backup-'))
  const test = await useTestApp({
    env: { BACKUP_TO: folder, ...env },
  })
  const { deps, config } = test
  await setUpInstance(test)
  const workspace = await createWorkspace(test)
  const storage = await createLocalStorage({ root: folder })
  onTestFinished(async () => {
    await storage.close()
    await rm(folder, { recursive: true })
  })
  const target = { storage, place: folder }
  let count = 0
  let runs = 0
  return {
    test,
    workspace,
    target,
    folder,
    addFile: (content, options) => createFile(test, workspace, { name: `file ${++count}`, content, ...options }),
    async backup({ deps: other, targetFaults, ...options } = {}) {
      const connection = await connectForBackup(config.databaseUrl)
      try {
        return await createBackup({
          db: deps.db,
          connection,
          storage: deps.storage,
          clock: deps.clock,
          newId: () => String(++runs).padStart(4, '0'),
          release: { version: deps.version },
          secretKey: config.secretKey,
          settings: {
            settings: {},
            secrets: { SECRET_KEY: config.secretKey },
          },
          sealer: key?.sealer,
          retryMs: [1, 1],
          ...other,
        }).run({
          ...target,
          storage: {
            ...storage,
            ...targetFaults,
          },
        }, {
          signal: new AbortController().signal,
          onDamaged: () => {},
          ...options,
        })
      }
      finally {
        await connection.release()
      }
    },
  }
}

export interface EmptyDeployment {
  databaseUrl: string
  db: Db
  storage: Storage
  folder: string
  restore: (target: BackupTarget, options?: Partial<RestoreOptions> & { secretKey?: string, storageFaults?: Partial<Storage>, atOpening?: (deps: RestoredDeps) => void }) => ReturnType<ReturnType<typeof createRestore>['run']>
}

/** The path of a file of the target. */
export const pathIn = (folder: string, key: string) => createLocalPaths(folder).object(key)

/** What each table has, as one sum. */
export async function sumsOf(db: Db): Promise<Record<string, string>> {
  const sums: Record<string, string> = {}
  for (const { table } of await listTables(db)) {
    const { rows: [row] } = await db.execute<{ sum: string }>(sql.raw(`select count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '') as sum from "${table}" t`))
    sums[table] = row!.sum
  }
  return sums
}

/** Where nothing is yet, with the instance key of `like`. `empty`: not even migrated. `keptData`: with the folder of a deployment whose database was lost. */
export async function useEmptyDeployment(like: TestApp, { empty = false, keptData }: { empty?: boolean, keptData?: string } = {}): Promise<EmptyDeployment> {
  const database = await createTestDatabase({ empty })
  const dataDir = keptData ?? await mkdtemp(join(tmpdir(), 'clientshare-restored-'))
  const folder = join(dataDir, 'storage')
  const storage = await createLocalStorage({ root: folder })
  const config = {
    ...like.config,
    storage: 'local' as const,
    databaseUrl: database.url,
    dataDir,
  }
  const opened: (() => Promise<void>)[] = []
  onTestFinished(async () => {
    for (const close of opened) await close()
    await storage.close()
    await database.drop()
    if (keptData === undefined) await rm(dataDir, { recursive: true })
  })
  const { db, close } = createDatabase({ url: database.url, poolSize: 2 })
  opened.push(close)
  return {
    databaseUrl: database.url,
    db,
    storage,
    folder,
    async restore(target, { secretKey = config.secretKey, storageFaults, atOpening, ...options } = {}) {
      const connection = await connectForBackup(database.url)
      try {
        return await createRestore({
          connection,
          storage: {
            ...storage,
            ...storageFaults,
          },
          secretKey,
          clock: like.deps.clock,
          migrate: until => migrate(database.url, dataSteps, { until }),
          async openDeployment() {
            const deps = await createDeps({ config, version: 'test', log: like.deps.log })
            opened.push(deps.close)
            await deps.jobs.start(handlersOf(deps), { work: false })
            const restored = restoredDepsOf(deps, handlersOf(deps), createVerification(deps))
            atOpening?.(restored)
            return restored
          },
          retryMs: [1, 1],
        }).run(target, { signal: new AbortController().signal, ...options })
      }
      finally {
        await connection.release()
      }
    },
  }
}
