import type { Db, Executor } from '../../db/database.ts'
import type { AccessService } from '../access/access.service.ts'
import type { LinkState } from './links.policy.ts'
import type { LinkItemRow, LinkRow } from './links.queries.ts'
import { hashSecret } from '../../crypto/secrets.ts'
import { linkState } from './links.policy.ts'
import * as queries from './links.queries.ts'

export type { LinkItemRow, LinkRow }

/** What both sides know of links: those who make them, and those who stand before one. It judges nobody. */
export interface LinkRegister {
  find: (workspaceId: string, linkId: string) => Promise<LinkRow | undefined>
  findByToken: (token: string) => Promise<LinkRow | undefined>
  /** Until the end of the transaction. */
  lock: (tx: Executor, workspaceId: string, linkId: string) => Promise<unknown>
  /** The items that links name, in the order in which they were chosen. */
  listItems: (workspaceId: string, linkIds: readonly string[]) => Promise<LinkItemRow[]>
  /** The state of each link, as its staff sees it. */
  statesOf: (links: readonly LinkRow[], items: Map<string, LinkItemRow[]>) => Promise<Map<string, LinkState>>
  /** Holds the link's row: two openings at once come one after the other. */
  countOpening: (tx: Executor, workspaceId: string, linkId: string, now: Date) => Promise<void>
  /** Takes one download. @returns how many there are now; undefined when a limit, a revocation or a change of the gate came first */
  claimDownload: (tx: Executor, link: { workspaceId: string, id: string, gateRevision: number }, now: Date) => Promise<number | undefined>
}

export function createLinkRegister({ db, access, clock }: { db: Db, access: AccessService, clock: () => Date }): LinkRegister {
  return {
    find: (workspaceId, linkId) => queries.findLink(db, workspaceId, linkId),
    findByToken: token => queries.findLinkByToken(db, hashSecret(token)),
    lock: queries.lockLink,
    listItems: (workspaceId, linkIds) => queries.listLinkItems(db, workspaceId, linkIds),
    countOpening: queries.countOpening,
    claimDownload: queries.claimDownload,

    async statesOf(links: readonly LinkRow[], items: Map<string, LinkItemRow[]>): Promise<Map<string, LinkState>> {
      const now = clock()
      const aliveOf = (link: LinkRow) => (items.get(link.id) ?? []).filter(item => item.alive).map(item => item.id)
      // One question for each creator: a page of links has few of them.
      const shareable = new Map<string, Set<string>>()
      for (const [creator, own] of Map.groupBy(links, link => link.createdBy)) {
        const ids = [
          ...new Set(own.flatMap(aliveOf)),
        ]
        const found = await access.filterItems(creator, ids, { action: 'share', isAbsent: true })
        shareable.set(creator, new Set(found.map(item => item.id)))
      }
      return new Map(links.map((link) => {
        const alive = aliveOf(link)
        return [
          link.id,
          linkState(link, now, alive.every(id => shareable.get(link.createdBy)!.has(id)), alive.length > 0),
        ]
      }))
    },
  }
}
