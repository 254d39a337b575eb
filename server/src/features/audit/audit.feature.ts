import type { Feature } from '../../feature.ts'
import { activityRoutes } from './activity.routes.ts'
import { auditReadersRoutes } from './audit-readers.routes.ts'
import { auditRoutes, auditShapes } from './audit.routes.ts'
import { ActivityEvent, AuditReaderStates, UnseenActivity } from './audit.schemas.ts'
import { unseenReader } from './unseen.reader.ts'
import { unseenRoutes } from './unseen.routes.ts'

export const auditFeature: Feature = {
  shapes: [
    ...auditShapes,
    ActivityEvent,
    UnseenActivity,
    AuditReaderStates,
  ],
  routes: deps => async (app) => {
    for (const routes of [
      auditRoutes,
      activityRoutes,
      unseenRoutes,
      auditReadersRoutes,
    ]) await app.register(routes(deps))
  },
  readers: () => [unseenReader],
}
