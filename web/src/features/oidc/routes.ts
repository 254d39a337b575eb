import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      // A part of the settings, which stay marked as the place where one is.
      path: '/admin/settings/sign-in',
      name: 'admin-settings-sign-in',
      component: () => import('./pages/ProvidersPage.vue'),
      meta: { title: 'shell.places.settings', access: 'operator' },
    },
    {
      path: '/w/:slug/members/sign-in',
      name: 'workspace-sign-in',
      component: () => import('./pages/ProvidersPage.vue'),
      meta: { title: 'shell.places.members' },
    },
  ],
  auth: [
    {
      path: '/signed-in',
      name: 'signed-in',
      component: () => import('./pages/SignedInPage.vue'),
      meta: { title: 'auth.signIn' },
    },
  ],
} satisfies FeatureRoutes
