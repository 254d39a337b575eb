import type { Caller } from '../../http/caller.ts'
import type { Member } from '../access/access.service.ts'
import type { DownloadTicket } from '../downloads/downloads.service.ts'
import type { ItemPage } from '../items/items.service.ts'
import type { Link, LinkChange, LinkInput, LinkListQuery, PublicLink, PublicLinkItem } from './links.schemas.ts'

/** A link's gates as a visitor stands before them: what was proved by `X-Link-Grant` or the cookie. */
export interface Visit {
  token: string
  grant: { linkId: string, gateRevision: number } | undefined
}

export interface LinksService {
  /** @throws {AppError} `not_found`, `access.denied` without `share` on every item */
  create: (caller: Caller, member: Member, input: LinkInput) => Promise<Link>
  list: (member: Member, query: LinkListQuery) => Promise<ItemPage<Link>>
  get: (member: Member, linkId: string) => Promise<Link>
  change: (caller: Caller, member: Member, linkId: string, change: LinkChange, ifMatch: string | undefined) => Promise<Link>
  revoke: (caller: Caller, member: Member, linkId: string) => Promise<void>

  /**
   * What a visitor sees. One resolver stands before every public call: unknown, expired, revoked, used up, and a creator who may no longer share are all
   * @throws {AppError} `link.not_found` (404), alike in words and time; `link.locked` (401) with the gates that are still closed
   */
  open: (caller: Caller, visit: Visit) => Promise<PublicLink>
  listFolder: (caller: Caller, visit: Visit, query: { parentId: string, limit?: number, cursor?: string }) => Promise<ItemPage<PublicLinkItem>>
  /** @throws {AppError} `link.wrong_password` (401), `rate.limited` with a growing delay by link and source */
  unlock: (caller: Caller, token: string, input: { password?: string }) => Promise<{ linkId: string, gateRevision: number }>
  /** Claims one download, race-free, and answers an address bound to it. */
  download: (caller: Caller, visit: Visit, itemId: string | undefined) => Promise<DownloadTicket>
}
