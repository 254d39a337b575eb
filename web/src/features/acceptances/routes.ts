import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  auth: [
    {
      path: '/agree',
      name: 'agree',
      component: () => import('./pages/AgreePage.vue'),
      meta: { title: 'acceptances.title', access: 'session' },
    },
  ],
} satisfies FeatureRoutes
