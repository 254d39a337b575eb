import type { Deps } from '../deps.ts'
import { describeDatabase } from '../db/describe-database.ts'
import { EXIT_CONFIG, ExitError } from '../errors/exit-error.ts'
import { describeFinding, explainFinding } from '../features/identity/identity-words.ts'
import { isWell } from '../features/identity/identity.service.ts'
import { describeStorage, storageConfigOf } from '../storage/create-storage.ts'
import { isStorageError } from '../storage/storage.ts'

/** Says in two lines which database and which store this is. @throws {ExitError} when they do not belong together */
export async function requireOwnStore({ config, identity }: Deps, log: Deps['log']): Promise<void> {
  const finding = await identity.note().catch((error: unknown) => {
    // What is stored can still be read, and deleted.
    if (!isStorageError(error, 'full')) throw error
    return identity.find()
  })
  const holdings = await identity.holdings()
  const places = {
    database: describeDatabase(config),
    store: describeStorage(storageConfigOf(config)),
  }
  if (!isWell(finding.standing)) throw new ExitError(explainFinding(finding, holdings, places), EXIT_CONFIG)
  for (const line of describeFinding(finding, holdings, places)) log.info({}, line)
}
