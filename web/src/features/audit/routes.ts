import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/w/:slug/activity',
      name: 'activity',
      component: () => import('./pages/ActivityPage.vue'),
      meta: { title: 'shell.places.activity' },
    },
    {
      path: '/admin/activity',
      name: 'admin-activity',
      component: () => import('./pages/InstanceActivityPage.vue'),
      meta: { title: 'shell.places.instanceActivity', access: 'operator' },
    },
  ],
} satisfies FeatureRoutes
