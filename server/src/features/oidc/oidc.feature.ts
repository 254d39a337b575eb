import type { Feature } from '../../feature.ts'
import { oidcProvidersRoutes } from './oidc-providers.routes.ts'
import { oidcRoutes, oidcShapes } from './oidc.routes.ts'
import { workspaceProvidersRoutes } from './workspace-providers.routes.ts'

export const oidcFeature: Feature = {
  shapes: oidcShapes,
  routes: deps => async (app) => {
    for (const routes of [oidcRoutes, oidcProvidersRoutes, workspaceProvidersRoutes]) await app.register(routes(deps))
  },
}
