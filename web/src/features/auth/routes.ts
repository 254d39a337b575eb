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
      path: '/confirm-email',
      alias: '/undo-email-change',
      name: 'confirm-email',
      component: () => import('./pages/EmailLinkPage.vue'),
      meta: { title: 'users.email.title' },
    },
    {
      path: '/login',
      name: 'login',
      component: () => import('./pages/LoginPage.vue'),
      meta: { title: 'auth.signIn', access: 'guest' },
    },
    {
      path: '/register',
      name: 'register',
      component: () => import('./pages/RegisterPage.vue'),
      meta: { title: 'auth.register.title' },
    },
    {
      path: '/forgot-password',
      name: 'forgot-password',
      component: () => import('./pages/ForgotPasswordPage.vue'),
      meta: { title: 'users.forgot.title' },
    },
    {
      path: '/password-reset',
      name: 'password-reset',
      component: () => import('./pages/PasswordResetPage.vue'),
      meta: { title: 'users.reset.title' },
    },
  ],
} satisfies FeatureRoutes
