import type { AuditReader } from '../audit/audit-readers.service.ts'
import type { NotificationsService } from './notifications.service.ts'
import { userChanged } from '../audit/audit.actions.ts'
import { endsMails, notificationTypes } from './notification-rules.ts'

/** Tells people what happened that concerns them. */
export const notificationsReader = (notifications: Pick<NotificationsService, 'tell'>): AuditReader => ({
  name: 'notifications',
  // Besides, another time zone moves what waits for a mail, and what waits in the outbox is not sent to whom it was not written to any more.
  actions: [
    ...new Set([
      ...notificationTypes,
      ...[userChanged, ...endsMails].map(({ action }) => action),
    ]),
  ],
  read: notifications.tell,
})
