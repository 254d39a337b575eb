import type { FeatureRoutes } from '../../router.ts'

export default {
  auth: [
    {
      path: '/invite/:token',
      name: 'invitation',
      component: () => import('./pages/InvitationPage.vue'),
      meta: { title: 'invitations.title', access: 'public' },
    },
  ],
} satisfies FeatureRoutes
