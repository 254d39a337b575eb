import type { JobHandler } from '../../jobs/job-queue.ts'
import type { Mailer } from '../../mail/outbox.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { sendMailsJob } from '../../mail/outbox.ts'

const cleanUp = defineJob({
  name: 'mail.clean-up',
  expireInSeconds: 600,
  retryLimit: 2,
  cron: '17 * * * *',
  exclusive: true,
})

/** Sends what waits in the outbox, and deletes what has stood there long enough. */
export function mailJobs({ mail }: { mail: Mailer }): JobHandler[] {
  return [
    {
      // Without SMTP there is nothing that a minute could bring.
      job: mail.canSend
        ? sendMailsJob
        : { ...sendMailsJob, cron: undefined },
      handle: (_payload, { signal }) => mail.sendDue(signal),
    },
    {
      job: cleanUp,
      handle: () => mail.cleanUp(),
    },
  ]
}
