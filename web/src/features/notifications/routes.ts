import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/notifications',
      name: 'notifications',
      component: () => import('./pages/NotificationsPage.vue'),
      meta: { title: 'shell.places.notifications' },
    },
  ],
} satisfies FeatureRoutes
