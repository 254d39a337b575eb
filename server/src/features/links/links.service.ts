import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Member } from '../access/access.service.ts'
import type { linkSettings } from '../audit/audit.actions.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { LinkRow } from './link-register.service.ts'
import type { LinksExpiry } from './links.expiry.ts'
import type { LinksListing } from './links.listing.ts'
import type { Link, LinkChange, LinkInput } from './links.schemas.ts'
import type { SeenLink, SeenLinksDeps } from './links.seen.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { hashSecret, newSecret, seal } from '../../crypto/secrets.ts'
import { accessDenied, notFound, requestInvalid } from '../../errors/common-errors.ts'
import { requireMatch } from '../../http/etag.ts'
import { publishLive } from '../../live/live-bus.ts'
import { linkChanged, linkCreated, linkRevoked } from '../audit/audit.actions.ts'
import { changesOf, toldItems } from '../audit/audit.details.ts'
import { searchText } from '../items/item-name.ts'
import { linkSubject } from './link-subject.ts'
import { alreadyRevoked } from './links.errors.ts'
import { announcedExpiry, createLinksExpiry } from './links.expiry.ts'
import { createLinksListing } from './links.listing.ts'
import * as queries from './links.queries.ts'
import { createSeenLinks } from './links.seen.ts'

/** What staff do with links. */
export interface LinksService extends LinksListing, LinksExpiry {
  /** @throws {AppError} `not_found`, `access.denied` without `share` on every item */
  create: (caller: Caller, member: Member, input: LinkInput) => Promise<Link>
  get: (member: Member, linkId: string) => Promise<Link>
  /** By whoever may share all its items. @throws {AppError} `access.denied`, `precondition.failed`, `link.revoked` */
  change: (caller: Caller, member: Member, linkId: string, change: LinkChange, ifMatch: string | undefined) => Promise<Link>
  /** For good; once more changes nothing. */
  revoke: (caller: Caller, member: Member, linkId: string) => Promise<void>
}

export interface LinksServiceDeps extends SeenLinksDeps {
  audit: AuditLog
  /** Ends what visitors claimed. */
  downloads: { endLinkTickets: (tx: Tx, linkId: string) => Promise<void> }
  clock: () => Date
  newId: () => string
}

export function createLinksService({ db, access, audit, downloads, register, clock, newId, publicUrl, tokenKey }: LinksServiceDeps): LinksService {
  const seen = createSeenLinks({
    db,
    access,
    register,
    publicUrl,
    tokenKey,
  })

  async function requireSeen(member: Member, linkId: string): Promise<SeenLink> {
    const link = await queries.findLink(db, member.workspaceId, linkId)
    const [found] = link
      ? await seen.seenBy(member, [link])
      : []
    if (!found) throw notFound('There is no such link')
    return found
  }

  async function requireShared(member: Member, linkId: string): Promise<SeenLink> {
    const found = await requireSeen(member, linkId)
    if (!found.mayShare) throw accessDenied('Your role does not let you share these items')
    return found
  }

  async function get(member: Member, linkId: string): Promise<Link> {
    return (await seen.present([await requireSeen(member, linkId)]))[0]!
  }

  const tellStaff = (tx: Tx, workspaceId: string) => publishLive(tx, { topic: 'links', workspaceId })

  return {
    get,

    ...createLinksListing({ db, seen, clock }),
    ...createLinksExpiry({ db, audit, register, clock }),

    async create(caller, member, input) {
      const { workspaceId, userId } = member
      const items = await access.requireItems(userId, input.itemIds, { action: 'share', workspaceId })
      const now = clock()
      const expiresAt = expiryOf(input.expiresAt, now) ?? null
      const passwordHash = input.password
        ? await hashPassword(input.password)
        : null
      const id = newId()
      const token = newSecret()
      const title = input.title || null
      await db.transaction(async (tx) => {
        await queries.insertLink(tx, {
          id,
          workspaceId,
          title,
          searchText: searchText(title ?? ''),
          message: input.message || null,
          tokenHash: hashSecret(token),
          tokenCiphertext: seal(tokenKey, token),
          passwordHash,
          expiresAt,
          expiringToldFor: announcedExpiry(expiresAt, now),
          maxDownloads: input.maxDownloads ?? null,
          createdBy: userId,
          createdAt: now,
          updatedAt: now,
        }, input.itemIds)
        await tellStaff(tx, workspaceId)
        await audit.record(tx, caller, linkCreated({
          workspaceId,
          subject: linkSubject({ id, title }, items),
          mentions: input.itemIds,
          details: {
            ...toldItems(items),
            hasPassword: passwordHash !== null,
            expiresAt: expiresAt?.toISOString() ?? null,
            maxDownloads: input.maxDownloads ?? null,
          },
        }))
      })
      return get(member, id)
    },

    async change(caller, member, linkId, change, ifMatch) {
      const { workspaceId, userId } = member
      const { items } = await requireShared(member, linkId)
      const chosen = change.itemIds && await access.requireItems(userId, change.itemIds, { action: 'share', workspaceId })
      const now = clock()
      const expiresAt = expiryOf(change.expiresAt, now)
      const passwordHash = change.password
        ? await hashPassword(change.password)
        : change.password
      await db.transaction(async (tx) => {
        const link = await queries.lockLink(tx, workspaceId, linkId)
        if (!link) throw notFound('There is no such link')
        if (link.revokedAt) throw alreadyRevoked('Make a new one instead')
        requireMatch(ifMatch, link.revision)
        if (change.maxDownloads && change.maxDownloads < link.downloadCount) throw invalid('/maxDownloads', `must be at least ${link.downloadCount}, for so often it was downloaded`)
        const next = {
          title: given(change.title, link.title) || null,
          message: given(change.message, link.message) || null,
          passwordHash: given(passwordHash, link.passwordHash),
          expiresAt: given(expiresAt, link.expiresAt),
          maxDownloads: given(change.maxDownloads, link.maxDownloads),
        }
        const changed = changedSettings(link, next, items, chosen)
        if (changed.length === 0) return
        const gateMoved = changed.includes('password')
        await queries.updateLink(tx, workspaceId, linkId, {
          ...next,
          searchText: searchText(next.title ?? ''),
          gateRevision: gateMoved
            ? link.gateRevision + 1
            : undefined,
          // An expiry that stays has been told of, or will be.
          expiringToldFor: changed.includes('expiresAt')
            ? announcedExpiry(next.expiresAt, now)
            : undefined,
          revision: link.revision + 1,
          updatedAt: now,
        })
        if (change.itemIds) await queries.replaceLinkItems(tx, linkId, change.itemIds)
        // Who was let in by a password that is gone would be let in without it.
        if (gateMoved && next.passwordHash !== null) await downloads.endLinkTickets(tx, linkId)
        await tellStaff(tx, workspaceId)
        await audit.record(tx, caller, linkChanged({
          workspaceId,
          subject: linkSubject({ id: linkId, title: next.title }, chosen ?? items),
          mentions: [
            ...items,
            ...chosen ?? [],
          ].map(({ id }) => id),
          details: {
            changed,
            ...changesOf(toldSettings(link), toldSettings(next), [
              'title',
              'expiresAt',
              'maxDownloads',
              'hasPassword',
            ]),
            ...chosen && changed.includes('items') && {
              items: toldItems(chosen).items,
              itemCount: { from: items.length, to: chosen.length },
            },
          },
        }))
      })
      return get(member, linkId)
    },

    async revoke(caller, member, linkId) {
      const { workspaceId } = member
      const { items } = await requireShared(member, linkId)
      const now = clock()
      await db.transaction(async (tx) => {
        const link = await queries.lockLink(tx, workspaceId, linkId)
        if (!link || link.revokedAt) return
        await queries.updateLink(tx, workspaceId, linkId, { revokedAt: now, revision: link.revision + 1, updatedAt: now })
        await downloads.endLinkTickets(tx, linkId)
        await tellStaff(tx, workspaceId)
        await audit.record(tx, caller, linkRevoked({
          workspaceId,
          subject: linkSubject(link, items),
          mentions: items.map(({ id }) => id),
          details: { openCount: link.openCount, downloadCount: link.downloadCount },
        }))
      })
    },
  }
}

type ChangedSetting = typeof linkSettings[number]
type LinkSettings = Pick<LinkRow, 'title' | 'message' | 'passwordHash' | 'expiresAt' | 'maxDownloads'>

/** What a change says, or, where it says nothing, what is there. */
const given = <T, U>(value: T | undefined, before: U): T | U => value === undefined
  ? before
  : value

/** By the names that the log uses. A password sent again is another one: nobody can tell. */
function changedSettings(before: LinkSettings, next: LinkSettings, items: readonly { id: string }[], chosen: readonly { id: string }[] | undefined): ChangedSetting[] {
  const differs: Record<ChangedSetting, boolean> = {
    title: next.title !== before.title,
    message: next.message !== before.message,
    password: next.passwordHash !== before.passwordHash,
    expiresAt: next.expiresAt?.getTime() !== before.expiresAt?.getTime(),
    maxDownloads: next.maxDownloads !== before.maxDownloads,
    items: chosen !== undefined && (chosen.length !== items.length || chosen.some(({ id }, index) => id !== items[index]!.id)),
  }
  return (Object.keys(differs) as ChangedSetting[]).filter(name => differs[name])
}

const toldSettings = ({ title, expiresAt, maxDownloads, passwordHash }: LinkSettings) => ({
  title,
  expiresAt: expiresAt?.toISOString() ?? null,
  maxDownloads,
  hasPassword: passwordHash !== null,
})

const invalid = (pointer: string, detail: string) => requestInvalid({
  detail: `${pointer} ${detail}`,
  fields: [
    { pointer, detail },
  ],
})

/** Undefined: leave it as it is; null: never. @throws {AppError} `request.invalid` for what is no time, or not in the future */
function expiryOf(text: string | null | undefined, now: Date): Date | null | undefined {
  if (text === null || text === undefined) return text
  const at = new Date(text)
  if (!(at.getTime() > now.getTime())) throw invalid('/expiresAt', 'must be a time in the future')
  return at
}
