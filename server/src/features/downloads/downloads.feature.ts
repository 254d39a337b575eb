import type { Feature } from '../../feature.ts'
import { downloadsRoutes, downloadsShapes } from './downloads.routes.ts'

export const downloadsFeature: Feature = {
  shapes: downloadsShapes,
  routes: downloadsRoutes,
}
