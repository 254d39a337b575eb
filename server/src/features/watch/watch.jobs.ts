import type { JobHandler } from '../../jobs/job-queue.ts'
import type { WatchService } from './watch.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'

const cleanUp = defineJob({
  name: 'watch.clean-up',
  expireInSeconds: 600,
  retryLimit: 2,
  cron: '53 3 * * *',
  exclusive: true,
})

/** Counts of hours that are over, and networks from which nobody came for long. */
export function watchJobs({ watch }: { watch: Pick<WatchService, 'cleanUp'> }): JobHandler[] {
  return [
    {
      job: cleanUp,
      handle: () => watch.cleanUp(),
    },
  ]
}
