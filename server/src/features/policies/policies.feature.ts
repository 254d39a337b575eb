import type { Feature } from '../../feature.ts'
import { policiesRoutes, policiesShapes } from './policies.routes.ts'

export const policiesFeature: Feature = {
  shapes: policiesShapes,
  routes: policiesRoutes,
}
