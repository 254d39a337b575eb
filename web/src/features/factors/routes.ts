import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/account/second-factor',
      name: 'second-factor',
      component: () => import('./pages/RequiredFactorPage.vue'),
      meta: { title: 'factors.title' },
    },
  ],
} satisfies FeatureRoutes
