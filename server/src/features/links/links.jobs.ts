import type { JobHandler } from '../../jobs/job-queue.ts'
import type { LinksExpiry } from './links.expiry.ts'
import { defineJob } from '../../jobs/job-queue.ts'

const tellExpiry = defineJob({
  name: 'links.tell-expiry',
  expireInSeconds: 300,
  retryLimit: 2,
  cron: '* * * * *',
  exclusive: true,
})

/** Nobody does it: links expire by themselves. */
export function linksJobs({ links }: { links: LinksExpiry }): JobHandler[] {
  return [
    {
      job: tellExpiry,
      handle: (_payload, { signal }) => links.tellExpiry(signal),
    },
  ]
}
