import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/notifications',
      name: 'notifications',
      component: () => import('./pages/NotificationsPage.vue'),
      meta: { title: 'shell.places.notifications' },
    },
    {
      path: '/notifications/preferences',
      name: 'notification-preferences',
      component: () => import('./pages/NotificationPreferencesPage.vue'),
      meta: { title: 'shell.places.notifications' },
    },
  ],
  auth: [
    {
      path: '/unsubscribe/:token',
      name: 'unsubscribe',
      component: () => import('./pages/UnsubscribePage.vue'),
      meta: { title: 'shell.places.notifications' },
    },
  ],
} satisfies FeatureRoutes
