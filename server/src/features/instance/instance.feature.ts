import type { Feature } from '../../feature.ts'
import { instanceRoutes, instanceShapes } from './instance.routes.ts'

export const instanceFeature: Feature = {
  shapes: instanceShapes,
  routes: instanceRoutes,
}
