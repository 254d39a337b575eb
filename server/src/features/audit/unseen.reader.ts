import type { AuditReader } from './audit-readers.service.ts'
import { mayInWorkspace, workspaceRoles } from '../access/access.policy.ts'
import { INSTANCE_CHAIN } from './audit.service.ts'
import * as queries from './unseen.queries.ts'
import { UNSEEN_READER } from './unseen.service.ts'

const readingRoles = workspaceRoles.filter(role => mayInWorkspace(role, 'audit.see'))

/** Counts for everybody who may see a workspace's log. */
export const unseenReader: AuditReader = {
  name: UNSEEN_READER,
  async read(tx, events) {
    const { chainId } = events[0]!
    if (chainId === INSTANCE_CHAIN) return
    for (const { memberId, userId, seenSeq } of await queries.lockCounted(tx, chainId, readingRoles)) {
      const count = events.filter(event => event.seq > seenSeq && event.actor.id !== userId).length
      if (count > 0) await queries.addUnseen(tx, memberId, count)
    }
  },
}
