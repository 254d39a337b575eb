import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AccessibleItem, AccessService } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { LinkItemRow, LinkRegister, LinkRow } from '../links/link-register.service.ts'
import type { LinkState } from '../links/links.policy.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../errors/app-error.ts'
import { linkRefused } from '../audit/audit.actions.ts'
import { linkSubject } from '../links/link-subject.ts'
import { isNews, noteVisit, refusalKey } from './link-visits.ts'
import { linkNotFound } from './public-links.errors.ts'

/** A link that stands open, its password aside. */
export interface LiveLink {
  link: LinkRow
  /** Those that are not in the trash. */
  items: LinkItemRow[]
}

/** The one judge of links: every call of a visitor, and every use of what a visitor claimed, passes here. */
export interface LinkGate {
  /** @throws {AppError} `link.not_found`, alike in words and time whatever is wrong; the owner finds the reason in the log */
  enter: (caller: Caller, token: string) => Promise<LiveLink>
  /** For a claimed download: a link that was used up meanwhile still honours it. @throws {AppError} `link.not_found` */
  reenter: (link: { id: string, workspaceId: string }) => Promise<LiveLink>
  /** Items that are the link's own or lie below them. @throws {AppError} `link.not_found` when one of them is not */
  requireInside: (live: LiveLink, itemIds: readonly string[]) => Promise<AccessibleItem[]>
  /** What these items together are called, when they are all that the link leads to and it has a title. */
  titleOf: (live: LiveLink, itemIds: readonly string[]) => string | null
  /** Notes for the owner that a visitor was refused, not more often than is worth reading. */
  recordRefusal: (caller: Caller, link: LinkRow, items: readonly LinkItemRow[], reason: LinkRefusal) => Promise<void>
}

/** Each answer of "no such link" takes at least so long, so that time does not tell which of the reasons it was. */
const REFUSAL_MS = 100

/** Why a visitor may be turned away at a link that exists. */
export type LinkRefusal = Exclude<LinkState, 'active'> | 'wrong_password'

export function createLinkGate({ db, register, access, audit, clock }: { db: Db, register: LinkRegister, access: AccessService, audit: AuditLog, clock: () => Date }): LinkGate {
  async function recordRefusal(caller: Caller, link: LinkRow, items: readonly LinkItemRow[], reason: LinkRefusal): Promise<void> {
    const { id: linkId, workspaceId } = link
    const now = clock()
    const key = refusalKey(linkId, caller.origin, reason)
    if (!await isNews(db, key, now)) return
    await db.transaction(async (tx) => {
      await register.lock(tx, workspaceId, linkId)
      if (!await noteVisit(tx, key, now)) return
      await audit.record(tx, caller, linkRefused({
        workspaceId,
        subject: linkSubject(link, items),
        details: { reason },
      }))
    })
  }

  async function find(caller: Caller, token: string): Promise<LiveLink | undefined> {
    if (!/^[\w-]{43}$/.test(token)) return undefined
    const link = await register.findByToken(token)
    if (!link) return undefined
    const items = await register.listItems(link.workspaceId, [link.id])
    const state = (await register.statesOf([link], new Map([
      [link.id, items],
    ]))).get(link.id)!
    if (state === 'active') {
      return {
        link,
        items: items.filter(item => item.alive),
      }
    }
    await recordRefusal(caller, link, items, state)
    return undefined
  }

  return {
    recordRefusal,

    async enter(caller, token) {
      const started = performance.now()
      const live = await find(caller, token)
      if (live) return live
      await delay(Math.max(0, REFUSAL_MS - (performance.now() - started)))
      throw linkNotFound()
    },

    async reenter({ id, workspaceId }) {
      const link = await register.find(workspaceId, id)
      if (!link) throw linkNotFound()
      const items = await register.listItems(workspaceId, [id])
      const state = (await register.statesOf([
        { ...link, maxDownloads: null },
      ], new Map([
        [id, items],
      ]))).get(id)!
      if (state !== 'active') throw linkNotFound()
      return {
        link,
        items: items.filter(item => item.alive),
      }
    },

    titleOf: ({ link, items }, itemIds) => items.every(({ id }) => itemIds.includes(id))
      ? link.title
      : null,

    async requireInside({ link, items }, itemIds) {
      const own = new Set(items.map(item => item.id))
      try {
        const found = await access.requireItems(link.createdBy, itemIds, { action: 'share', isAbsent: true, workspaceId: link.workspaceId })
        if (found.every(item => item.path.some(step => own.has(step.id)))) return found
      }
      catch (error) {
        if (!(error instanceof AppError)) throw error
      }
      throw linkNotFound()
    },
  }
}
