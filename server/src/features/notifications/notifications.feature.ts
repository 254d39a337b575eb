import type { Feature } from '../../feature.ts'
import { notificationsJobs } from './notifications.jobs.ts'
import { notificationsReader } from './notifications.reader.ts'
import { notificationShapes, notificationsRoutes, unsubscribeRoutes } from './notifications.routes.ts'

export const notificationsFeature: Feature = {
  shapes: notificationShapes,
  routes: notificationsRoutes,
  bareRoutes: unsubscribeRoutes,
  jobs: notificationsJobs,
  readers: ({ notifications }) => [
    notificationsReader(notifications),
  ],
  replies: ({ unsubscribe }) => [
    { take: unsubscribe.takeReply },
  ],
}
