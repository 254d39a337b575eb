import type { Feature } from '../../feature.ts'
import { mailJobs } from './mail.jobs.ts'
import { mailRoutes, mailShapes } from './mail.routes.ts'

export const mailFeature: Feature = {
  shapes: mailShapes,
  routes: mailRoutes,
  jobs: mailJobs,
}
