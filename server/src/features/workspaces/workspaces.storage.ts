import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import { notFound } from '../../errors/common-errors.ts'
import { systemCaller } from '../../http/caller.ts'
import { workspaceQuotaChanged, workspaceStorageFilled } from '../audit/audit.actions.ts'
import * as queries from './workspaces.queries.ts'

/** Per cent of what may be stored, at which a workspace's administrators are told. */
export const storageSteps = [80, 95] as const

/** How much a workspace may store, and when that is told. */
export interface WorkspaceStorage {
  /** Uploads that go on keep the room that they were promised. @throws {AppError} `not_found` */
  setQuota: (caller: Caller, workspaceId: string, quotaBytes: number | null) => Promise<void>
  /** Tells the log where a step was reached: once, until it was less again. */
  tellFilled: () => Promise<void>
}

export function createWorkspaceStorage({ db, audit }: { db: Db, audit: AuditLog }): WorkspaceStorage {
  return {
    setQuota: (caller, workspaceId, quotaBytes) => db.transaction(async (tx) => {
      const before = await queries.lockWorkspace(tx, workspaceId)
      if (!before) throw notFound('There is no such workspace')
      if (before.quotaBytes === quotaBytes) return
      await queries.setQuota(tx, workspaceId, quotaBytes)
      await audit.record(tx, caller, workspaceQuotaChanged({
        workspaceId,
        subject: { kind: 'workspace', id: workspaceId, name: before.name },
        details: {
          quotaBytes: { from: before.quotaBytes, to: quotaBytes },
        },
      }))
    }),

    tellFilled: () => db.transaction(async (tx) => {
      const reached = (await queries.noteStorageSteps(tx, storageSteps)).filter(({ percent, before }) => percent > before)
      if (reached.length === 0) return
      await audit.record(tx, systemCaller, ...reached.map(({ id, name, percent, usedBytes, quotaBytes }) => workspaceStorageFilled({
        workspaceId: id,
        subject: { kind: 'workspace', id, name },
        details: { percent, usedBytes, quotaBytes: quotaBytes! },
      })))
    }),
  }
}
