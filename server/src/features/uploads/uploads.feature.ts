import type { Feature } from '../../feature.ts'
import { uploadsRoutes, uploadsShapes } from './uploads.routes.ts'

export const uploadsFeature: Feature = {
  shapes: uploadsShapes,
  routes: uploadsRoutes,
}
