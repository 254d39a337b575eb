import { defineJob } from '../../jobs/job-queue.ts'

/** Deletes the bytes of doomed objects, then their rows. */
export const deleteObjectsJob = defineJob<{ keys: string[] }>({ name: 'object.delete', expireInSeconds: 600, retryLimit: 10 })
