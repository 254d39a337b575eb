import type { JobHandler } from '../../jobs/job-queue.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { Replies } from '../../mail/replies.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { sendMailsJob } from '../../mail/outbox.ts'

/** A minute is what an answer waits for; one reads at a time. */
const readReplies = defineJob({
  name: 'mail.read-replies',
  expireInSeconds: 900,
  retryLimit: 0,
  exclusive: true,
})

/** Sends what waits in the outbox, and reads what is answered. */
export function mailJobs({ mail, replies }: { mail: Mailer, replies: Replies }): JobHandler[] {
  return [
    {
      // Without SMTP there is nothing that a minute could bring.
      job: mail.canSend
        ? sendMailsJob
        : { ...sendMailsJob, cron: undefined },
      handle: (_payload, { signal }) => mail.sendDue(signal),
    },
    {
      job: replies.addressOf
        ? { ...readReplies, cron: '* * * * *' }
        : readReplies,
      handle: (_payload, { signal }) => replies.read(signal),
    },
  ]
}
