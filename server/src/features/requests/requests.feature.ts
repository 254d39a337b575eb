import type { Feature } from '../../feature.ts'
import { requestsRoutes, requestsShapes } from './requests.routes.ts'

export const requestsFeature: Feature = {
  shapes: requestsShapes,
  routes: requestsRoutes,
}
