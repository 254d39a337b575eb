import type { VisitorRoutes } from '../../feature-routes.ts'

export default [
  {
    path: '/policies',
    name: 'policies',
    component: () => import('./pages/PublishedPoliciesPage.vue'),
    meta: { title: 'visitor.policies.title' },
  },
  {
    path: '/policies/:slug',
    name: 'policy',
    component: () => import('./pages/PolicyPage.vue'),
    meta: { title: 'visitor.policies.title' },
  },
  {
    path: '/policies/:slug/versions/:number(\\d+)',
    name: 'policy-version',
    component: () => import('./pages/PolicyPage.vue'),
    meta: { title: 'visitor.policies.title' },
  },
] satisfies VisitorRoutes
