import type { AuditReader } from '../audit/audit-readers.service.ts'
import type { NotificationsService } from './notifications.service.ts'
import { notificationTypes } from './notification-rules.ts'

/** Tells people what happened that concerns them. */
export const notificationsReader = (notifications: Pick<NotificationsService, 'tell'>): AuditReader => ({
  name: 'notifications',
  actions: notificationTypes,
  read: notifications.tell,
})
