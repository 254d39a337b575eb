import type { JobHandler } from '../../jobs/job-queue.ts'
import type { AuthService } from './auth.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'

const endUnfinished = defineJob({
  name: 'auth.end-unfinished',
  expireInSeconds: 60,
  retryLimit: 2,
  cron: '*/5 * * * *',
  exclusive: true,
})

/** Tells of sign-ins that ended at their second step. What is deleted by its time stands in `auth.retention.ts`. */
export function authJobs({ auth }: { auth: Pick<AuthService, 'endUnfinished'> }): JobHandler[] {
  return [
    {
      job: endUnfinished,
      handle: () => auth.endUnfinished(),
    },
  ]
}
