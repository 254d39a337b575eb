import type { Feature } from '../../feature.ts'
import { auditReadersRoutes } from './audit-readers.routes.ts'
import { auditRoutes, auditShapes } from './audit.routes.ts'
import { AuditReaderStates, UnseenActivity } from './audit.schemas.ts'
import { unseenReader } from './unseen.reader.ts'
import { unseenRoutes } from './unseen.routes.ts'

export const auditFeature: Feature = {
  shapes: [...auditShapes, UnseenActivity, AuditReaderStates],
  routes: deps => async (app) => {
    for (const routes of [auditRoutes, unseenRoutes, auditReadersRoutes]) await app.register(routes(deps))
  },
  readers: () => [unseenReader],
}
