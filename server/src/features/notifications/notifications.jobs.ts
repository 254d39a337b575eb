import type { JobHandler } from '../../jobs/job-queue.ts'
import type { NotificationMail } from './notification-mail.ts'
import type { NotificationsService } from './notifications.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { mailNewsJob } from './notification-mail.ts'

const cleanUp = defineJob({
  name: 'notifications.clean-up',
  expireInSeconds: 3600,
  retryLimit: 2,
  cron: '47 3 * * *',
  exclusive: true,
})

/** Mails news, and deletes it when the time is over that the privacy policy gives it. */
export function notificationsJobs({ notifications, notificationMail }: { notifications: Pick<NotificationsService, 'cleanUp'>, notificationMail: NotificationMail }): JobHandler[] {
  return [
    {
      job: mailNewsJob,
      handle: (_payload, { signal }) => notificationMail.sendDue(signal),
    },
    {
      job: cleanUp,
      handle: (_payload, { signal }) => notifications.cleanUp(signal),
    },
  ]
}
