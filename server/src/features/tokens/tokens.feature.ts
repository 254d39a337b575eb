import type { Feature } from '../../feature.ts'
import { tokensJobs } from './tokens.jobs.ts'
import { tokensRoutes, tokensShapes } from './tokens.routes.ts'

export const tokensFeature: Feature = {
  shapes: tokensShapes,
  routes: tokensRoutes,
  jobs: tokensJobs,
}
