import type { VisitorRoutes } from '../../feature-routes.ts'

export default [
  {
    path: '/home',
    name: 'home',
    component: () => import('./visitor/pages/HomePage.vue'),
    meta: {
      title: 'visitor.requests.home.title',
      shows: () => '/public/face',
    },
  },
  {
    path: '/contact',
    name: 'contact',
    component: () => import('./visitor/pages/ContactPage.vue'),
    meta: { title: 'visitor.requests.form.title' },
  },
  {
    path: '/requests',
    name: 'sent-request',
    component: () => import('./visitor/pages/SentRequestPage.vue'),
    meta: { title: 'visitor.requests.sent.title' },
  },
] satisfies VisitorRoutes
