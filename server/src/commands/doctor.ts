import type { Config } from '../config/config.ts'
import type { Finding } from '../features/doctor/finding.ts'
import type { Command, CommandContext } from './command.ts'
import { randomUUIDv7 } from 'node:crypto'
import { parseOptions } from '../config/command-line.ts'
import { ConfigError } from '../config/config.ts'
import { advisoryLocks } from '../db/advisory-locks.ts'
import { keepDeploymentClock } from '../db/clock.ts'
import { createDatabase } from '../db/database.ts'
import { describeDatabase } from '../db/describe-database.ts'
import { requireCurrentSchema } from '../db/migrate.ts'
import { openStorage } from '../deps.ts'
import { describeHealth, doctorExit, sumUp } from '../features/doctor/doctor.command.ts'
import { countHolders } from '../features/doctor/doctor.queries.ts'
import { examineAddress } from '../features/doctor/examine-address.ts'
import { examineDatabase } from '../features/doctor/examine-database.ts'
import { examineDisk } from '../features/doctor/examine-machine.ts'
import { examineMail } from '../features/doctor/examine-mail.ts'
import { examineServers } from '../features/doctor/examine-servers.ts'
import { examineStore } from '../features/doctor/examine-store.ts'
import { findingsOf } from '../features/doctor/finding.ts'
import { explainFinding } from '../features/identity/identity-words.ts'
import { createIdentityService, isWell } from '../features/identity/identity.service.ts'
import { linkKeyOf } from '../features/instance/instance-key.service.ts'
import { describeStorage, storageConfigOf } from '../storage/create-storage.ts'

/** A store that does not answer is a finding, not something to wait for. */
const STORE_PATIENCE_MS = 5000

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'looks at settings, database, store, address, servers and mail, and says what to change',
  synopsis: '',
  usage: `Looks at everything that this deployment stands on, also while servers run, and changes nothing: what it writes to the store to try it out, it
removes. Each line is ok, something to look at, or FAIL, with the setting to change.

Exit codes:
  0    nothing is broken; there may be something to look at
  1    something is broken
  78   wrong options`,
  run: doctor,
}

async function doctor(args: string[], context: CommandContext): Promise<number> {
  parseOptions(args, {})
  const findings: Finding[] = []
  for await (const finding of examine(context)) {
    findings.push(finding)
    context.print(describeHealth(finding))
  }
  context.print(sumUp(findings))
  return findings.some(({ health }) => health === 'broken')
    ? doctorExit.broken
    : doctorExit.well
}

/** One after the other; what stands on something broken is left out. */
async function* examine({ config: readConfig, explain }: CommandContext): AsyncGenerator<Finding> {
  const { well, broken } = findingsOf('settings')
  let config: Config
  try {
    config = readConfig()
  }
  catch (error) {
    if (!(error instanceof ConfigError)) throw error
    yield* error.problems.map(broken)
    return
  }
  yield well(`The settings can be read (STORAGE=${config.storage}).`)
  yield* examineDatabaseAndStore(config, explain)
  if (config.storage === 'local') yield* await examineDisk(config.dataDir)
  yield* await examineAddress(config.publicUrl)
  yield* await examineMail(config)
}

async function* examineDatabaseAndStore(config: Config, explain: CommandContext['explain']): AsyncGenerator<Finding> {
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
    const { doubtful, broken } = findingsOf('database')
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
      yield* told.map(message => doubtful(`${message}.`))
      const serving = await countHolders(db, advisoryLocks.serving)
      yield* await examineDatabase(db, { place, poolSize: config.databasePoolSize, serving })
      await requireCurrentSchema(config.databaseUrl)
      yield* await examineServers(db, {
        serving,
        storage: config.storage,
        tokenKey: linkKeyOf(config.secretKey),
        now: clock.now(),
      })
      return clock.now
    }
    catch (error) {
      yield broken(explain(error))
      return undefined
    }
  }

  async function* examineOpenedStore(clock: (() => Date) | undefined): AsyncGenerator<Finding> {
    const { broken } = findingsOf('store')
    try {
      const storeConfig = storageConfigOf(config)
      const storePlace = describeStorage(storeConfig)
      const storage = await openStorage(config, undefined, STORE_PATIENCE_MS)
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
        if (!isWell(finding.standing)) yield broken(explainFinding(finding, await identity.holdings(), { database: place, store: storePlace }))
      }
      finally {
        await storage.close()
      }
    }
    catch (error) {
      if (error instanceof ConfigError) yield* error.problems.map(broken)
      else yield broken((error as Error).message)
    }
  }
}
