import type { Db } from '../../db/database.ts'
import type { JobHandler } from '../../jobs/job-queue.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import * as queries from './downloads.queries.ts'
import { CONTINUED_MS } from './downloads.service.ts'

const BATCH = 1000

const sweepTickets = defineJob({
  name: 'download.sweep-tickets',
  expireInSeconds: 300,
  retryLimit: 2,
  cron: '23 * * * *',
  exclusive: true,
})

/** Expired tickets open nothing, and old downloads are not continued; this only keeps the tables small. */
export function downloadJobs({ db, clock }: { db: Db, clock: () => Date }): JobHandler[] {
  return [
    {
      job: sweepTickets,
      async handle(_payload, { signal }) {
        const now = clock()
        while (!signal.aborted && await queries.deleteExpiredTickets(db, now, BATCH) === BATCH);
        await queries.deleteNotedBefore(db, new Date(now.getTime() - CONTINUED_MS))
      },
    },
  ]
}
