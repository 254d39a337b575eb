import type { LocationQuery, RouteParams } from 'vue-router'
import type { VisitorRoutes } from '../feature-routes.ts'
import { createRouter, createWebHistory, START_LOCATION } from 'vue-router'
import { beginGet } from '../api/http.ts'
import { paintBetween, recoverLoading, scrollBehavior } from '../utils/routing.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** The one GET (below `/api/v1`) that the page shows the answer of: asked for with the page when a visit begins there; the page takes it by `getBegun`. */
    shows?: (params: RouteParams, query: LocationQuery, path: string) => string
  }
}

const features = Object.values(import.meta.glob<VisitorRoutes>('../features/*/visitor-routes.ts', { eager: true, import: 'default' }))

export function createVisitorRouter() {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      {
        path: '/',
        component: () => import('../layouts/PublicLayout.vue'),
        children: [
          ...features.flat(),
          {
            path: '/:path(.*)*',
            name: 'not-found',
            component: () => import('./VisitorNotFound.vue'),
            meta: { title: 'notFound.title' },
          },
        ],
      },
    ],
    scrollBehavior,
  })

  router.beforeEach((to, from) => {
    if (from === START_LOCATION && to.meta.shows) beginGet(to.meta.shows(to.params, to.query, to.path))
  })
  paintBetween(router)
  recoverLoading(router)
  return router
}
