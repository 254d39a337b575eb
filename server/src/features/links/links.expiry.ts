import type { Db } from '../../db/database.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { LinkRegister, LinkRow } from './link-register.service.ts'
import type { LinkState } from './links.policy.ts'
import { systemCaller } from '../../http/caller.ts'
import { linkExpired, linkExpiring } from '../audit/audit.actions.ts'
import { linkSubject } from './link-subject.ts'
import * as queries from './links.queries.ts'

/** So long before its expiry a link's people are told. */
export const EXPIRY_NOTICE_MS = 3 * 86_400_000
const AT_ONCE = 100

/** Which expiry the log need not announce, because whoever sets it sees how near it is. */
export const announcedExpiry = (expiresAt: Date | null, now: Date): Date | null => expiresAt !== null && expiresAt.getTime() - now.getTime() <= EXPIRY_NOTICE_MS
  ? expiresAt
  : null

/** What the time alone does to links. */
export interface LinksExpiry {
  /** Tells the log of expiries that are near, and of those that are over, each once. */
  tellExpiry: (signal: AbortSignal) => Promise<void>
}

type Told = (link: LinkRow & { expiresAt: Date | null }, items: readonly { name: string }[]) => NewAuditEvent

const notices: Record<queries.ExpiryNotice, { of: LinkState, event: Told }> = {
  // What nobody can open any more has nothing to lose.
  expiring: {
    of: 'active',
    event: (link, items) => linkExpiring({
      workspaceId: link.workspaceId,
      subject: linkSubject(link, items),
      details: {
        expiresAt: link.expiresAt!.toISOString(),
      },
    }),
  },
  expired: {
    of: 'expired',
    event: (link, items) => linkExpired({
      workspaceId: link.workspaceId,
      subject: linkSubject(link, items),
      details: {
        expiresAt: link.expiresAt!.toISOString(),
        openCount: link.openCount,
        downloadCount: link.downloadCount,
      },
    }),
  },
}

export function createLinksExpiry({ db, audit, register, clock }: { db: Db, audit: AuditLog, register: LinkRegister, clock: () => Date }): LinksExpiry {
  /** @returns whether there may be more */
  async function tellSome(notice: queries.ExpiryNotice): Promise<boolean> {
    const now = clock()
    const until = notice === 'expiring'
      ? new Date(now.getTime() + EXPIRY_NOTICE_MS)
      : now
    const due = await queries.listExpiring(db, notice, { now, until, limit: AT_ONCE })
    if (due.length === 0) return false
    const items = new Map<string, Awaited<ReturnType<LinkRegister['listItems']>>>()
    for (const [workspaceId, own] of Map.groupBy(due, link => link.workspaceId)) {
      for (const [linkId, those] of Map.groupBy(await register.listItems(workspaceId, own.map(({ id }) => id)), item => item.linkId)) items.set(linkId, those)
    }
    const states = await register.statesOf(due, items)
    await db.transaction(async (tx) => {
      // Of several processes one gets each; what was changed, revoked or used up meanwhile, none.
      const taken = await queries.noteExpiryTold(tx, notice, due)
      const told = due.filter(({ id }) => taken.has(id) && states.get(id) === notices[notice].of)
      if (told.length > 0) await audit.record(tx, systemCaller, ...told.map(link => notices[notice].event(link, items.get(link.id) ?? [])))
    })
    return due.length === AT_ONCE
  }

  return {
    async tellExpiry(signal) {
      for (const notice of ['expiring', 'expired'] as const) {
        while (!signal.aborted && await tellSome(notice));
      }
    },
  }
}
