import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/w/:slug/links',
      name: 'links',
      component: () => import('./pages/LinksPage.vue'),
      meta: { title: 'links.page' },
    },
  ],
} satisfies FeatureRoutes
