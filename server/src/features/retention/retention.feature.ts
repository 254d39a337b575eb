import type { Feature } from '../../feature.ts'
import { retentionJobs } from './retention.jobs.ts'
import { retentionRoutes, retentionShapes } from './retention.routes.ts'

export const retentionFeature: Feature = {
  shapes: retentionShapes,
  routes: retentionRoutes,
  jobs: retentionJobs,
}
