import type { Feature } from '../../feature.ts'
import { objectsJobs } from './objects.jobs.ts'
import { objectsRoutes, objectsShapes } from './objects.routes.ts'

export const objectsFeature: Feature = {
  shapes: objectsShapes,
  routes: objectsRoutes,
  jobs: objectsJobs,
}
