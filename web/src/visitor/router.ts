import type { VisitorRoutes } from '../feature-routes.ts'
import { createRouter, createWebHistory } from 'vue-router'
import { recoverLoading, scrollBehavior } from '../utils/routing.ts'

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

  recoverLoading(router)
  return router
}
