import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AccessService, Member } from '../access/access.service.ts'
import type { linkSettings } from '../audit/audit.actions.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { ItemPage } from '../items/items.service.ts'
import type { LinkItemRow, LinkRegister, LinkRow } from './link-register.service.ts'
import type { LinkSort, LinkSortField, LinkState } from './links.policy.ts'
import type { Link, LinkChange, LinkInput, LinkListQuery } from './links.schemas.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { hashSecret, newSecret, seal, unseal } from '../../crypto/secrets.ts'
import { accessDenied, notFound, requestInvalid } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor, wrongCursor } from '../../http/cursor.ts'
import { requireMatch, revisionTag } from '../../http/etag.ts'
import { publishLive } from '../../live/live-bus.ts'
import { mayInWorkspace } from '../access/access.policy.ts'
import { linkChanged, linkCreated, linkRevoked } from '../audit/audit.actions.ts'
import { changesOf, toldItems } from '../audit/audit.details.ts'
import { searchText, searchWords } from '../items/item-name.ts'
import { linkSubject } from './link-subject.ts'
import { alreadyRevoked } from './links.errors.ts'
import * as queries from './links.queries.ts'

/** What staff do with links. */
export interface LinksService {
  /** @throws {AppError} `not_found`, `access.denied` without `share` on every item */
  create: (caller: Caller, member: Member, input: LinkInput) => Promise<Link>
  /** Links whose items the member may see. A page may be short although more follow. */
  list: (member: Member, query: LinkListQuery) => Promise<ItemPage<Link>>
  get: (member: Member, linkId: string) => Promise<Link>
  /** Those of the links that the member may see. */
  filterSeen: (member: Member, linkIds: readonly string[]) => Promise<string[]>
  /** By whoever may share all its items. @throws {AppError} `access.denied`, `precondition.failed`, `link.revoked` */
  change: (caller: Caller, member: Member, linkId: string, change: LinkChange, ifMatch: string | undefined) => Promise<Link>
  /** For good; once more changes nothing. */
  revoke: (caller: Caller, member: Member, linkId: string) => Promise<void>
}

export interface LinksServiceDeps {
  db: Db
  access: AccessService
  audit: AuditLog
  /** Ends what visitors claimed. */
  downloads: { endLinkTickets: (tx: Tx, linkId: string) => Promise<void> }
  register: LinkRegister
  clock: () => Date
  newId: () => string
  publicUrl: string
  /** Encrypts the tokens, so that staff can copy an address again. */
  tokenKey: Buffer
}

/** Rows looked through for one page: a member who may see few of them gets a short page, not a slow one. */
const MAX_SCANNED = 500

/** A link as one member may see it. */
interface SeenLink { link: LinkRow, items: LinkItemRow[], mayShare: boolean }

export function createLinksService({ db, access, audit, downloads, register, clock, newId, publicUrl, tokenKey }: LinksServiceDeps): LinksService {
  /** Null when the instance key is another than when the link was made: the link still works, only nobody can copy it again. */
  function addressOf(link: LinkRow): string | null {
    try {
      return `${publicUrl}/s/${unseal(tokenKey, link.tokenCiphertext)}`
    }
    catch {
      return null
    }
  }

  /** Those of the links that the member may see: all their items, in the trash or not. What has none left is its creator's and the admins'. */
  async function seenBy({ userId, workspaceId, role }: Member, rows: readonly LinkRow[]): Promise<SeenLink[]> {
    const byLink = Map.groupBy(await queries.listLinkItems(db, workspaceId, rows.map(row => row.id)), item => item.linkId)
    const ids = [
      ...new Set([
        ...byLink.values(),
      ].flat().map(item => item.id)),
    ]
    const seen = new Map((await access.filterItems(userId, ids, { action: 'see', workspaceId, trashed: true })).map(item => [item.id, item]))
    return rows.flatMap((link) => {
      const items = byLink.get(link.id) ?? []
      if (items.length === 0) {
        return link.createdBy === userId || mayInWorkspace(role, 'workspace.change')
          ? [
              { link, items, mayShare: true },
            ]
          : []
      }
      return items.every(item => seen.has(item.id))
        ? [
            {
              link,
              items,
              mayShare: items.every(item => seen.get(item.id)!.permissions.includes('share')),
            },
          ]
        : []
    })
  }

  async function present(seen: readonly SeenLink[]): Promise<Link[]> {
    const states = await register.statesOf(seen.map(({ link }) => link), new Map(seen.map(({ link, items }) => [link.id, items])))
    return seen.map(({ link, items, mayShare }) => ({
      id: link.id,
      name: linkSubject(link, items).name,
      url: mayShare
        ? addressOf(link)
        : null,
      title: link.title,
      message: link.message,
      items: items.map(({ id, kind, name, parentId, alive }) => ({
        id,
        kind,
        name,
        parentId,
        isTrashed: !alive,
      })),
      hasPassword: link.passwordHash !== null,
      expiresAt: link.expiresAt?.toISOString() ?? null,
      maxDownloads: link.maxDownloads,
      downloadCount: link.downloadCount,
      openCount: link.openCount,
      lastOpenedAt: link.lastOpenedAt?.toISOString() ?? null,
      state: states.get(link.id)!,
      mayChange: mayShare,
      createdBy: { id: link.createdBy, name: link.creatorName },
      createdAt: link.createdAt.toISOString(),
      updatedAt: link.updatedAt.toISOString(),
      etag: revisionTag(link.revision),
    }))
  }

  async function requireSeen(member: Member, linkId: string): Promise<SeenLink> {
    const link = await queries.findLink(db, member.workspaceId, linkId)
    const [seen] = link
      ? await seenBy(member, [link])
      : []
    if (!seen) throw notFound('There is no such link')
    return seen
  }

  async function requireShared(member: Member, linkId: string): Promise<SeenLink> {
    const seen = await requireSeen(member, linkId)
    if (!seen.mayShare) throw accessDenied('Your role does not let you share these items')
    return seen
  }

  async function get(member: Member, linkId: string): Promise<Link> {
    return (await present([await requireSeen(member, linkId)]))[0]!
  }

  const tellStaff = (tx: Tx, workspaceId: string) => publishLive(tx, { topic: 'links', workspaceId })

  /** Words as searches read them; undefined where nothing is looked for. */
  async function wordsOf(workspaceId: string, q: string | undefined): Promise<queries.LinkWord[] | undefined> {
    if (q === undefined) return undefined
    const creators = (await queries.listCreators(db, workspaceId)).map(({ id, name }) => ({
      id,
      text: searchText(name),
    }))
    return searchWords(q).map(word => ({
      word,
      creatorIds: creators.filter(({ text }) => text.includes(word)).map(({ id }) => id),
    }))
  }

  return {
    get,

    async filterSeen(member, linkIds) {
      if (linkIds.length === 0) return []
      return (await seenBy(member, await queries.listLinksById(db, member.workspaceId, linkIds))).map(({ link }) => link.id)
    },

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

    async list(member, { limit = 50, cursor, itemId, q, sort = '-createdAt', state }) {
      const order = orderOf(sort)
      let after = decodePosition(cursor, sort)
      const words = await wordsOf(member.workspaceId, q)
      // Looked for, but nothing that could be in a name.
      if (words?.length === 0) return { items: [], nextCursor: null }
      const cursorAt = ({ value, id }: queries.LinkPosition) => encodeCursor([
        sort,
        value instanceof Date
          ? value.toISOString()
          : value,
        id,
      ])
      const shown: Link[] = []
      let lastShown: LinkRow | undefined
      for (let scanned = 0; scanned < MAX_SCANNED;) {
        const rows = await queries.listLinks(db, member.workspaceId, {
          itemId,
          words,
          state,
          now: clock(),
        }, order, { after, limit: limit + 1 })
        scanned += rows.length
        const seen = await seenBy(member, rows)
        for (const [index, link] of (await present(seen)).entries()) {
          if (!isOfState(link.state, state)) continue
          if (shown.length === limit) {
            return {
              items: shown,
              nextCursor: cursorAt(queries.positionOf(lastShown!, order)),
            }
          }
          shown.push(link)
          lastShown = seen[index]!.link
        }
        if (rows.length <= limit) return { items: shown, nextCursor: null }
        after = queries.positionOf(rows.at(-1)!, order)
      }
      return {
        items: shown,
        nextCursor: cursorAt(after!),
      }
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

const isOfState = (state: LinkState, wanted: LinkListQuery['state']) => wanted === undefined || (wanted === 'ended'
  ? state !== 'active'
  : state === wanted)

const orderOf = (sort: LinkSort): queries.LinkOrder => ({
  field: sort.replace('-', '') as LinkSortField,
  descending: sort.startsWith('-'),
})

/** @throws {AppError} `request.invalid` for a cursor of another order, or one that somebody made up */
function decodePosition(cursor: string | undefined, sort: LinkSort): queries.LinkPosition | undefined {
  const isTime = orderOf(sort).field.endsWith('At')
  const position = decodeCursor(cursor, [
    'string',
    isTime
      ? 'instantOrNull'
      : 'number',
    'id',
  ])
  if (!position) return undefined
  const [of, value, id] = position
  if (of !== sort) throw wrongCursor()
  return {
    value: typeof value === 'string'
      ? new Date(value)
      : value ?? null,
    id: String(id),
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
