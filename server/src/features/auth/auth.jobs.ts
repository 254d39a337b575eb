import type { Db } from '../../db/database.ts'
import type { JobHandler } from '../../jobs/job-queue.ts'
import type { AuthService } from './auth.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { ENDED_SESSION_DAYS } from '../sessions/sessions.policy.ts'
import { deleteDead } from './auth.queries.ts'
import { DEVICE_DAYS } from './known-devices.ts'

const DAY_MS = 86_400_000

const cleanUp = defineJob({
  name: 'auth.clean-up',
  expireInSeconds: 300,
  retryLimit: 2,
  cron: '17 * * * *',
  exclusive: true,
})

const endUnfinished = defineJob({
  name: 'auth.end-unfinished',
  expireInSeconds: 60,
  retryLimit: 2,
  cron: '*/5 * * * *',
  exclusive: true,
})

/** Removes dead sessions, browsers that nobody has used for long, set-ups of second factors that nobody ended, old failures and kept answers. Nothing depends on it: each of them is checked when used. */
export function authJobs({ db, clock, auth }: { db: Db, clock: () => Date, auth: Pick<AuthService, 'endUnfinished'> }): JobHandler[] {
  return [
    {
      job: cleanUp,
      async handle() {
        const now = clock()
        await deleteDead(db, {
          now,
          dayAgo: new Date(now.getTime() - DAY_MS),
          devicesFrom: new Date(now.getTime() - DEVICE_DAYS * DAY_MS),
          sessionsEnded: new Date(now.getTime() - ENDED_SESSION_DAYS * DAY_MS),
        })
      },
    },
    {
      job: endUnfinished,
      handle: () => auth.endUnfinished(),
    },
  ]
}
