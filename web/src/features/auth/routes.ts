import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/account',
      name: 'account',
      component: () => import('./pages/AccountPage.vue'),
      meta: { title: 'shell.account' },
    },
  ],
  auth: [
    {
      path: '/login',
      name: 'login',
      component: () => import('./pages/LoginPage.vue'),
      meta: { title: 'auth.signIn', access: 'guest' },
    },
  ],
} satisfies FeatureRoutes
