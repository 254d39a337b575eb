import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/admin/policies',
      name: 'admin-policies',
      component: () => import('./pages/PoliciesPage.vue'),
      meta: { title: 'shell.places.policies', access: 'operator' },
    },
    {
      path: '/admin/policies/questions',
      name: 'admin-policies-questions',
      component: () => import('./pages/PolicyQuestionsPage.vue'),
      meta: { title: 'policies.questions.title', access: 'operator' },
    },
    {
      path: '/admin/policies/:policyId',
      name: 'admin-policies-edit',
      component: () => import('./pages/PolicyEditorPage.vue'),
      meta: { title: 'shell.places.policies', access: 'operator' },
    },
    {
      path: '/w/:slug/members/policies',
      name: 'workspace-policies',
      component: () => import('./pages/WorkspacePoliciesPage.vue'),
      meta: { title: 'shell.places.policies' },
    },
    {
      path: '/w/:slug/members/policies/:policyId',
      name: 'workspace-policies-edit',
      component: () => import('./pages/PolicyEditorPage.vue'),
      meta: { title: 'shell.places.policies' },
    },
  ],
} satisfies FeatureRoutes
