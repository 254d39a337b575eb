import type { Feature } from '../../feature.ts'
import { factorsRoutes, factorsShapes } from './factors.routes.ts'

/** Second factors: an authenticator app, passkeys and recovery codes. That a sign-in asks for them is `auth`'s. */
export const factorsFeature: Feature = {
  shapes: factorsShapes,
  routes: factorsRoutes,
}
