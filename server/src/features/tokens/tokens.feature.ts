import type { Feature } from '../../feature.ts'
import { tokensRoutes, tokensShapes } from './tokens.routes.ts'

export const tokensFeature: Feature = {
  shapes: tokensShapes,
  routes: tokensRoutes,
}
