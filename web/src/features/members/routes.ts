import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/w/:slug/members',
      name: 'members',
      component: () => import('./pages/MembersPage.vue'),
      meta: { title: 'shell.places.members' },
    },
  ],
  auth: [
    {
      path: '/invite/:token',
      name: 'invitation',
      component: () => import('./pages/InvitationPage.vue'),
      meta: { title: 'members.join.title', access: 'public' },
    },
  ],
} satisfies FeatureRoutes
