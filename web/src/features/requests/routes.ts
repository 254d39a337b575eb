import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/admin/requests/:requestId?',
      name: 'admin-requests',
      component: () => import('./pages/RequestsPage.vue'),
      meta: { title: 'shell.places.requests', access: 'operator' },
    },
    {
      path: '/admin/home-page',
      name: 'admin-settings-home',
      component: () => import('./pages/PublicFacePage.vue'),
      meta: { title: 'requests.face.title', access: 'operator' },
    },
  ],
} satisfies FeatureRoutes
