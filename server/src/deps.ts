import type { Config } from './config/config.ts'
import type { Release } from './config/release.ts'
import type { Db } from './db/database.ts'
import type { AccessService } from './features/access/access.service.ts'
import type { AuditLog } from './features/audit/audit.service.ts'
import type { LogServices } from './features/audit/create-log-services.ts'
import type { AuthService } from './features/auth/auth.service.ts'
import type { BackupsService } from './features/backups/backups.service.ts'
import type { DoctorService } from './features/doctor/doctor.service.ts'
import type { DownloadsService } from './features/downloads/downloads.service.ts'
import type { FactorServices } from './features/factors/create-factors.ts'
import type { IdentityService } from './features/identity/identity.service.ts'
import type { InstanceService } from './features/instance/instance.service.ts'
import type { NotServing, ServingLock } from './features/instance/serving-lock.ts'
import type { UploadTurn } from './features/instance/upload-turn.ts'
import type { ItemsService } from './features/items/items.service.ts'
import type { LinksService } from './features/links/links.service.ts'
import type { MailService } from './features/mail/mail.service.ts'
import type { MembersService } from './features/members/members.service.ts'
import type { News } from './features/notifications/create-news.ts'
import type { ObjectRegister } from './features/objects/objects.service.ts'
import type { StorageHealthService } from './features/objects/storage-health.service.ts'
import type { PublicLinksService } from './features/public-links/public-links.service.ts'
import type { FrontDoor } from './features/requests/create-front-door.ts'
import type { UploadsService } from './features/uploads/uploads.service.ts'
import type { AccountServices } from './features/users/account-services.ts'
import type { WorkspacesService } from './features/workspaces/workspaces.service.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import type { LiveBus } from './live/live-bus.ts'
import type { Transfers } from './live/transfers.ts'
import type { Mailer } from './mail/outbox.ts'
import type { Replies } from './mail/replies.ts'
import type { Storage } from './storage/storage.ts'
import { randomUUIDv7 } from 'node:crypto'
import { keepDeploymentClock } from './db/clock.ts'
import { createDatabase } from './db/database.ts'
import { createAccessService } from './features/access/access.service.ts'
import { createAuditLog } from './features/audit/audit.service.ts'
import { createLogServices } from './features/audit/create-log-services.ts'
import { createAuthService } from './features/auth/auth.service.ts'
import { createThrottle } from './features/auth/throttle.ts'
import { createBackupsService } from './features/backups/backups.service.ts'
import { createDoctorService } from './features/doctor/doctor.service.ts'
import { createDownloadsService } from './features/downloads/downloads.service.ts'
import { createFactors } from './features/factors/create-factors.ts'
import { createIdentityService } from './features/identity/identity.service.ts'
import { linkKeyOf, mailKeyOf } from './features/instance/instance-key.service.ts'
import { createInstanceService } from './features/instance/instance.service.ts'
import { takeServingLock } from './features/instance/serving-lock.ts'
import { createUploadTurn, everybodysTurn } from './features/instance/upload-turn.ts'
import { createItemsService } from './features/items/items.service.ts'
import { createLinkRegister } from './features/links/link-register.service.ts'
import { createLinksService } from './features/links/links.service.ts'
import { createMailService } from './features/mail/mail.service.ts'
import { createMembersService } from './features/members/members.service.ts'
import { createNews } from './features/notifications/create-news.ts'
import { createStorageHealth } from './features/objects/storage-health.service.ts'
import { createLinkGate } from './features/public-links/link-gate.service.ts'
import { createPublicLinksService } from './features/public-links/public-links.service.ts'
import { createFrontDoor } from './features/requests/create-front-door.ts'
import { createUploads } from './features/uploads/uploads.service.ts'
import { createAccountServices } from './features/users/account-services.ts'
import { createWorkspacesService } from './features/workspaces/workspaces.service.ts'
import { deriveKey } from './http/tokens.ts'
import { createJobQueue } from './jobs/job-queue.ts'
import { createLiveBus } from './live/live-bus.ts'
import { createTransfers } from './live/transfers.ts'
import { createMailer } from './mail/outbox.ts'
import { createReplies } from './mail/replies.ts'
import { createMailTransport } from './mail/transport.ts'
import { mailDefinitions } from './mails.ts'
import { createStorage, storageConfigOf } from './storage/create-storage.ts'

export type { ServingLock }

/** Everything the server is made of, built once. A feature takes what it uses of it. */
export interface Deps extends Release, FactorServices, AccountServices, LogServices, News, FrontDoor {
  config: Config
  /** The deployment's time, the same in all processes. Nothing that is decided goes by another. */
  clock: () => Date
  newId: () => string
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
  db: Db
  storage: Storage
  uploadTurn: UploadTurn
  jobs: JobQueue
  live: LiveBus
  transfers: Transfers
  audit: AuditLog
  access: AccessService
  mail: Mailer
  replies: Replies
  operatorMail: MailService
  auth: AuthService
  backups: BackupsService
  doctor: DoctorService
  identity: IdentityService
  instance: InstanceService
  workspaces: WorkspacesService
  members: MembersService
  items: ItemsService
  objects: ObjectRegister
  storageHealth: StorageHealthService
  uploads: UploadsService
  downloads: DownloadsService
  links: LinksService
  publicLinks: PublicLinksService
  close: () => Promise<void>
}

export interface DepsOptions extends Release, Partial<Pick<Deps, 'clock' | 'newId'>> {
  config: Config
  log: Deps['log']
  outgoingFetch?: Parameters<typeof createAccountServices>[0]['outgoingFetch']
}

/** Says, until it is released, that this process serves from the store that `config.storage` names. @throws {NotServing} */
export function enterService(config: Config, { log, onMoved }: { log: Deps['log'], onMoved: (reason: NotServing) => void }): Promise<ServingLock> {
  return takeServingLock({
    databaseUrl: config.databaseUrl,
    kind: config.storage,
    onError: error => log.error({ err: error }, 'background connection'),
    onMoved,
  })
}

/** The store that `config.storage` names. A move opens two, with a configuration for each. One that does not answer yet is waited for. */
export function openStorage(config: Config, log?: Deps['log'], patienceMs?: number): Promise<Storage> {
  return createStorage(storageConfigOf(config), { log, patienceMs })
}

export async function createDeps({ config, version, commit, log, clock: ownClock, newId = randomUUIDv7, outgoingFetch }: DepsOptions): Promise<Deps> {
  const onError = (error: unknown) => log.error({ err: error }, 'background connection')
  const database = createDatabase({ url: config.databaseUrl, poolSize: config.databasePoolSize, onError })
  const { db } = database
  const kept = ownClock
    ? undefined
    : await keepDeploymentClock({ db, log })
  const clock = ownClock ?? kept!.now
  const storage = await openStorage(config, log)
  const uploadTurn = config.storage === 'local' && config.processMode !== 'worker'
    ? createUploadTurn({ databaseUrl: config.databaseUrl, log, onError })
    : everybodysTurn
  const jobs = createJobQueue({ databaseUrl: config.databaseUrl, onError })
  const live = createLiveBus({ databaseUrl: config.databaseUrl, onError })
  const transfers = createTransfers({ live, onError })
  const audit = createAuditLog({ db, clock })
  const access = createAccessService({ db, clock })
  const throttle = createThrottle({ db, clock })
  const factors = createFactors({
    db,
    clock,
    newId,
    audit,
    throttle,
    secretKey: config.secretKey,
    publicUrl: config.publicUrl,
  })
  const mailOptions = {
    db,
    clock,
    newId,
    jobs,
    transport: createMailTransport(config),
    definitions: mailDefinitions,
    publicUrl: config.publicUrl,
    perMinute: config.mailPerMinute,
  }
  const mail = createMailer({
    ...mailOptions,
    key: mailKeyOf(config.secretKey),
    log,
  })
  const replies = createReplies({ ...mailOptions, config, log })
  const auth = createAuthService({
    db,
    clock,
    newId,
    audit,
    throttle,
    secondFactors: factors.secondFactors,
    mail,
    rotationKey: deriveKey(config.secretKey, 'session-rotation'),
  })
  const identity = createIdentityService({ db, storage, clock, newId })
  const instance = createInstanceService({
    db,
    config,
    clock,
    newId,
    audit,
    auth,
    throttle,
  })
  const accounts = createAccountServices({
    ...factors,
    db,
    clock,
    newId,
    audit,
    access,
    auth,
    instance,
    throttle,
    mail,
    config,
    log,
    outgoingFetch,
  })
  const workspaces = createWorkspacesService({ db, clock, newId, audit, access })
  const members = createMembersService({
    db,
    clock,
    newId,
    audit,
    access,
    acceptances: accounts.acceptances,
    auth,
    instance,
    throttle,
    mail,
    publicUrl: config.publicUrl,
  })
  const items = createItemsService({
    db,
    access,
    audit,
    jobs,
    clock,
    newId,
  })
  const { objects, uploads } = createUploads({
    db,
    storage,
    jobs,
    audit,
    access,
    clock,
    newId,
    log,
    uploadTurn,
    accessTokens: accounts.accessTokens,
    transfers,
    config,
  })
  const linkRegister = createLinkRegister({ db, access, clock })
  const linkGate = createLinkGate({
    db,
    register: linkRegister,
    access,
    audit,
    clock,
  })
  const downloads = createDownloadsService({
    db,
    storage,
    jobs,
    audit,
    access,
    accessTokens: accounts.accessTokens,
    linkGate,
    transfers,
    clock,
    newId,
    publicUrl: config.publicUrl,
    log,
  })
  const storageHealth = createStorageHealth({
    db,
    jobs,
    clock,
    scrubDays: config.scrubDays,
  })
  const backups = createBackupsService({
    db,
    config,
    storage,
    version,
    commit,
    clock,
    log,
  })
  const doctor = createDoctorService({
    db,
    config,
    release: { version, commit },
    clock,
    log,
  })
  const links = createLinksService({
    db,
    access,
    audit,
    downloads,
    register: linkRegister,
    clock,
    newId,
    publicUrl: config.publicUrl,
    tokenKey: linkKeyOf(config.secretKey),
  })
  const publicLinks = createPublicLinksService({
    db,
    audit,
    downloads,
    linkGate,
    register: linkRegister,
    throttle,
    clock,
  })
  const logServices = createLogServices({
    db,
    live,
    clock,
    audit,
    access,
    links,
    log,
  })
  const news = createNews({
    ...mailOptions,
    audit,
    access,
    instance,
    links,
    mail,
    secretKey: config.secretKey,
    log,
  })
  const operatorMail = createMailService({ ...mailOptions, audit, instance })
  const frontDoor = createFrontDoor({
    ...mailOptions,
    log,
    ...accounts,
    config,
    audit,
    access,
    throttle,
    mail,
    replies,
    instance,
    workspaces,
    consents: news.consents,
    version,
  })

  return {
    config,
    version,
    commit,
    clock,
    newId,
    log,
    db,
    storage,
    uploadTurn,
    jobs,
    live,
    transfers,
    audit,
    access,
    mail,
    replies,
    operatorMail,
    ...logServices,
    ...news,
    auth,
    ...factors,
    ...accounts,
    backups,
    doctor,
    identity,
    instance,
    workspaces,
    members,
    items,
    objects,
    storageHealth,
    uploads,
    downloads,
    links,
    publicLinks,
    ...frontDoor,
    async close() {
      await doctor.close()
      await accounts.passwordResets.settled()
      await accounts.registrations.settled()
      await accounts.emailCodes.settled()
      kept?.close()
      await jobs.stop()
      mail.close()
      await logServices.auditReaders.stop()
      await live.stop()
      await uploadTurn.stop()
      await storage.close()
      await database.close()
    },
  }
}
