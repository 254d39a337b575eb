import type { Feature } from '../../feature.ts'
import { emailChangesRoutes, emailChangesShapes } from './email-changes.routes.ts'
import { peopleRoutes, peopleShapes } from './people.routes.ts'

export const usersFeature: Feature = {
  shapes: [
    ...peopleShapes,
    ...emailChangesShapes,
  ],
  routes: deps => async (app) => {
    for (const routes of [peopleRoutes, emailChangesRoutes]) await app.register(routes(deps))
  },
}
