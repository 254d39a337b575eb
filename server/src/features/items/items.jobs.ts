import type { JobHandler } from '../../jobs/job-queue.ts'
import type { PurgeContext } from './items.purge.ts'
import { purgeJob, runPurge } from './items.purge.ts'

export function itemsJobs(context: PurgeContext): JobHandler[] {
  return [
    {
      job: purgeJob,
      handle: ({ purgeId }: { purgeId: string }, { signal }) => runPurge(context, purgeId, signal),
    },
  ]
}
