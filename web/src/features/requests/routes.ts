import type { FeatureRoutes } from '../../router.ts'

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
