import type { Feature } from '../../feature.ts'
import { policiesJobs } from './policies.jobs.ts'
import { bareRoutes, policiesRoutes, policiesShapes } from './policies.routes.ts'
import { policyAnswersRoutes, policyAnswersShapes } from './policy-answers.routes.ts'
import { workspacePoliciesBareRoutes, workspacePoliciesRoutes } from './workspace-policies.routes.ts'

export const policiesFeature: Feature = {
  shapes: [
    ...policiesShapes,
    ...policyAnswersShapes,
  ],
  routes: deps => async (app) => {
    for (const routes of [policiesRoutes, policyAnswersRoutes, workspacePoliciesRoutes]) await app.register(routes(deps))
  },
  bareRoutes: deps => async (app) => {
    for (const routes of [bareRoutes, workspacePoliciesBareRoutes]) await app.register(routes(deps))
  },
  jobs: policiesJobs,
}
