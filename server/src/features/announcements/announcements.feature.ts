import type { Feature } from '../../feature.ts'
import { announcementsJobs } from './announcements.jobs.ts'
import { announcementsRoutes, announcementsShapes } from './announcements.routes.ts'

export const announcementsFeature: Feature = {
  shapes: announcementsShapes,
  routes: announcementsRoutes,
  jobs: announcementsJobs,
}
