import type { VisitorRoutes } from '../../feature-routes.ts'

export default [
  {
    path: '/policies',
    name: 'policies',
    component: () => import('./visitor/pages/PoliciesPage.vue'),
    meta: { title: 'visitor.policies.title' },
  },
  {
    path: '/policies/:slug',
    name: 'policy',
    component: () => import('./visitor/pages/PolicyPage.vue'),
    meta: { title: 'visitor.policies.title' },
  },
  {
    path: '/policies/:slug/versions/:number(\\d+)',
    name: 'policy-version',
    component: () => import('./visitor/pages/PolicyPage.vue'),
    meta: { title: 'visitor.policies.title' },
  },
] satisfies VisitorRoutes
