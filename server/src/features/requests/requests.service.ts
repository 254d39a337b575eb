import type { WorkspaceFounding } from './found-workspace.ts'
import type { RequestInbox } from './request-inbox.ts'
import type { RequestIntake } from './request-intake.ts'
import type { RequestSender } from './request-sender.ts'
import type { RequestsOptions } from './requests.context.ts'
import { systemCaller } from '../../http/caller.ts'
import { requestOverdue } from '../audit/audit.actions.ts'
import { createWorkspaceFounding } from './found-workspace.ts'
import { createRequestInbox } from './request-inbox.ts'
import { createRequestIntake } from './request-intake.ts'
import { createRequestSender } from './request-sender.ts'
import { createRequestsContext, subjectOf } from './requests.context.ts'
import * as queries from './requests.queries.ts'

/** What people outside, and members, ask of those who run the deployment. */
export interface RequestsService extends RequestIntake, RequestSender, RequestInbox, Pick<WorkspaceFounding, 'found'> {
  /** Tells the log, once for each, of privacy requests whose day is over. */
  tellOverdue: () => Promise<void>
}

export function createRequestsService(options: RequestsOptions): RequestsService {
  const { db, audit, clock } = options
  const context = createRequestsContext(options)
  const founding = createWorkspaceFounding(context)
  return {
    ...createRequestIntake(context),
    ...createRequestSender(context),
    ...createRequestInbox(context, founding),
    found: founding.found,

    tellOverdue: () => db.transaction(async (tx) => {
      const now = clock()
      const overdue = await queries.lockOverdue(tx, now)
      if (overdue.length === 0) return
      await queries.noteOverdueTold(tx, overdue.map(({ id }) => id), now)
      await audit.record(tx, systemCaller, ...overdue.map(({ id, kind }) => requestOverdue({
        subject: subjectOf(id),
        details: { kind },
      })))
    }),
  }
}
