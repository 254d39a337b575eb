import type { VisitorRoutes } from '../../visitor/router.ts'

export default [
  {
    path: '/policies',
    name: 'policies',
    component: () => import('./pages/PoliciesPage.vue'),
    meta: { title: 'publicPolicies.title' },
  },
  {
    path: '/policies/:slug',
    name: 'policy',
    component: () => import('./pages/PolicyPage.vue'),
    meta: { title: 'publicPolicies.title' },
  },
  {
    path: '/policies/:slug/versions/:number(\\d+)',
    name: 'policy-version',
    component: () => import('./pages/PolicyPage.vue'),
    meta: { title: 'publicPolicies.title' },
  },
] satisfies VisitorRoutes
