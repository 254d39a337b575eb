import type { Db } from '../../db/database.ts'
import type { JobHandler } from '../../jobs/job-queue.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { KEPT_DAYS } from './requests.policy.ts'
import { deleteHandled } from './requests.queries.ts'

const DAY_MS = 86_400_000

const cleanUp = defineJob({
  name: 'requests.clean-up',
  expireInSeconds: 300,
  retryLimit: 2,
  cron: '41 3 * * *',
  exclusive: true,
})

/** Deletes requests when the time is over that the privacy policy gives them. */
export function requestsJobs({ db, clock }: { db: Db, clock: () => Date }): JobHandler[] {
  return [
    {
      job: cleanUp,
      async handle() {
        const daysAgo = (days: number) => new Date(clock().getTime() - days * DAY_MS)
        await deleteHandled(db, {
          answered: daysAgo(KEPT_DAYS.answered),
          spam: daysAgo(KEPT_DAYS.spam),
        })
      },
    },
  ]
}
