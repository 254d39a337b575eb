import type { Db } from '../../db/database.ts'
import type { AccessService } from '../access/access.service.ts'
import type { LinksService } from '../links/links.service.ts'
import type { WatchService } from '../watch/watch.service.ts'
import type { ActivityService } from './activity.service.ts'
import type { AuditReaders, AuditReadersOptions } from './audit-readers.service.ts'
import type { AuditTrailService } from './audit-trail.service.ts'
import type { AuditLog } from './audit.service.ts'
import type { UnseenService } from './unseen.service.ts'
import { createWatchService } from '../watch/watch.service.ts'
import { createActivityService } from './activity.service.ts'
import { createAuditReaders } from './audit-readers.service.ts'
import { createAuditTrailService } from './audit-trail.service.ts'
import { createUnseenService } from './unseen.service.ts'

/** What reads the log. */
export interface LogServices {
  auditTrail: AuditTrailService
  activity: ActivityService
  auditReaders: AuditReaders
  unseen: UnseenService
  watch: WatchService
}

export function createLogServices(deps: AuditReadersOptions & {
  db: Db
  audit: AuditLog
  access: AccessService
  links: Pick<LinksService, 'get' | 'filterSeen'>
}): LogServices {
  return {
    auditTrail: createAuditTrailService(deps),
    activity: createActivityService(deps),
    auditReaders: createAuditReaders(deps),
    unseen: createUnseenService(deps),
    watch: createWatchService(deps),
  }
}
