import type { Feature } from '../../feature.ts'
import { linksJobs } from './links.jobs.ts'
import { linksRoutes, linksShapes } from './links.routes.ts'

export const linksFeature: Feature = {
  shapes: linksShapes,
  routes: linksRoutes,
  jobs: linksJobs,
}
