import type { Feature } from '../../feature.ts'
import { workspacesRoutes, workspacesShapes } from './workspaces.routes.ts'

export const workspacesFeature: Feature = {
  shapes: workspacesShapes,
  routes: workspacesRoutes,
}
