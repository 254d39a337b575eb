import type { Feature } from '../../feature.ts'
import { backupsJobs } from './backups.jobs.ts'
import { backupsRoutes, backupsShapes } from './backups.routes.ts'

export const backupsFeature: Feature = {
  shapes: backupsShapes,
  routes: backupsRoutes,
  jobs: backupsJobs,
}
