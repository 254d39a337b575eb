import type { JobHandler } from '../../jobs/job-queue.ts'
import type { UploadSessions } from '../uploads/parts/upload-session.service.ts'
import type { Verification } from '../verify/verify.service.ts'
import type { RestoredDeps } from './restore.service.ts'

/** What brings restored rows into use, of all that the server is made of. */
export function restoredDepsOf(deps: Omit<RestoredDeps, 'jobKinds' | 'sessions' | 'verification'> & { uploads: Pick<UploadSessions, 'giveUp'> }, handlers: readonly JobHandler[], verification: Pick<Verification, 'run'>): RestoredDeps {
  return {
    ...deps,
    sessions: deps.uploads,
    verification,
    jobKinds: new Map(handlers.map(({ job }) => [job.name, job])),
  }
}
