import type { JobHandler } from '../../jobs/job-queue.ts'
import type { RequestsService } from './requests.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'

const due = defineJob({
  name: 'requests.due',
  expireInSeconds: 300,
  retryLimit: 2,
  cron: '*/15 * * * *',
  exclusive: true,
})

/** What comes with time alone: privacy requests whose day is over. */
export function requestsJobs({ requests }: { requests: Pick<RequestsService, 'tellOverdue'> }): JobHandler[] {
  return [
    {
      job: due,
      handle: () => requests.tellOverdue(),
    },
  ]
}
