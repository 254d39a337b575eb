import type { FeatureRoutes } from '../../router.ts'

export default {
  app: [
    {
      path: '/admin',
      redirect: '/admin/workspaces',
    },
    {
      path: '/admin/workspaces',
      name: 'admin-workspaces',
      component: () => import('./pages/WorkspacesPage.vue'),
      meta: { title: 'shell.places.workspaces', access: 'operator' },
    },
    {
      path: '/admin/settings',
      name: 'admin-settings',
      component: () => import('./pages/SettingsPage.vue'),
      meta: { title: 'shell.places.settings', access: 'operator' },
    },
    {
      path: '/admin/activity',
      name: 'admin-activity',
      component: () => import('./pages/InstanceActivityPage.vue'),
      meta: { title: 'shell.places.instanceActivity', access: 'operator' },
    },
  ],
} satisfies FeatureRoutes
