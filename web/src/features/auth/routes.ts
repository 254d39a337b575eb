import type { FeatureRoutes } from '../../router.ts'

export default {
  auth: [
    {
      path: '/login',
      name: 'login',
      component: () => import('./pages/LoginPage.vue'),
      meta: { title: 'auth.signIn', access: 'guest' },
    },
  ],
} satisfies FeatureRoutes
