import type { Static } from 'typebox'
import type { Db } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { StorageHealth } from './objects.schemas.ts'
import * as orphans from './objects-orphans.queries.ts'
import * as scrub from './objects-scrub.queries.ts'
import { orphansJob } from './objects.orphans.ts'
import { checkAllJob } from './objects.scrub.ts'

/** What those who run the deployment may know of its store. */
export interface StorageHealthService {
  get: () => Promise<Static<typeof StorageHealth>>
  /** Has all of it read, once for all who ask while it is. */
  checkAll: () => Promise<void>
  /** What was kept aside is deleted, in the background. */
  deleteKept: () => Promise<void>
}

const LISTED = 100

export function createStorageHealth({ db, jobs, clock, scrubDays }: { db: Db, jobs: JobQueue, clock: () => Date, scrubDays: number }): StorageHealthService {
  return {
    async get() {
      const { files, bytes, oldestCheckAt } = await scrub.sumUp(db)
      return {
        files,
        bytes,
        scrubDays,
        oldestCheckAt: oldestCheckAt?.toISOString() ?? null,
        withoutSums: await scrub.countWithoutSums(db),
        damaged: await scrub.listFailed(db, LISTED),
        orphans: await orphans.sumUpOrphans(db),
      }
    },

    checkAll: () => jobs.send(db, checkAllJob, {
      asked: clock().toISOString(),
    }),

    async deleteKept() {
      await orphans.releaseKept(db)
      await jobs.send(db, orphansJob, {})
    },
  }
}
