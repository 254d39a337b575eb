import type { FeatureRoutes } from '../../router.ts'

export default {
  auth: [
    {
      path: '/setup',
      name: 'setup',
      component: () => import('./pages/SetupPage.vue'),
      meta: { title: 'setup.title' },
    },
  ],
} satisfies FeatureRoutes
