import type { Feature } from '../../feature.ts'
import { peopleRoutes, peopleShapes } from './people.routes.ts'

export const usersFeature: Feature = {
  shapes: peopleShapes,
  routes: peopleRoutes,
}
