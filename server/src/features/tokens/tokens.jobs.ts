import type { JobHandler } from '../../jobs/job-queue.ts'
import type { TokensService } from './tokens.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'

const clearAway = defineJob({
  name: 'tokens.clear-away',
  expireInSeconds: 300,
  retryLimit: 2,
  cron: '37 4 * * *',
  exclusive: true,
})

/** Nothing depends on it: an expired token opens nothing. */
export function tokensJobs({ accessTokens }: { accessTokens: Pick<TokensService, 'clearAway'> }): JobHandler[] {
  return [
    {
      job: clearAway,
      handle: () => accessTokens.clearAway(),
    },
  ]
}
