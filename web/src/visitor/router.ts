import type { RouteRecordRaw } from 'vue-router'
import { createRouter, createWebHistory } from 'vue-router'
import { reloadForNewRelease } from '../utils/reload-for-new-release.ts'

/** What `features/<feature>/visitor-routes.ts` exports as default: absolute paths that `isVisitorPath` knows. */
export type VisitorRoutes = RouteRecordRaw[]

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
    scrollBehavior(to, from, saved) {
      if (saved) return saved
      if (to.hash) return { el: to.hash }
      return to.path === from.path
        ? undefined
        : { top: 0 }
    },
  })

  router.onError((error, to) => {
    if (/dynamically imported module|importing a module script/i.test(String(error?.message))) reloadForNewRelease(to.fullPath)
  })
  return router
}
