import type { RouteLocationRaw } from 'vue-router'

export interface Found {
  id: string
  label: string
  /** Where it lies, whose it is. */
  suffix?: string
  icon: string
  to: RouteLocationRaw
}

/** What `features/<feature>/finder.ts` exports as default: what of it the command palette finds as one types. */
export interface Finder {
  /** The key of what its things are called. */
  label: string
  /** In the order of the finders. */
  rank: number
  /**
   * @param q without spaces around it, and not empty
   * @returns as many as are asked for, and whether there are more. Whose role does not let them see any gets none.
   */
  find: (workspace: { id: string, slug: string }, q: string, options: { limit: number, signal: AbortSignal }) => Promise<{ found: Found[], hasMore: boolean }>
  /** The page that shows all that is found. */
  all?: (workspace: { slug: string }, q: string) => RouteLocationRaw
}
