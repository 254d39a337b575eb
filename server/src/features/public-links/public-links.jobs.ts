import type { Db } from '../../db/database.ts'
import type { JobHandler } from '../../jobs/job-queue.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { deleteOldVisits } from './link-visits.ts'

const cleanUp = defineJob({
  name: 'public-links.clean-up',
  expireInSeconds: 300,
  retryLimit: 2,
  cron: '29 * * * *',
  exclusive: true,
})

/** Visits that are too old to be compared with. */
export function publicLinksJobs({ db, clock }: { db: Db, clock: () => Date }): JobHandler[] {
  return [
    {
      job: cleanUp,
      handle: () => deleteOldVisits(db, clock()),
    },
  ]
}
