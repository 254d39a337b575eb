import type { JobHandler } from '../../jobs/job-queue.ts'
import type { WorkspaceStorage } from './workspaces.storage.ts'
import { defineJob } from '../../jobs/job-queue.ts'

const tellFilled = defineJob({
  name: 'workspaces.tell-filled',
  expireInSeconds: 300,
  retryLimit: 2,
  cron: '* * * * *',
  exclusive: true,
})

/** Looked at beside uploads, which have not to wait for it. */
export function workspacesJobs({ workspaces }: { workspaces: WorkspaceStorage }): JobHandler[] {
  return [
    {
      job: tellFilled,
      handle: () => workspaces.tellFilled(),
    },
  ]
}
