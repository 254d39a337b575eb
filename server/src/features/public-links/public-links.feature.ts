import type { Feature } from '../../feature.ts'
import { publicLinksJobs } from './public-links.jobs.ts'
import { publicLinksRoutes, publicLinksShapes } from './public-links.routes.ts'

export const publicLinksFeature: Feature = {
  shapes: publicLinksShapes,
  routes: publicLinksRoutes,
  jobs: publicLinksJobs,
}
