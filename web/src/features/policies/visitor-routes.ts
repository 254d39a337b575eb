import type { RouteMeta } from 'vue-router'
import type { VisitorRoutes } from '../../feature-routes.ts'
import { policyPath, wantedLanguage } from './visitor/policy-path.ts'

const meta: RouteMeta = {
  title: 'visitor.policies.title',
  shows: ({ slug, workspaceSlug, number }, query) => policyPath({
    slug: String(slug),
    workspaceSlug: workspaceSlug as string | undefined,
    number: number as string | undefined,
  }, wantedLanguage(query)),
}

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
    meta,
  },
  {
    path: '/policies/:slug/versions/:number(\\d+)',
    name: 'policy-version',
    component: () => import('./visitor/pages/PolicyPage.vue'),
    meta,
  },
  {
    path: '/policies/w/:workspaceSlug/:slug',
    name: 'workspace-policy',
    component: () => import('./visitor/pages/PolicyPage.vue'),
    meta,
  },
  {
    path: '/policies/w/:workspaceSlug/:slug/versions/:number(\\d+)',
    name: 'workspace-policy-version',
    component: () => import('./visitor/pages/PolicyPage.vue'),
    meta,
  },
] satisfies VisitorRoutes
