import type { FeatureRoutes } from '../../feature-routes.ts'

export default {
  app: [
    {
      path: '/admin/doctor',
      name: 'admin-doctor',
      component: () => import('./pages/DoctorPage.vue'),
      meta: { title: 'shell.places.doctor', access: 'operator' },
    },
  ],
} satisfies FeatureRoutes
