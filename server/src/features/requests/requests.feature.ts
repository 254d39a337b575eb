import type { Feature } from '../../feature.ts'
import { requestsJobs } from './requests.jobs.ts'
import { requestsRoutes, requestsShapes } from './requests.routes.ts'

export const requestsFeature: Feature = {
  shapes: requestsShapes,
  routes: requestsRoutes,
  jobs: requestsJobs,
}
