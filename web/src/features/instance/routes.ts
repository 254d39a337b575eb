import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/admin/settings',
      name: 'admin-settings',
      component: () => import('./pages/SettingsPage.vue'),
      meta: { title: 'shell.places.settings', access: 'operator' },
    },
  ],
  auth: [
    {
      path: '/setup',
      name: 'setup',
      component: () => import('./pages/SetupPage.vue'),
      meta: { title: 'instance.setup.title' },
    },
  ],
} satisfies FeatureRoutes
