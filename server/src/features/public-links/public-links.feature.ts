import type { Feature } from '../../feature.ts'
import { publicLinksRoutes, publicLinksShapes } from './public-links.routes.ts'

export const publicLinksFeature: Feature = {
  shapes: publicLinksShapes,
  routes: publicLinksRoutes,
}
