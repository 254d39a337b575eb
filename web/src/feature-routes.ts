import type { RouteRecordRaw } from 'vue-router'

/** What `features/<feature>/routes.ts` exports as default: absolute paths, by the layout they stand in. */
export interface FeatureRoutes {
  /** Staff and operators; `session` unless said otherwise. */
  app?: RouteRecordRaw[]
  /** Sign-in, set-up, invitations: one card. */
  auth?: RouteRecordRaw[]
}

/** What `features/<feature>/visitor-routes.ts` exports as default: absolute paths that `isVisitorPath` knows. */
export type VisitorRoutes = RouteRecordRaw[]
