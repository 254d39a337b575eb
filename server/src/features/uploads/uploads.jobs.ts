import type { JobHandler } from '../../jobs/job-queue.ts'
import type { UploadSessions } from './upload-session.service.ts'
import type { UploadsContext } from './uploads.context.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { deleteObjectsJob } from '../items/items.jobs.ts'
import { sweepDatabase, sweepStore } from './storage-sweep.ts'
import { verifyFile, verifyFileJob } from './verify-file.ts'

/** Ends what was abandoned, and deletes what nobody will ask for again. */
export const sweepJob = defineJob({
  name: 'storage.sweep',
  cron: '*/15 * * * *',
  exclusive: true,
  expireInSeconds: 3600,
  retryLimit: 3,
})

/** Looks through the whole store for objects that no row knows: dear in a large one, and needed only after a crash at a bad moment. */
export const orphansJob = defineJob({
  name: 'storage.orphans',
  cron: '23 3 * * *',
  exclusive: true,
  expireInSeconds: 6 * 3600,
  retryLimit: 3,
})

export function uploadsJobHandlers(context: UploadsContext, sessions: UploadSessions): JobHandler[] {
  return [
    {
      job: deleteObjectsJob,
      async handle({ keys }: { keys: string[] }, { signal }) {
        for (const key of keys) {
          signal.throwIfAborted()
          await context.objects.remove(key)
        }
      },
    },
    {
      job: verifyFileJob,
      handle: (payload, { signal }) => verifyFile(context, payload, signal),
    },
    {
      job: sweepJob,
      handle: (_payload, { signal }) => sweepDatabase(context, sessions, signal),
    },
    {
      job: orphansJob,
      handle: (_payload, { signal }) => sweepStore(context, signal),
    },
  ]
}
