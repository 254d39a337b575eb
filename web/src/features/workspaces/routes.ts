import type { FeatureRoutes } from '../../feature-routes.ts'
import { useSessionStore } from '../../stores/session.ts'
import { useUiStore } from '../../stores/ui.ts'

export default {
  app: [
    {
      path: '/',
      name: 'home',
      component: () => import('./pages/NoWorkspacePage.vue'),
      meta: { title: 'workspaces.none.title' },
      beforeEnter: () => {
        const { memberships } = useSessionStore()
        const { lastWorkspace } = useUiStore()
        const target = memberships.find(({ slug }) => slug === lastWorkspace) ?? memberships[0]
        return target && `/w/${target.slug}`
      },
    },
    {
      path: '/w/:slug',
      name: 'workspace',
      redirect: to => `/w/${to.params.slug as string}/files`,
    },
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
  ],
} satisfies FeatureRoutes
