import type { FeatureRoutes } from '../../router.ts'

export default {
  app: [
    {
      path: '/w/:slug/members',
      name: 'members',
      component: () => import('./pages/MembersPage.vue'),
      meta: { title: 'shell.places.members' },
    },
  ],
} satisfies FeatureRoutes
