import type { JobHandler } from '../../jobs/job-queue.ts'
import type { NotificationMail } from './notification-mail.ts'
import { mailNewsJob } from './notification-mail.ts'

/** Mails news. */
export function notificationsJobs({ notificationMail }: { notificationMail: NotificationMail }): JobHandler[] {
  return [
    {
      job: mailNewsJob,
      handle: (_payload, { signal }) => notificationMail.sendDue(signal),
    },
  ]
}
