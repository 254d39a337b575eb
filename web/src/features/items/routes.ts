import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/w/:slug/files/:folderId?',
      name: 'files',
      component: () => import('./pages/FilesPage.vue'),
      meta: { title: 'shell.places.files' },
    },
    {
      path: '/w/:slug/items/:itemId/activity',
      name: 'files-activity',
      component: () => import('./pages/ItemActivityPage.vue'),
      meta: { title: 'items.activity' },
    },
    {
      path: '/w/:slug/trash',
      name: 'trash',
      component: () => import('./pages/TrashPage.vue'),
      meta: { title: 'shell.places.trash' },
    },
  ],
} satisfies FeatureRoutes
