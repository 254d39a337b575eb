import type { Feature } from '../../feature.ts'
import { membersRoutes, membersShapes } from './members.routes.ts'

export const membersFeature: Feature = {
  shapes: membersShapes,
  routes: membersRoutes,
}
