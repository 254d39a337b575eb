import type { FeatureRoutes } from '../../router.ts'

export default {
  app: [
    {
      path: '/account',
      name: 'account',
      component: () => import('./pages/AccountPage.vue'),
      meta: { title: 'shell.account' },
    },
  ],
} satisfies FeatureRoutes
