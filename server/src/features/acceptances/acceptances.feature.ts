import type { Feature } from '../../feature.ts'
import { acceptancesRoutes, acceptancesShapes } from './acceptances.routes.ts'

export const acceptancesFeature: Feature = {
  shapes: acceptancesShapes,
  routes: acceptancesRoutes,
}
