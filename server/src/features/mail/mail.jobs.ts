import type { JobHandler } from '../../jobs/job-queue.ts'
import type { Mailer } from '../../mail/outbox.ts'
import { sendMailsJob } from '../../mail/outbox.ts'

/** Sends what waits in the outbox. */
export function mailJobs({ mail }: { mail: Mailer }): JobHandler[] {
  return [
    {
      // Without SMTP there is nothing that a minute could bring.
      job: mail.canSend
        ? sendMailsJob
        : { ...sendMailsJob, cron: undefined },
      handle: (_payload, { signal }) => mail.sendDue(signal),
    },
  ]
}
