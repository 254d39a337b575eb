import type { Feature } from '../../feature.ts'
import { authJobs } from './auth.jobs.ts'
import { authRoutes, authShapes } from './auth.routes.ts'
import { ownAccountRoutes, ownAccountShapes } from './own-account.routes.ts'

export const authFeature: Feature = {
  shapes: [
    ...authShapes,
    ...ownAccountShapes,
  ],
  routes: deps => async (app) => {
    for (const routes of [authRoutes, ownAccountRoutes]) await app.register(routes(deps))
  },
  jobs: authJobs,
}
