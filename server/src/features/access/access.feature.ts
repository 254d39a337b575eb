import type { Feature } from '../../feature.ts'
import { accessRoutes, accessShapes } from './access.routes.ts'

export const accessFeature: Feature = {
  shapes: accessShapes,
  routes: accessRoutes,
}
