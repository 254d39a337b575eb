import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { Release } from '../config/release.ts'
import type { ExitError } from '../errors/exit-error.ts'
import { buildApp } from '../app.ts'
import { createDeps, enterService } from '../deps.ts'
import { handlersOf, readersOf, takersOf } from '../features.ts'
import { untilSent } from '../http/unsent.ts'
import { drain } from './drain.ts'
import { requireOwnStore } from './require-own-store.ts'

/** What the kernel still has of answers that have ended. */
const UNSENT_MS = 3000

export interface ServeOptions {
  config: Config
  release: Release
  log: Logger
  /** The bytes are elsewhere now: the process has to stop. */
  onMoved: (reason: ExitError) => void
}

export interface Serving {
  /** With which the instance is set up; undefined when it is. */
  setupToken: string | undefined
  /** Reads the files of policies again, and says in the log what they came to. */
  readPolicyFiles: () => Promise<void>
  /** Lets what is under way end, within the time that DRAIN_SECONDS gives, then lets go of everything. */
  stop: () => Promise<void>
}

/**
 * The command `serve`: answers requests and does the background work, one of them or both (PROCESS_MODE). The database has this version's schema.
 * @returns when requests are taken
 */
export async function serve({ config, release, log, onMoved }: ServeOptions): Promise<Serving> {
  // Before the store is opened: one in the wrong place is not even made.
  const lock = await enterService(config, { log, onMoved })
  const deps = await createDeps({ config, ...release, log })
  await deps.backups.requireRestored()
  await requireOwnStore(deps, log)
  const app = await buildApp(deps, { loggerInstance: log })
  await deps.live.start()
  await deps.jobs.start(handlersOf(deps), { work: config.processMode !== 'web' })
  if (config.processMode !== 'web') await deps.auditReaders.start(readersOf(deps))
  deps.replies.serve(takersOf(deps))
  const setupToken = await deps.instance.prepareSetup()
  async function readPolicyFiles() {
    // Of those that answer for pages: a worker may have no such folder.
    if (config.processMode === 'worker') return
    const { folder, files, problems } = await deps.policies.loadFiles()
    for (const problem of problems) log.warn(problem, 'a file in POLICIES_DIR is left out')
    if (folder !== null) log.info({ folder, files: files.length, problems: problems.length }, 'policies were read from files')
  }
  await readPolicyFiles()
  await app.listen({ port: config.port, host: config.host })
  return {
    setupToken,
    readPolicyFiles,
    async stop() {
      const { port } = app.server.address() as AddressInfo
      await drain(app, { drainMs: config.drainSeconds * 1000, log })
      await Promise.all([
        untilSent(port, UNSENT_MS),
        deps.close(),
      ])
      // Last: until here something may still have been written to the store.
      await lock.release()
    },
  }
}
