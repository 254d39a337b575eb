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

/** What comes with time alone: privacy requests whose day is over, and requests whose address nobody confirms. */
export function requestsDueJobs({ requests }: { requests: Pick<RequestsService, 'tellOverdue' | 'forgetUnconfirmed'> }): JobHandler[] {
  return [
    {
      job: due,
      async handle() {
        await requests.tellOverdue()
        await requests.forgetUnconfirmed()
      },
    },
  ]
}
