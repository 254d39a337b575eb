import type { Db } from '../../db/database.ts'
import type { Looker } from './unseen.queries.ts'
import { publishLive } from '../../live/live-bus.ts'
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

/** The name of the reader that counts. */
export const UNSEEN_READER = 'unseen-activity'

export function createUnseenService({ db }: { db: Db }): UnseenService {
  return {
    count: looker => queries.findUnseen(db, looker, UNSEEN_READER, { instanceChain: INSTANCE_CHAIN, most: MOST_UNSEEN }),

    look: (looker, seq) => db.transaction(async (tx) => {
      const before = await queries.lockSeen(tx, looker.memberId)
      const seen = Math.min(seq, await queries.findHeadSeq(tx, looker.workspaceId))
      if (seen <= before) return
      await queries.setSeen(tx, looker, UNSEEN_READER, seen)
      // Their other windows show it too.
      await publishLive(tx, {
        topic: 'activity',
        workspaceId: looker.workspaceId,
        seq: seen,
        userId: looker.userId,
      })
    }),
  }
}
