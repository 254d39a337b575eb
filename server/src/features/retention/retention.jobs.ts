import type { JobHandler } from '../../jobs/job-queue.ts'
import type { PurgeContext } from '../../retention-kinds.ts'
import type { RetentionService } from './retention.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'

/** What operators set goes in the night, when few are there. */
const nightly = defineJob({
  name: 'retention.nightly',
  expireInSeconds: 6 * 3600,
  retryLimit: 3,
  cron: '41 3 * * *',
  exclusive: true,
})

/** What is of no use any more. Nothing depends on it: each is checked when it is used. */
const hourly = defineJob({
  name: 'retention.hourly',
  expireInSeconds: 1800,
  retryLimit: 2,
  cron: '17 * * * *',
  exclusive: true,
})

export function retentionJobs(deps: PurgeContext & { retention: Pick<RetentionService, 'purgeAll'> }): JobHandler[] {
  return [
    {
      job: nightly,
      handle: (_payload, { signal }) => deps.retention.purgeAll('settable', deps, signal),
    },
    {
      job: hourly,
      handle: (_payload, { signal }) => deps.retention.purgeAll('fixed', deps, signal),
    },
  ]
}
