import type { Config } from '../../config/config.ts'
import type { Release } from '../../config/release.ts'
import type { Finding } from './finding.ts'
import { randomUUIDv7 } from 'node:crypto'
import process from 'node:process'
import { ConfigError } from '../../config/config.ts'
import { describeRelease } from '../../config/release.ts'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { keepDeploymentClock } from '../../db/clock.ts'
import { createDatabase } from '../../db/database.ts'
import { describeDatabase } from '../../db/describe-database.ts'
import { requireCurrentSchema } from '../../db/migrate.ts'
import { createStorage, describeStorage, storageConfigOf } from '../../storage/create-storage.ts'
import { explainFinding } from '../identity/identity-words.ts'
import { createIdentityService, isWell } from '../identity/identity.service.ts'
import { linkKeyOf } from '../instance/instance-key.service.ts'
import { countHolders } from './doctor.queries.ts'
import { examineAddress } from './examine-address.ts'
import { examineBackups } from './examine-backups.ts'
import { examineDatabase } from './examine-database.ts'
import { examineDisk, examinePermissions } from './examine-disk.ts'
import { examineMail, examineReplies } from './examine-mail.ts'
import { examinePeople } from './examine-people.ts'
import { examineServers } from './examine-servers.ts'
import { examineStore } from './examine-store.ts'
import { find, STORE_PATIENCE_MS } from './finding.ts'

export interface ExamineOptions {
  release: Release
  /** Why something of the database failed, in one line. */
  explain: (error: unknown) => string
  /** Ends what is waited for longest; whoever reads the findings stops reading by it. */
  signal?: AbortSignal
}

/**
 * Everything that the deployment stands on, one after the other in the order of `subjects`; what stands on something broken is left out. On connections of
 * its own, so that it finds the same in a server that runs and by command.
 */
export async function* examine(config: Config, { release, explain, signal }: ExamineOptions): AsyncGenerator<Finding> {
  yield find('version.well', {
    release: describeRelease(release),
    node: process.versions.node,
  })
  yield find('settings.well', { storage: config.storage })
  yield* examineDatabaseAndStore(config, explain)
  if (config.storage === 'local') {
    yield* await examineDisk(config.dataDir)
    yield* await examinePermissions(describeStorage(storageConfigOf(config)))
  }
  yield* await examineAddress(config.publicUrl, signal)
  yield await examineMail(config)
  yield* examineReplies(config)
}

async function* examineDatabaseAndStore(config: Config, explain: ExamineOptions['explain']): AsyncGenerator<Finding> {
  const place = describeDatabase(config)
  const { db, close } = createDatabase({ url: config.databaseUrl, poolSize: 2 })
  try {
    const clock = yield* examineUnderDatabase()
    yield* examineOpenedStore(clock)
  }
  finally {
    await close()
  }

  async function* examineUnderDatabase(): AsyncGenerator<Finding, (() => Date) | undefined> {
    try {
      const told: string[] = []
      const clock = await keepDeploymentClock({
        db,
        log: {
          info: () => {},
          error: (_fields, message) => told.push(message),
        },
      })
      clock.close()
      yield* told.map(problem => find('database.clock', { problem }))
      const serving = await countHolders(db, advisoryLocks.serving)
      yield* await examineDatabase(db, { place, poolSize: config.databasePoolSize, serving })
      await requireCurrentSchema(config.databaseUrl)
      yield* await examineServers(db, {
        serving,
        storage: config.storage,
        tokenKey: linkKeyOf(config.secretKey),
        now: clock.now(),
      })
      yield* await examineBackups(db, config, clock.now)
      yield* examinePeople(db)
      return clock.now
    }
    catch (error) {
      yield find('database.fails', {
        problem: explain(error),
      })
      return undefined
    }
  }

  async function* examineOpenedStore(clock: (() => Date) | undefined): AsyncGenerator<Finding> {
    try {
      const storeConfig = storageConfigOf(config)
      const storePlace = describeStorage(storeConfig)
      const storage = await createStorage(storeConfig, { patienceMs: STORE_PATIENCE_MS })
      try {
        yield* await examineStore(storage, {
          place: storePlace,
          s3: storeConfig.kind === 's3'
            ? storeConfig
            : undefined,
        })
        if (!clock) return
        const identity = createIdentityService({
          db,
          storage,
          clock,
          newId: randomUUIDv7,
        })
        const finding = await identity.find()
        if (!isWell(finding.standing)) {
          yield find('store.not_ours', {
            problem: explainFinding(finding, await identity.holdings(), { database: place, store: storePlace }),
          })
        }
      }
      finally {
        await storage.close()
      }
    }
    catch (error) {
      const problems = error instanceof ConfigError
        ? error.problems
        : [(error as Error).message]
      yield* problems.map(problem => find('store.fails', { problem }))
    }
  }
}
