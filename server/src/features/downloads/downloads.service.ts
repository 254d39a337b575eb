import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { Transfers } from '../../live/transfers.ts'
import type { ByteRange, Storage } from '../../storage/storage.ts'
import type { AccessibleItem, AccessService, Member } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { LinkGate } from '../public-links/link-gate.service.ts'
import type { TokensService } from '../tokens/tokens.service.ts'
import type { ArchiveEntry, ArchivePlan, ArchiveRoot } from './archive-plan.ts'
import type { Content } from './content.ts'
import type { TicketRow, VersionRow } from './downloads.queries.ts'
import type { FileDownloads } from './downloads.schemas.ts'
import { timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { AppError } from '../../errors/app-error.ts'
import { accessDenied, notFound } from '../../errors/common-errors.ts'
import { scopeOf } from '../access/access.policy.ts'
import { archiveDownloaded } from '../audit/audit.actions.ts'
import { toldItems } from '../audit/audit.details.ts'
import { fileCorrupt } from '../items/items.errors.ts'
import { portableName } from './archive-names.ts'
import { planArchive } from './archive-plan.ts'
import { downloadEvent } from './download-event.ts'
import { noSuchTicket } from './downloads.errors.ts'
import * as queries from './downloads.queries.ts'
import { createFileReader } from './file-reader.ts'
import { oneCopyOf } from './one-copy-of.ts'
import { newCopy } from './one-copy.ts'
import { watched } from './watched-content.ts'
import { zipArchive } from './zip.ts'

/** `name`: of the file that comes; `proof`: what has to be brought to use it. */
export interface DownloadTicket { url: string, expiresAt: string, name: string, proof?: string }

/** What is claimed through a link; `title`: the link's, when that is all of it. */
export interface LinkClaim { kind: 'file' | 'archive', items: readonly AccessibleItem[], title: string | null }

/** What comes and is in it; `version` of a single file. */
export interface ClaimedContent { name: string, fileIds: string[], sizeBytes: number, version?: number }

/**
 * Bytes on their way out: one file as it is, or several items as a ZIP.
 * One download is one event in the log: noted when its ticket is made, or, without one, when its first bytes are asked for. A range
 * that goes on with what the same person began within a day is not another.
 */
export interface DownloadsService {
  /** @throws {AppError} `not_found`, `access.denied`, `file.corrupt` for a version whose integrity failed */
  file: (caller: Caller, userId: string, fileId: string, version: number | undefined) => Promise<Content>
  fileTicket: (caller: Caller, userId: string, fileId: string, version: number | undefined) => Promise<DownloadTicket>
  /** What the person may not download is left out. @throws {AppError} `access.denied` when that is all; `archive.too_large`, `file.corrupt` */
  archiveTicket: (caller: Caller, member: Member, itemIds: string[]) => Promise<DownloadTicket>
  /** Before a visitor's download is counted: what cannot be had must not use it up. @throws {AppError} `archive.too_large`, `file.corrupt` */
  checkClaim: (workspaceId: string, claim: LinkClaim) => Promise<ClaimedContent>
  /**
   * For a visitor whose download was counted in the same transaction; `content` as `checkClaim` found it. Of a limited link it is good for one copy
   * and for this visitor alone: who brings `proof`, or, without one, the ticket's own.
   */
  linkTicket: (tx: Tx, link: { id: string, workspaceId: string, isLimited: boolean }, claim: LinkClaim, content: Pick<ClaimedContent, 'name' | 'fileIds'>, proof?: string) => Promise<DownloadTicket>
  /** How often the file itself was downloaded, alone or in an archive, in all and by each link. @throws {AppError} `not_found`, also for who may not see links */
  countOf: (userId: string, fileId: string) => Promise<FileDownloads>
  /** Ends what was claimed through a link: it was revoked, or has a new password. */
  endLinkTickets: (tx: Tx, linkId: string) => Promise<void>
  /**
   * Checks the holder's rights (or the link) again as they are now. `proofs`: what the caller brings.
   * @throws {AppError} `not_found` for unknown, expired, used up, another's and no longer allowed alike
   */
  redeem: (token: string, proofs: readonly string[]) => Promise<Content>
}

const HOUR_MS = 3_600_000
/** From the last use on. */
const TICKET_IDLE_MS = HOUR_MS
/** From its making on, however often it is used. */
export const TICKET_LIFE_MS = 24 * HOUR_MS
/** So often at most is a ticket's end moved on. */
const TICKET_STEP_MS = 60_000
/** How long a download may be continued without being another. */
export const CONTINUED_MS = 24 * HOUR_MS

export function createDownloadsService({ db, storage, jobs, audit, access, accessTokens, linkGate, transfers, clock, newId, publicUrl, log }: {
  db: Db
  storage: Storage
  jobs: Pick<JobQueue, 'send'>
  audit: AuditLog
  access: AccessService
  accessTokens: Pick<TokensService, 'requireStanding'>
  linkGate: LinkGate
  transfers: Transfers
  clock: () => Date
  newId: () => string
  publicUrl: string
  log: { error: (fields: object, message: string) => void }
}): DownloadsService {
  const files = createFileReader({ db, storage, jobs, clock, log })

  async function getVersion(workspaceId: string, itemId: string, number?: number): Promise<VersionRow> {
    const version = await queries.findVersion(db, workspaceId, itemId, number)
    if (!version) throw notFound('There is no such version of this file')
    if (version.integrity === 'failed') throw fileCorrupt('It is kept back, for the person who uploaded it has other bytes. Upload it again.')
    return version
  }

  const contentOf = (name: string, version: VersionRow) => ({
    name,
    size: version.sizeBytes,
    mediaType: version.mediaType,
    etag: `"${version.id}"`,
    sha256: version.sha256,
    lastModified: version.createdAt,
    open: options => files.open(version, options),
    locate: options => files.locate(version, options),
  }) satisfies Content

  /** Roots without those that lie below another of them. */
  const outermost = (items: readonly AccessibleItem[]): AccessibleItem[] => {
    const ids = new Set(items.map(item => item.id))
    return items.filter(item => !item.path.some(step => step.id !== item.id && ids.has(step.id)))
  }

  const planFor = (workspaceId: string, items: readonly AccessibleItem[], userId: string | null, onFile?: (fileId: string) => void): Promise<ArchivePlan> => planArchive({
    onFile,
    db,
    workspaceId,
    roots: outermost(items).map((item): ArchiveRoot => ({
      id: item.id,
      // A link gives all of what it leads to; a grant that gives all here gives all below.
      whole: userId === null || scopeOf(item.roles, 'download') === 'all',
    })),
    mayDownload: async fileIds => new Set((await access.filterItems(userId!, fileIds, { action: 'download', workspaceId })).map(file => file.id)),
  })

  /** @param title what all of it together is called, if it has a title */
  async function archiveName(workspaceId: string, items: readonly AccessibleItem[], title: string | null): Promise<string> {
    const [only, more] = outermost(items)
    const name = title ?? (only?.kind === 'folder' && more === undefined
      ? only.name
      : `${await queries.getWorkspaceName(db, workspaceId)} ${clock().toISOString().slice(0, 10)}`)
    return portableName(`${name}.zip`, 'file')
  }

  async function archiveContent(workspaceId: string, items: readonly AccessibleItem[], userId: string | null, title: string | null): Promise<Content> {
    const plan = await planFor(workspaceId, items, userId)
    // The right went with a role: folders without their files would look like a download that worked.
    if (givesNothing(plan)) throw noSuchTicket()
    // Before its first byte a store that is away is told at once; what is on its way waits for it, for nobody can begin it again in the middle.
    let patient = false
    const openEntry = async (entry: ArchiveEntry, signal: AbortSignal) => {
      const body = await files.openObject(entry.objectKey, entry.size, { signal, patient })
      patient = true
      return body
    }
    return {
      name: await archiveName(workspaceId, items, title),
      size: plan.size,
      mediaType: 'application/zip',
      etag: null,
      sha256: null,
      lastModified: clock(),
      open: async ({ signal }) => Readable.from(
        zipArchive(plan.entries, entry => openEntry(entry, signal)),
        { objectMode: false },
      ),
    }
  }

  async function createTicket(tx: Tx, workspaceId: string, holder: { userId: string, accessTokenId: string | undefined } | { linkId: string }, { name, ...claim }: { kind: 'file' | 'archive', itemIds: string[], name: string, version?: number }, proof?: string): Promise<DownloadTicket> {
    const token = newSecret()
    const now = clock()
    const expiresAt = new Date(now.getTime() + TICKET_IDLE_MS)
    await queries.insertTicket(tx, {
      id: newId(),
      workspaceId,
      tokenHash: hashSecret(token),
      ...claim,
      ...holder,
      ...proof !== undefined && {
        holderHash: hashSecret(proof),
        copy: newCopy(),
      },
      createdAt: now,
      expiresAt,
    })
    return {
      url: `${publicUrl}/api/v1/downloads/${token}`,
      expiresAt: expiresAt.toISOString(),
      name,
      ...proof !== undefined && { proof },
    }
  }

  const idleEnd = (ticket: TicketRow) => new Date(Math.min(clock().getTime() + TICKET_IDLE_MS, ticket.createdAt.getTime() + TICKET_LIFE_MS))

  /** What the ticket's holder may have now, by the same rules as when it was made. */
  async function claimedBy({ workspaceId, kind, itemIds, userId, linkId }: TicketRow): Promise<{ items: AccessibleItem[], title: string | null }> {
    if (linkId !== null) {
      const live = await linkGate.reenter({ id: linkId, workspaceId })
      return {
        items: await linkGate.requireInside(live, itemIds),
        title: linkGate.titleOf(live, itemIds),
      }
    }
    const items = await access.requireItems(userId!, itemIds, {
      workspaceId,
      ...(kind === 'file'
        ? { action: 'download', kind }
        : { action: 'see' }),
    })
    return { items, title: null }
  }

  async function recordDownload(caller: Caller, userId: string, file: AccessibleItem, version: VersionRow, range: ByteRange | undefined): Promise<void> {
    const now = clock()
    await db.transaction(async (tx) => {
      const isNew = await queries.noteDownload(tx, {
        versionId: version.id,
        userId,
        now,
        // What goes on in the middle belongs to what was begun.
        ...range && range.start > 0 && {
          unlessSince: new Date(now.getTime() - CONTINUED_MS),
        },
      })
      if (!isNew) return
      await queries.countDownloads(tx, [file.id], null, now)
      await audit.record(tx, caller, downloadEvent(file, version))
    })
  }

  return {
    async file(caller, userId, fileId, number) {
      const mark = transfers.mark()
      const requireRight = () => access.requireItem(userId, fileId, { action: 'download', kind: 'file' })
      const file = await requireRight()
      const version = await getVersion(file.workspaceId, fileId, number)
      const content = contentOf(file.name, version)
      return watched(transfers, {
        ...content,
        async open(options) {
          const body = await content.open(options)
          try {
            await recordDownload(caller, userId, file, version, options.range)
          }
          catch (error) {
            body.destroy()
            throw error
          }
          return body
        },
        async locate(options) {
          const location = await content.locate(options)
          await recordDownload(caller, userId, file, version, options.range)
          return location
        },
      }, mark, {
        workspaceId: file.workspaceId,
        userId,
        async check() {
          await accessTokens.requireStanding(caller.token?.id)
          await requireRight()
        },
      })
    },

    async fileTicket(caller, userId, fileId, number) {
      const file = await access.requireItem(userId, fileId, { action: 'download', kind: 'file' })
      const version = await getVersion(file.workspaceId, fileId, number)
      return db.transaction(async (tx) => {
        const ticket = await createTicket(tx, file.workspaceId, { userId, accessTokenId: caller.token?.id }, {
          kind: 'file',
          itemIds: [fileId],
          name: file.name,
          version: number,
        })
        await queries.noteDownload(tx, {
          versionId: version.id,
          userId,
          now: clock(),
        })
        await queries.countDownloads(tx, [fileId], null, clock())
        await audit.record(tx, caller, downloadEvent(file, version))
        return ticket
      })
    },

    async archiveTicket(caller, { workspaceId, userId }, itemIds) {
      const items = await access.requireItems(userId, itemIds, { action: 'see', workspaceId })
      const fileIds: string[] = []
      const plan = await planFor(workspaceId, items, userId, fileId => fileIds.push(fileId))
      if (givesNothing(plan)) throw accessDenied('Your role does not let you download files here')
      const name = await archiveName(workspaceId, items, null)
      return db.transaction(async (tx) => {
        const ticket = await createTicket(tx, workspaceId, { userId, accessTokenId: caller.token?.id }, { kind: 'archive', itemIds, name })
        const [only, more] = items
        await queries.countDownloads(tx, fileIds, null, clock())
        await audit.record(tx, caller, archiveDownloaded({
          workspaceId,
          subject: more === undefined
            ? { kind: only!.kind, id: only!.id, name: only!.name }
            : { kind: 'workspace', id: workspaceId, name },
          mentions: itemIds,
          details: {
            ...toldItems(items),
            fileCount: plan.fileCount,
            sizeBytes: plan.contentBytes,
          },
        }))
        return ticket
      })
    },

    async checkClaim(workspaceId, { kind, items, title }) {
      const itemIds = items.map(item => item.id)
      if (kind === 'file') {
        const version = await getVersion(workspaceId, itemIds[0]!)
        return {
          name: items[0]!.name,
          fileIds: itemIds,
          sizeBytes: version.sizeBytes,
          version: version.number,
        }
      }
      const fileIds: string[] = []
      const plan = await planArchive({
        db,
        workspaceId,
        roots: itemIds.map(id => ({ id, whole: true })),
        mayDownload: async () => new Set(),
        onFile: fileId => fileIds.push(fileId),
      })
      return {
        name: await archiveName(workspaceId, items, title),
        fileIds,
        sizeBytes: plan.contentBytes,
      }
    },

    async linkTicket(tx, link, { kind, items }, { name, fileIds }, proof) {
      await queries.countDownloads(tx, fileIds, link.id, clock())
      return createTicket(tx, link.workspaceId, { linkId: link.id }, {
        kind,
        itemIds: items.map(item => item.id),
        name,
      }, link.isLimited
        ? proof ?? newSecret()
        : undefined)
    },

    async countOf(userId, fileId) {
      const file = await access.requireItem(userId, fileId, { action: 'see', kind: 'file' })
      // To a client's people it would tell that the file was shared with others too, and how much they take it.
      await access.requireMember(userId, file.workspaceId, 'links.see')
      const rows = await queries.listDownloads(db, file.id)
      return {
        count: rows.reduce((sum, { count }) => sum + count, 0),
        lastAt: rows[0]?.lastAt.toISOString() ?? null,
        links: rows.flatMap(({ linkId, count }) => linkId === null
          ? []
          : [
              { linkId, count },
            ]),
      }
    },

    endLinkTickets: (tx, linkId) => queries.deleteLinkTickets(tx, linkId),

    async redeem(token, proofs) {
      const mark = transfers.mark()
      const ticket = await queries.findTicket(db, hashSecret(token), clock())
      if (!ticket) throw noSuchTicket()
      const { holderHash } = ticket
      if (holderHash && !proofs.some(proof => timingSafeEqual(hashSecret(proof), holderHash))) throw noSuchTicket()
      const { items, title } = await claimedBy(ticket).catch((error: unknown) => {
        throw error instanceof AppError
          ? noSuchTicket()
          : error
      })
      const content = ticket.kind === 'file'
        ? contentOf(items[0]!.name, await getVersion(ticket.workspaceId, items[0]!.id, ticket.version ?? undefined))
        : await archiveContent(ticket.workspaceId, items, ticket.userId, title)
      const expiresAt = idleEnd(ticket)
      if (expiresAt.getTime() - ticket.expiresAt.getTime() >= TICKET_STEP_MS) await queries.moveTicketExpiry(db, ticket.id, expiresAt)
      return watched(transfers, ticket.copy
        ? oneCopyOf(content, step => queries.stepCopy(db, ticket.id, idleEnd(ticket), step))
        : content, mark, {
        workspaceId: ticket.workspaceId,
        userId: ticket.userId,
        async check() {
          await accessTokens.requireStanding(ticket.accessTokenId)
          await claimedBy(ticket)
        },
      })
    },
  }
}

const givesNothing = ({ fileCount, leftOut }: ArchivePlan) => fileCount === 0 && leftOut > 0
