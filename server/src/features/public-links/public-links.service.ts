import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AccessibleItem } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { DownloadsService, DownloadTicket, LinkClaim } from '../downloads/downloads.service.ts'
import type { ItemPage } from '../items/items.service.ts'
import type { LinkRegister, LinkRow } from '../links/link-register.service.ts'
import type { LinkGate, LiveLink } from './link-gate.service.ts'
import type { PublicItemRow } from './public-links.queries.ts'
import type { PublicLink, PublicLinkItem } from './public-links.schemas.ts'
import { verifyPassword } from '../../crypto/passwords.ts'
import { unavailable } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { networkOf } from '../../http/network.ts'
import { publishLive } from '../../live/live-bus.ts'
import { linkDownloaded, linkOpened, linkUnlocked } from '../audit/audit.actions.ts'
import { folderOf, toldItems } from '../audit/audit.details.ts'
import { throttleKeys } from '../auth/throttle.ts'
import { linkSubject } from '../links/link-subject.ts'
import { isNews, noteVisit, openingKey, unlockingKey } from './link-visits.ts'
import { linkLocked, linkNotFound, wrongPassword } from './public-links.errors.ts'
import * as queries from './public-links.queries.ts'

/** A link's gates as a visitor stands before them: what was proved by `X-Link-Grant` or the cookie. */
export interface Visit {
  token: string
  grant: { linkId: string, gateRevision: number, text: string } | undefined
  /** False for HEAD, by which mail scanners look at a link without opening it. */
  counts: boolean
}

export interface PublicLinksService {
  /**
   * What a visitor sees. One resolver stands before every public call: unknown, expired, revoked, used up, and a creator who may no longer share are all
   * @throws {AppError} `link.not_found` (404), alike in words and time; `link.locked` (401) with the gates that are still closed
   */
  open: (caller: Caller, visit: Visit) => Promise<PublicLink>
  listFolder: (caller: Caller, visit: Visit, query: { parentId: string, limit?: number, cursor?: string }) => Promise<ItemPage<PublicLinkItem>>
  /** The workspace that shares it, whose policies stand beside the deployment's. */
  workspaceOf: (caller: Caller, visit: Visit) => Promise<string>
  /** @throws {AppError} `link.wrong_password` (401), `rate.limited` with a growing delay by link and source */
  unlock: (caller: Caller, token: string, input: { password?: string }) => Promise<{ linkId: string, gateRevision: number }>
  /** Claims one download, race-free, and answers an address bound to it. */
  download: (caller: Caller, visit: Visit, itemId: string | undefined) => Promise<DownloadTicket>
}

export interface PublicLinksServiceDeps {
  db: Db
  audit: AuditLog
  downloads: Pick<DownloadsService, 'checkClaim' | 'linkTicket'>
  linkGate: LinkGate
  register: Pick<LinkRegister, 'countOpening' | 'claimDownload' | 'lock'>
  throttle: Throttle
  clock: () => Date
}

/** So often is a link read anew that is changed just as a download is claimed. */
const CLAIM_TRIES = 20

/** What visitors may do with a link. Nothing is counted, noted or told before the gate has let them in. */
export function createPublicLinksService({ db, audit, downloads, linkGate, register, throttle, clock }: PublicLinksServiceDeps): PublicLinksService {
  async function enter(caller: Caller, { token, grant }: Visit): Promise<LiveLink> {
    const live = await linkGate.enter(caller, token)
    const { link } = live
    // A grant opens the very link that it was given for, and only while the password is the one that was proved.
    const unlocked = link.passwordHash === null || (grant?.linkId === link.id && grant.gateRevision === link.gateRevision)
    if (!unlocked) throw locked(link)
    return live
  }

  async function present(workspaceId: string, rows: readonly PublicItemRow[]): Promise<PublicLinkItem[]> {
    const sums = await queries.sumFolders(db, workspaceId, rows.filter(row => row.kind === 'folder').map(row => row.id))
    return rows.map(({ id, kind, name, sizeBytes, mediaType, sha256 }) => kind === 'file'
      ? {
          id,
          kind,
          name,
          size: sizeBytes,
          fileCount: null,
          mediaType,
          sha256,
        }
      : {
          id,
          kind,
          name,
          size: sums.get(id)?.bytes ?? 0,
          fileCount: sums.get(id)?.fileCount ?? 0,
          mediaType: null,
          sha256: null,
        })
  }

  /** All that the link leads to. */
  async function countFiles({ link, items }: LiveLink): Promise<number> {
    const sums = await queries.sumFolders(db, link.workspaceId, items.filter(item => item.kind === 'folder').map(item => item.id))
    return items.reduce((count, item) => count + (sums.get(item.id)?.fileCount ?? 1), 0)
  }

  async function countOpening(caller: Caller, { link, items }: LiveLink): Promise<void> {
    const { id: linkId, workspaceId } = link
    const now = clock()
    await db.transaction(async (tx) => {
      await register.countOpening(tx, workspaceId, linkId, now) // holds the link's row
      await publishLive(tx, { topic: 'links', workspaceId })
      if (!await noteVisit(tx, openingKey(linkId, caller.origin), now)) return
      await audit.record(tx, caller, linkOpened({
        workspaceId,
        subject: linkSubject(link, items),
      }))
    })
  }

  async function noteUnlocking(caller: Caller, { link, items }: LiveLink): Promise<void> {
    const key = unlockingKey(link.id, caller.origin)
    const now = clock()
    if (!await isNews(db, key, now)) return
    await db.transaction(async (tx) => {
      await register.lock(tx, link.workspaceId, link.id)
      if (!await noteVisit(tx, key, now)) return
      await audit.record(tx, caller, linkUnlocked({
        workspaceId: link.workspaceId,
        subject: linkSubject(link, items),
      }))
    })
  }

  /** @returns undefined when the link is no longer as it was read */
  async function claim(caller: Caller, live: LiveLink, itemId: string | undefined, proof: string | undefined): Promise<DownloadTicket | undefined> {
    const { link } = live
    const chosen = await linkGate.requireInside(live, itemId === undefined
      ? live.items.map(item => item.id)
      : [itemId])
    const wanted = {
      kind: kindOf(chosen),
      items: chosen,
      title: linkGate.titleOf(live, chosen.map(item => item.id)),
    }
    const { name, fileIds, ...content } = await downloads.checkClaim(link.workspaceId, wanted)
    const linkFileCount = await countFiles(live)
    return db.transaction(async (tx) => {
      const count = await register.claimDownload(tx, link, clock())
      if (count === undefined) return undefined
      const ticket = await downloads.linkTicket(tx, {
        id: link.id,
        workspaceId: link.workspaceId,
        isLimited: link.maxDownloads !== null,
      }, wanted, { name, fileIds }, proof)
      await publishLive(tx, { topic: 'links', workspaceId: link.workspaceId })
      await audit.record(tx, caller, linkDownloaded({
        workspaceId: link.workspaceId,
        subject: linkSubject(link, live.items),
        mentions: chosen.map(({ id }) => id),
        details: {
          kind: wanted.kind,
          ...toldItems(chosen),
          ...wanted.kind === 'file' && folderOf(chosen[0]!),
          ...content,
          fileCount: fileIds.length,
          linkFileCount,
          downloadCount: count,
          maxDownloads: link.maxDownloads,
        },
      }))
      return ticket
    })
  }

  return {
    async open(caller, visit) {
      const live = await enter(caller, visit)
      const { link } = live
      const rows = new Map((await queries.listPublicItems(db, link.workspaceId, live.items.map(item => item.id))).map(row => [row.id, row]))
      const items = await present(link.workspaceId, live.items.flatMap(item => rows.get(item.id) ?? []))
      if (visit.counts) await countOpening(caller, live)
      return {
        state: 'open',
        title: link.title,
        message: link.message,
        workspaceName: link.workspaceName,
        sharedBy: link.creatorName,
        expiresAt: link.expiresAt?.toISOString() ?? null,
        downloadsLeft: link.maxDownloads === null
          ? null
          : link.maxDownloads - link.downloadCount,
        items,
        totalBytes: items.reduce((sum, item) => sum + (item.size ?? 0), 0),
        fileCount: items.reduce((sum, item) => sum + (item.fileCount ?? 1), 0),
      }
    },

    async listFolder(caller, visit, { parentId, limit = 50, cursor }) {
      const live = await enter(caller, visit)
      const [folder] = await linkGate.requireInside(live, [parentId])
      if (folder!.kind !== 'folder') throw linkNotFound()
      const [kind, name, id] = decodeCursor(cursor, ['kind', 'string', 'id']) as string[] | undefined ?? []
      const rows = await queries.listPublicChildren(db, live.link.workspaceId, parentId, id === undefined
        ? undefined
        : { kind: kind!, name: name!, id }, limit + 1)
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      return {
        items: await present(live.link.workspaceId, page),
        nextCursor: rows.length > limit && last
          ? encodeCursor([last.kind, last.name, last.id])
          : null,
      }
    },

    workspaceOf: async (caller, visit) => (await enter(caller, visit)).link.workspaceId,

    async unlock(caller, token, { password }) {
      const { link, items } = await linkGate.enter(caller, token)
      const grant = { linkId: link.id, gateRevision: link.gateRevision }
      if (link.passwordHash === null) return grant
      if (password === undefined) throw locked(link)
      const attempt = await throttle.attempt(throttleKeys('link', { subject: link.id, source: caller.origin.ip }))
      if (!await verifyPassword(link.passwordHash, password)) {
        await linkGate.recordRefusal(caller, link, items, 'wrong_password')
        throw wrongPassword()
      }
      await attempt.succeeded()
      await noteUnlocking(caller, { link, items })
      return grant
    },

    async download(caller, visit, itemId) {
      for (let tries = 1; ; tries++) {
        const live = await enter(caller, visit)
        // A limit of the link's own bounds what its log can grow by; without one, this does.
        if (tries === 1 && live.link.maxDownloads === null) await throttle.limit(`claim:pair:${live.link.id} ${networkOf(caller.origin.ip)}`, MOST_CLAIMS)
        const ticket = await claim(caller, live, itemId, visit.grant?.linkId === live.link.id
          ? visit.grant.text
          : undefined)
        if (ticket) return ticket
        // It is not as it was read: somebody took the last one, or it was changed meanwhile. The gate says which, anew, as it stands by now.
        if (tries === CLAIM_TRIES) throw unavailable('The link is being changed. Try again in a moment.')
      }
    },
  }
}

/** From one network, of one link: whoever takes a folder's files one by one is not held up. */
const MOST_CLAIMS = { count: 500, windowSeconds: 3600 }

const locked = (link: LinkRow) => linkLocked({
  detail: 'Enter its password first',
  extra: {
    gates: ['password'],
    workspaceName: link.workspaceName,
  },
})

/** One file goes as it is; everything else as an archive. */
function kindOf([only, more]: readonly AccessibleItem[]): LinkClaim['kind'] {
  return only?.kind === 'file' && more === undefined
    ? 'file'
    : 'archive'
}
