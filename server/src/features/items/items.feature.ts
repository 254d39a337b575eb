import type { Feature } from '../../feature.ts'
import { itemsJobs } from './items.jobs.ts'
import { itemsRoutes, itemsShapes } from './items.routes.ts'

export const itemsFeature: Feature = {
  shapes: itemsShapes,
  routes: itemsRoutes,
  jobs: itemsJobs,
}
