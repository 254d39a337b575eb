import type { Feature } from '../../feature.ts'
import { auditRoutes, auditShapes } from './audit.routes.ts'

export const auditFeature: Feature = {
  shapes: auditShapes,
  routes: auditRoutes,
}
