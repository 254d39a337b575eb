import type { Config } from './config/config.ts'
import type { Db } from './db/database.ts'
import type { AccessService } from './features/access/access.service.ts'
import type { AuditTrailService } from './features/audit/audit-trail.service.ts'
import type { AuditLog } from './features/audit/audit.service.ts'
import type { AuthService } from './features/auth/auth.service.ts'
import type { DownloadsService } from './features/downloads/downloads.service.ts'
import type { InstanceService } from './features/instance/instance.service.ts'
import type { ItemsService } from './features/items/items.service.ts'
import type { LinksService } from './features/links/links.service.ts'
import type { MembersService } from './features/members/members.service.ts'
import type { PoliciesService } from './features/policies/policies.service.ts'
import type { UploadsService } from './features/uploads/uploads.service.ts'
import type { WorkspacesService } from './features/workspaces/workspaces.service.ts'
import type { JobHandler, JobQueue } from './jobs/job-queue.ts'
import type { LiveBus } from './live/live-bus.ts'
import type { Storage } from './storage/storage.ts'
import { randomUUIDv7 } from 'node:crypto'
import { createDatabase } from './db/database.ts'
import { createAccessService } from './features/access/access.service.ts'
import { createAuditTrailService } from './features/audit/audit-trail.service.ts'
import { createAuditLog } from './features/audit/audit.service.ts'
import { createPoliciesService } from './features/policies/policies.service.ts'
import { starterFacts } from './features/policies/policies.starter.ts'
import { createJobQueue } from './jobs/job-queue.ts'
import { createLiveBus } from './live/live-bus.ts'
import { createStorage } from './storage/create-storage.ts'

/** Everything the server is made of, built once. A feature takes what it uses of it. */
export interface Deps {
  config: Config
  version: string
  clock: () => Date
  newId: () => string
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
  db: Db
  storage: Storage
  jobs: JobQueue
  live: LiveBus
  audit: AuditLog
  access: AccessService
  auditTrail: AuditTrailService
  auth: AuthService
  instance: InstanceService
  workspaces: WorkspacesService
  members: MembersService
  items: ItemsService
  uploads: UploadsService
  downloads: DownloadsService
  links: LinksService
  policies: PoliciesService
  jobHandlers: JobHandler[]
  close: () => Promise<void>
}

export interface DepsOptions {
  config: Config
  version: string
  log: Deps['log']
  clock?: () => Date
  newId?: () => string
}

const inWork = <T extends object>(name: string): T => new Proxy({} as T, {
  get: (_target, key) => () => { throw new Error(`${name}.${String(key)} is in work`) },
})

export async function createDeps({ config, version, log, clock = () => new Date(), newId = randomUUIDv7 }: DepsOptions): Promise<Deps> {
  const onError = (error: unknown) => log.error({ err: error }, 'background connection')
  const database = createDatabase({ url: config.databaseUrl, poolSize: config.databasePoolSize, onError })
  const { db } = database
  const storage = await createStorage({ kind: 'local', root: `${config.dataDir}/storage` })
  const jobs = createJobQueue({ databaseUrl: config.databaseUrl, onError })
  const live = createLiveBus({ databaseUrl: config.databaseUrl, onError })
  const audit = createAuditLog({ db, clock })
  const access = createAccessService({ db, clock })
  const auditTrail = createAuditTrailService({ db, clock })
  const auth = inWork<AuthService>('auth')
  const instance = inWork<InstanceService>('instance')
  const workspaces = inWork<WorkspacesService>('workspaces')
  const members = inWork<MembersService>('members')
  const items = inWork<ItemsService>('items')
  const uploads = inWork<UploadsService>('uploads')
  const downloads = inWork<DownloadsService>('downloads')
  const links = inWork<LinksService>('links')
  const policies = createPoliciesService({
    db,
    audit,
    clock,
    newId,
    facts: async () => starterFacts(await instance.settings(), config),
  })
  const jobHandlers: JobHandler[] = []

  return {
    config,
    version,
    clock,
    newId,
    log,
    db,
    storage,
    jobs,
    live,
    audit,
    access,
    auditTrail,
    auth,
    instance,
    workspaces,
    members,
    items,
    uploads,
    downloads,
    links,
    policies,
    jobHandlers,
    async close() {
      await jobs.stop()
      await live.stop()
      await storage.close()
      await database.close()
    },
  }
}
