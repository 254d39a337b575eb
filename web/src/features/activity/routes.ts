import type { FeatureRoutes } from '../../router.ts'

export default {
  app: [
    {
      path: '/w/:slug/activity',
      name: 'activity',
      component: () => import('./pages/ActivityPage.vue'),
      meta: { title: 'shell.places.activity' },
    },
  ],
} satisfies FeatureRoutes
