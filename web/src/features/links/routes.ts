import type { FeatureRoutes } from '../../router.ts'

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
