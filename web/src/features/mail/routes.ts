import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/admin/mail',
      name: 'admin-mail',
      component: () => import('./pages/MailPage.vue'),
      meta: { title: 'shell.places.mail', access: 'operator' },
    },
  ],
} satisfies FeatureRoutes
