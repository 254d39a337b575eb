import type { PublicInstance } from '../api/generated/types.gen.ts'
import { nextTick, watch } from 'vue'
import { useRoute } from 'vue-router'
import { isCountedPath } from './paths.ts'

/** Tells of each visit of a page for everybody, where the operator has somebody who counts. A visit that began on another page is not counted: that one may tell nobody. */
export function useVisitCount(instance: () => PublicInstance | undefined): void {
  const route = useRoute()
  if (!isCountedPath(location.pathname)) return
  let isFirst = true
  watch(() => [instance()?.analytics, route.matched.length > 0 && route.path] as const, async ([analytics, path]) => {
    if (!analytics || !path || !isCountedPath(path)) return
    const { tellOf, visitOf } = await import('./visit-count.ts')
    await nextTick()
    tellOf(analytics, visitOf(document, path, isFirst))
    isFirst = false
  }, { immediate: true })
}
