import type { PublicInstance } from './api/generated/types.gen.ts'
import type { FeatureRoutes } from './feature-routes.ts'
import type { SessionStore } from './stores/session.ts'
import { createRouter, createWebHistory, loadRouteLocation, START_LOCATION } from 'vue-router'
import { requestJson } from './api/http.ts'
import { closeOnBack } from './composables/useBackCloses.ts'
import { useUiStore } from './stores/ui.ts'
import { paintBetween, recoverLoading, scrollBehavior, takeFrameAway } from './utils/routing.ts'
import { safeNext } from './utils/safe-next.ts'
import { isVisitorPath } from './visitor/paths.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title in the locale files. */
    title?: string
    /**
     * `session`: signed in, and a member when the address names a workspace; `operator`: an operator of the instance;
     * `guest`: only for who is not signed in; `public`: anyone, and no session is asked for.
     */
    access?: 'session' | 'operator' | 'guest' | 'public'
  }
}

const features = Object.values(import.meta.glob<FeatureRoutes>('./features/*/routes.ts', { eager: true, import: 'default' }))
const collect = (layout: keyof FeatureRoutes) => features.flatMap(feature => feature[layout] ?? [])

export function createAppRouter(session: SessionStore) {
  const ui = useUiStore()
  let position = 0
  closeOnBack({
    position: () => position,
  })
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      {
        path: '/',
        component: () => import('./layouts/AppLayout.vue'),
        meta: { access: 'session' },
        children: collect('app'),
      },
      {
        path: '/',
        component: () => import('./layouts/AuthLayout.vue'),
        meta: { access: 'public' },
        children: collect('auth'),
      },
      {
        path: '/',
        component: () => import('./layouts/PublicLayout.vue'),
        meta: { access: 'public' },
        children: [
          {
            path: '/:path(.*)*',
            name: 'not-found',
            component: () => import('./layouts/NotFoundPage.vue'),
            meta: { title: 'notFound.title' },
          },
        ],
      },
    ],
    scrollBehavior,
  })

  let setUp = false
  const needsSetUp = async () => {
    if (!setUp) setUp = !(await requestJson<{ required: boolean }>('GET', '/setup')).required
    return !setUp
  }

  /** Whether people without a session get a home page; where that cannot be known, they sign in. */
  const hasHome = async () => {
    try {
      return (await requestJson<PublicInstance>('GET', '/instance')).hasHome
    }
    catch {
      return false
    }
  }

  router.beforeEach(async (to, from) => {
    const { access } = to.meta
    // Another app of this origin: the browser goes there, the router does not.
    if (from !== START_LOCATION && isVisitorPath(to.path)) {
      location.assign(to.fullPath)
      return false
    }
    const notFound = {
      name: 'not-found',
      params: {
        path: to.path.slice(1).split('/'),
      },
      query: to.query,
      hash: to.hash,
    }
    ui.startError = null
    // The page comes while it is asked who this is. When it cannot be loaded, the router says so as it goes there.
    if (from === START_LOCATION && session.mayBeSignedIn()) void loadRouteLocation(to).catch(() => {})
    try {
      if (to.name === 'setup') return await needsSetUp() || '/'
      if (access === 'public') return
      await session.restore()
      if (!session.isSignedIn && await needsSetUp()) return { name: 'setup' }
    }
    catch (error) {
      // Nothing can be shown without knowing who asks; app.vue says so and offers another try.
      ui.startError = { error, path: to.fullPath }
      return
    }
    if (access === 'guest') {
      return session.isSignedIn
        ? safeNext(to.query.next)
        : undefined
    }
    if (!session.isSignedIn) {
      if (to.path === '/' && await hasHome()) {
        location.replace('/home')
        return false
      }
      return {
        name: 'login',
        query: to.path === '/'
          ? {}
          : { next: to.fullPath },
      }
    }
    if (session.me!.pendingPolicies.length && to.name !== 'agree') {
      return {
        name: 'agree',
        query: { next: to.fullPath },
      }
    }
    if (access === 'operator' && !session.isOperator) return notFound
    const { slug } = to.params
    const membership = session.memberships.find(membership => membership.slug === slug)
    // A client's place is not where the staff works.
    if (access === 'session' && session.clientOf.some(membership => membership.slug === slug)) return '/'
    if (access === 'session' && slug && !membership) return notFound
    const { shutsAt } = membership ?? {}
    if (access === 'operator'
      ? session.me?.lacksFactor
      : shutsAt && new Date(shutsAt) <= new Date()) {
      return {
        name: 'second-factor',
        query: { next: to.fullPath },
      }
    }
  })

  router.afterEach((to) => {
    position = Number(history.state?.position ?? 0)
    if (to.meta.access === 'session' && typeof to.params.slug === 'string') ui.lastWorkspace = to.params.slug
  })

  paintBetween(router)
  recoverLoading(router)
  takeFrameAway(router.isReady())

  return router
}
