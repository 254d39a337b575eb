import type { Feature } from '../../feature.ts'
import { workspacesJobs } from './workspaces.jobs.ts'
import { workspacesRoutes, workspacesShapes } from './workspaces.routes.ts'

export const workspacesFeature: Feature = {
  shapes: workspacesShapes,
  routes: workspacesRoutes,
  jobs: workspacesJobs,
}
