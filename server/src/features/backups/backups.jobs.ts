import type { JobHandler } from '../../jobs/job-queue.ts'
import type { BackupsService } from './backups.service.ts'
import { defineJob } from '../../jobs/job-queue.ts'

export function backupsJobs({ backups, config }: { backups: BackupsService, config: { backupSchedule?: string } }): JobHandler[] {
  return [
    {
      job: defineJob({
        name: 'backup.make',
        cron: config.backupSchedule,
        exclusive: true,
        expireInSeconds: 23 * 3600,
        retryLimit: 3,
      }),
      handle: (_payload, { signal }) => backups.makeScheduled(signal),
    },
  ]
}
