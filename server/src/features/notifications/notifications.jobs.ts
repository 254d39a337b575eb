import type { JobHandler } from '../../jobs/job-queue.ts'
import type { NotificationsService } from './notifications.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'

const cleanUp = defineJob({
  name: 'notifications.clean-up',
  expireInSeconds: 3600,
  retryLimit: 2,
  cron: '47 3 * * *',
  exclusive: true,
})

/** Deletes news when the time is over that the privacy policy gives it. */
export function notificationsJobs({ notifications }: { notifications: Pick<NotificationsService, 'cleanUp'> }): JobHandler[] {
  return [
    {
      job: cleanUp,
      handle: (_payload, { signal }) => notifications.cleanUp(signal),
    },
  ]
}
