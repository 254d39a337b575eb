import type { Feature } from '../../feature.ts'
import { linksRoutes, linksShapes } from './links.routes.ts'

export const linksFeature: Feature = {
  shapes: linksShapes,
  routes: linksRoutes,
}
