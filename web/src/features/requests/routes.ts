import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/admin/requests',
      name: 'admin-requests',
      component: () => import('./pages/RequestsPage.vue'),
      meta: { title: 'shell.places.requests', access: 'operator' },
    },
  ],
} satisfies FeatureRoutes
