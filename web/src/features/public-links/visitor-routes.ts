import type { VisitorRoutes } from '../../feature-routes.ts'

export default [
  {
    path: '/s/:token',
    name: 'public-link',
    component: () => import('./pages/LinkPage.vue'),
    meta: { title: 'visitor.publicLinks.title' },
  },
] satisfies VisitorRoutes
