import type { Feature } from '../../feature.ts'
import { policiesJobs } from './policies.jobs.ts'
import { bareRoutes, policiesRoutes, policiesShapes } from './policies.routes.ts'

export const policiesFeature: Feature = {
  shapes: policiesShapes,
  routes: policiesRoutes,
  bareRoutes,
  jobs: policiesJobs,
}
