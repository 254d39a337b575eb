import type { Feature } from '../../feature.ts'
import { authRoutes, authShapes } from './auth.routes.ts'
import { emailCodesRoutes } from './email-codes.routes.ts'
import { ownAccountRoutes, ownAccountShapes } from './own-account.routes.ts'
import { registrationsRoutes, registrationsShapes } from './registrations.routes.ts'

export const authFeature: Feature = {
  shapes: [
    ...authShapes,
    ...ownAccountShapes,
    ...registrationsShapes,
  ],
  routes: deps => async (app) => {
    for (const routes of [
      authRoutes,
      emailCodesRoutes,
      ownAccountRoutes,
      registrationsRoutes,
    ]) await app.register(routes(deps))
  },
}
