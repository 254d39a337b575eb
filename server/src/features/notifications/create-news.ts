import type { Db } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AccessService } from '../access/access.service.ts'
import type { AnnouncementsService } from '../announcements/announcements.service.ts'
import type { ConsentsService } from '../announcements/consents.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { LinksService } from '../links/links.service.ts'
import type { NotificationMail } from './notification-mail.ts'
import type { NotificationsService } from './notifications.service.ts'
import type { UnsubscribeService } from './unsubscribe.service.ts'
import { deriveKey } from '../../http/tokens.ts'
import { createAnnouncementsService } from '../announcements/announcements.service.ts'
import { createConsentsService } from '../announcements/consents.service.ts'
import { createNewsView } from './news-view.ts'
import { createNotificationMail } from './notification-mail.ts'
import { createNotificationsService } from './notifications.service.ts'
import { createUnsubscribeService } from './unsubscribe.service.ts'

/** All that tells people something. */
export interface News {
  notifications: NotificationsService
  notificationMail: NotificationMail
  unsubscribe: UnsubscribeService
  consents: ConsentsService
  announcements: AnnouncementsService
}

export function createNews({ instance, links, secretKey, log, ...common }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  access: AccessService
  instance: Pick<InstanceService, 'settings'>
  links: Pick<LinksService, 'filterSeen'>
  jobs: JobQueue
  mail: Mailer
  publicUrl: string
  secretKey: string
  log: { error: (fields: object, message: string) => void }
}): News {
  const unsubscribeKey = deriveKey(secretKey, 'unsubscribe')
  const view = createNewsView({ access: common.access, links })
  const consents = createConsentsService(common)
  const unsubscribe = createUnsubscribeService({
    db: common.db,
    mail: common.mail,
    consents,
    unsubscribeKey,
  })
  return {
    notifications: createNotificationsService({ ...common, view }),
    notificationMail: createNotificationMail({
      ...common,
      view,
      unsubscribePath: unsubscribe.pathOf,
      log,
    }),
    unsubscribe,
    consents,
    announcements: createAnnouncementsService({
      ...common,
      instance,
      unsubscribePath: unsubscribe.pathOf,
    }),
  }
}
