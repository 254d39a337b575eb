import type { Feature } from '../../feature.ts'
import { authJobs } from './auth.jobs.ts'
import { authRoutes, authShapes } from './auth.routes.ts'

export const authFeature: Feature = {
  shapes: authShapes,
  routes: authRoutes,
  jobs: authJobs,
}
