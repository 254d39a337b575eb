import type { JobHandler } from '../../jobs/job-queue.ts'
import type { IdentityService } from './identity.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { isWell } from './identity.service.ts'

/** So that a copy of the one or the other can be told from what is in use. */
const noteUseJob = defineJob({
  name: 'identity.note',
  cron: '*/15 * * * *',
  exclusive: true,
  expireInSeconds: 300,
  retryLimit: 0,
})

export interface IdentityJobsDeps {
  identity: Pick<IdentityService, 'note'>
  log: { error: (fields: object, message: string) => void }
}

export function identityJobs({ identity, log }: IdentityJobsDeps): JobHandler[] {
  return [
    {
      job: noteUseJob,
      async handle() {
        const { standing } = await identity.note()
        if (!isWell(standing)) log.error({ standing }, 'database and store do not belong together any more: stop the servers, and start one to read what was found')
      },
    },
  ]
}
