import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/admin/people',
      name: 'admin-people',
      component: () => import('./pages/PeoplePage.vue'),
      meta: { title: 'shell.places.people', access: 'operator' },
    },
  ],
} satisfies FeatureRoutes
