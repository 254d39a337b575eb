import type { JobHandler } from '../../jobs/job-queue.ts'
import type { PolicyDriftWatch } from './policy-drift.ts'
import { defineJob } from '../../jobs/job-queue.ts'

const noteDrift = defineJob({
  name: 'policies.note-drift',
  expireInSeconds: 300,
  retryLimit: 2,
  cron: '* * * * *',
  exclusive: true,
})

/** Nobody does it: a setting changes, and what a policy said of it is so no more. */
export function policiesJobs({ policies }: { policies: PolicyDriftWatch }): JobHandler[] {
  return [
    {
      job: noteDrift,
      handle: (_payload, { signal }) => policies.noteDrift(signal),
    },
  ]
}
