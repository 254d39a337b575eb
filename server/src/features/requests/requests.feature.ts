import type { Feature } from '../../feature.ts'
import { plainFormRoutes } from './plain-form.routes.ts'
import { publicFaceRoutes, publicFaceShapes } from './public-face.routes.ts'
import { publicRequestsRoutes } from './public-requests.routes.ts'
import { requestsJobs } from './requests.jobs.ts'
import { requestsRoutes, requestsShapes } from './requests.routes.ts'

export const requestsFeature: Feature = {
  shapes: [
    ...requestsShapes,
    ...publicFaceShapes,
  ],
  routes: deps => async (app) => {
    for (const routes of [
      publicRequestsRoutes,
      plainFormRoutes,
      requestsRoutes,
      publicFaceRoutes,
    ]) await app.register(routes(deps))
  },
  jobs: requestsJobs,
  replies: ({ requests }) => [
    { take: requests.takeReply },
  ],
}
