import type { JobHandler } from '../../jobs/job-queue.ts'
import type { AnnouncementsService } from './announcements.service.ts'
import { announcementsJob } from './announcements.sending.ts'

/** Writes the mails of what operators announce into the outbox. */
export function announcementsJobs({ announcements }: { announcements: AnnouncementsService }): JobHandler[] {
  return [
    {
      job: announcementsJob,
      handle: (_payload, { signal }) => announcements.queueDue(signal),
    },
  ]
}
