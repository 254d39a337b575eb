import type { VisitorRoutes } from '../../feature-routes.ts'
import { linkPath } from './composables/use-public-link.ts'
import LinkPage from './pages/LinkPage.vue'

export default [
  {
    path: '/s/:token',
    name: 'public-link',
    // Most visitors come for this page: it comes with the app, not after it.
    component: LinkPage,
    meta: {
      title: 'visitor.publicLinks.title',
      shows: ({ token }) => linkPath(String(token)),
    },
  },
] satisfies VisitorRoutes
