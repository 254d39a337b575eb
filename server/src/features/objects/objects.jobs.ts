import type { JobHandler, JobQueue } from '../../jobs/job-queue.ts'
import type { OrphansDeps } from './objects.orphans.ts'
import type { ScrubDeps } from './objects.scrub.ts'
import type { ObjectRegister } from './objects.service.ts'
import type { SweepDeps, UploadsEnd } from './objects.sweep.ts'
import type { VerifyDeps } from './objects.verify.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { deleteObjectsJob } from './objects.deletion.ts'
import { orphansJob, sweepStore } from './objects.orphans.ts'
import { checkAllJob, checkObjectJob, checkOne, scrubAll, scrubJob, scrubShare } from './objects.scrub.ts'
import { sweepDatabase } from './objects.sweep.ts'
import { verifyFile, verifyFileJob } from './objects.verify.ts'

/** Ends what was abandoned, and deletes what nobody will ask for again. */
export const sweepJob = defineJob({
  name: 'storage.sweep',
  cron: '*/15 * * * *',
  exclusive: true,
  expireInSeconds: 3600,
  retryLimit: 3,
})

export interface ObjectsJobsDeps extends VerifyDeps, SweepDeps, OrphansDeps, ScrubDeps {
  jobs: JobQueue
  objects: ObjectRegister
  uploads: UploadsEnd
}

export function objectsJobs(deps: ObjectsJobsDeps): JobHandler[] {
  return [
    {
      job: deleteObjectsJob,
      async handle({ keys }: { keys: string[] }, { signal }) {
        for (const key of keys) {
          signal.throwIfAborted()
          await deps.objects.remove(key)
        }
      },
    },
    {
      job: verifyFileJob,
      handle: (payload, { signal }) => verifyFile(deps, payload, signal),
    },
    {
      job: sweepJob,
      handle: (_payload, { signal }) => sweepDatabase(deps, deps.uploads, signal),
    },
    {
      job: checkObjectJob,
      handle: (payload, { signal }) => checkOne(deps, payload, signal),
    },
    {
      job: scrubJob,
      async handle(_payload, { signal }) {
        await scrubShare(deps, signal)
      },
    },
    {
      job: checkAllJob,
      async handle({ asked }: { asked: string }, { signal }) {
        await scrubAll(deps, new Date(asked), { signal })
      },
    },
    {
      job: orphansJob,
      async handle(_payload, { signal }) {
        await sweepStore(deps, signal)
      },
    },
  ]
}
