import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/admin/announcements',
      name: 'admin-announcements',
      component: () => import('./pages/AnnouncementsPage.vue'),
      meta: { title: 'shell.places.announcements', access: 'operator' },
    },
    {
      path: '/admin/announcements/:announcementId',
      name: 'admin-announcements-edit',
      component: () => import('./pages/AnnouncementPage.vue'),
      meta: { title: 'shell.places.announcements', access: 'operator' },
    },
  ],
} satisfies FeatureRoutes
