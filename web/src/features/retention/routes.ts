import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/admin/retention',
      name: 'admin-retention',
      component: () => import('./pages/RetentionPage.vue'),
      meta: { title: 'shell.places.retention', access: 'operator' },
    },
  ],
} satisfies FeatureRoutes
