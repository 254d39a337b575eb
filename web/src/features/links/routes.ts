import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/w/:slug/links',
      name: 'links',
      component: () => import('./pages/LinksPage.vue'),
      meta: { title: 'links.page' },
    },
    {
      path: '/w/:slug/links/:linkId',
      name: 'links-link',
      component: () => import('./pages/LinkPage.vue'),
      meta: { title: 'links.one' },
    },
  ],
} satisfies FeatureRoutes
