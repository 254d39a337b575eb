import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/account/tokens',
      name: 'account-tokens',
      component: () => import('./pages/TokensPage.vue'),
      meta: { title: 'tokens.title' },
    },
  ],
} satisfies FeatureRoutes
