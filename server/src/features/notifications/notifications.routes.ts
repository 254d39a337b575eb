import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { Notification, NotificationPage, NotificationPreferences, NotificationsQuery, PreferencesInput, ReadInput, UnreadInput, UnreadNotifications } from './notifications.schemas.ts'

export const notificationShapes = [
  Notification,
  NotificationPage,
  UnreadNotifications,
  NotificationPreferences,
]

export function notificationsRoutes({ notifications }: Pick<Deps, 'notifications'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/me/notifications', {
      config: { access: 'session' },
      schema: {
        operationId: 'listNotifications',
        tags: ['notifications'],
        summary: 'What happened that concerns one, newest first. A page may be short although more follow',
        querystring: NotificationsQuery,
        response: {
          200: Ref(NotificationPage),
          ...problems,
        },
      },
    }, request => notifications.list(signedInOf(request), request.query))

    app.get('/me/notifications/unread', {
      config: { access: 'session' },
      schema: {
        operationId: 'countUnreadNotifications',
        tags: ['notifications'],
        response: {
          200: Ref(UnreadNotifications),
          ...problems,
        },
      },
    }, request => notifications.countUnread(signedInOf(request).userId))

    app.post('/me/notifications/read', {
      config: { access: 'session' },
      schema: {
        operationId: 'markNotificationsRead',
        tags: ['notifications'],
        summary: 'Those named, or all',
        body: ReadInput,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await notifications.setRead(signedInOf(request).userId, 'all' in request.body
        ? 'all'
        : request.body.ids, true)
      return reply.status(204).send(null)
    })

    app.post('/me/notifications/unread', {
      config: { access: 'session' },
      schema: {
        operationId: 'markNotificationsUnread',
        tags: ['notifications'],
        body: UnreadInput,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await notifications.setRead(signedInOf(request).userId, request.body.ids, false)
      return reply.status(204).send(null)
    })

    app.get('/me/notification-preferences', {
      config: { access: 'session' },
      schema: {
        operationId: 'getNotificationPreferences',
        tags: ['notifications'],
        response: {
          200: Ref(NotificationPreferences),
          ...problems,
        },
      },
    }, request => notifications.preferences(signedInOf(request).userId))

    app.put('/me/notification-preferences', {
      config: { access: 'session' },
      schema: {
        operationId: 'setNotificationPreferences',
        tags: ['notifications'],
        summary: 'All of them at once',
        body: PreferencesInput,
        response: {
          200: Ref(NotificationPreferences),
          ...problems,
        },
      },
    }, request => notifications.setPreferences(signedInOf(request).userId, request.body))
  }
}
