import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { Notification, NotificationPage, NotificationPreferences, NotificationsQuery, PreferencesInput, ReadInput, UnreadInput, UnreadNotifications, UnsubscribeInput, UnsubscribeParams, Unsubscribing } from './notifications.schemas.ts'

export const notificationShapes = [
  Notification,
  NotificationPage,
  UnreadNotifications,
  NotificationPreferences,
  Unsubscribing,
]

export function notificationsRoutes({ notifications, unsubscribe }: Pick<Deps, 'notifications' | 'unsubscribe'>): FastifyPluginAsyncTypebox {
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

    app.get('/public/unsubscribe/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'showUnsubscribing',
        tags: ['notifications'],
        summary: 'What the link in a mail ends; ends nothing',
        params: UnsubscribeParams,
        response: {
          200: Ref(Unsubscribing),
          ...problems,
        },
      },
    }, request => unsubscribe.show(request.params.token))

    app.put('/public/unsubscribe/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'changeUnsubscribing',
        tags: ['notifications'],
        params: UnsubscribeParams,
        body: UnsubscribeInput,
        response: {
          200: Ref(Unsubscribing),
          ...problems,
        },
      },
    }, request => unsubscribe.set(request.caller, request.params.token, request.body.isOn))
  }
}

/** Outside the API's base, at the address that a mail names (RFC 8058): programs for mail post there, without a cookie, as a form. */
export function unsubscribeRoutes({ unsubscribe }: Pick<Deps, 'unsubscribe'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    // What it says is always the same, and asks for nothing else than this address does.
    app.addContentTypeParser(['application/x-www-form-urlencoded', 'multipart/form-data'], { parseAs: 'buffer', bodyLimit: 4096 }, async () => undefined)
    app.post('/unsubscribe/:token', {
      config: { access: 'public' },
      schema: {
        hide: true,
        params: UnsubscribeParams,
        response: {
          200: Ref(Unsubscribing),
          ...problems,
        },
      },
    }, request => unsubscribe.set(request.caller, request.params.token, false))
  }
}
