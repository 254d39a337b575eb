import type { Db } from '../../db/database.ts'
import type { Looker } from './unseen.queries.ts'
import type { AuditReader } from './audit-readers.service.ts'
import { publishLive } from '../../live/live-bus.ts'
import { mayInWorkspace, workspaceRoles } from '../access/access.policy.ts'
import { INSTANCE_CHAIN } from './audit.service.ts'
import * as queries from './unseen.queries.ts'

/** More is not told: the dot says that there is something. */
export const MOST_UNSEEN = 100

export interface UnseenService {
  /** Of a member who may see the log: what happened since they looked, without what they did themselves. */
  count: (looker: Looker) => Promise<{ count: number, seenSeq: number }>
  /** They have seen everything up to this event. */
  look: (looker: Looker, seq: number) => Promise<void>
}

const READER = 'unseen-activity'
const readingRoles = workspaceRoles.filter(role => mayInWorkspace(role, 'audit.see'))

export function createUnseenService({ db }: { db: Db }): UnseenService {
  return {
    count: looker => queries.findUnseen(db, looker, READER, { instanceChain: INSTANCE_CHAIN, most: MOST_UNSEEN }),

    look: (looker, seq) => db.transaction(async (tx) => {
      const before = await queries.lockSeen(tx, looker.memberId)
      const seen = Math.min(seq, await queries.findHeadSeq(tx, looker.workspaceId))
      if (seen <= before) return
      await queries.setSeen(tx, looker, READER, seen)
      // Their other windows show it too.
      await publishLive(tx, { topic: 'activity', workspaceId: looker.workspaceId, seq: seen, userId: looker.userId })
    }),
  }
}

/** Counts for everybody who may see a workspace's log. */
export const unseenReader: AuditReader = {
  name: READER,
  async read(tx, events) {
    const { chainId } = events[0]!
    if (chainId === INSTANCE_CHAIN) return
    for (const { memberId, userId, seenSeq } of await queries.lockCounted(tx, chainId, readingRoles)) {
      const count = events.filter(event => event.seq > seenSeq && event.actor.id !== userId).length
      if (count > 0) await queries.addUnseen(tx, memberId, count)
    }
  },
}
