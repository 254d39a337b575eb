import type { MaybeComputedElementRef } from '@vueuse/core'
import { useElementSize } from '@vueuse/core'
import { computed, onScopeDispose, reactive, watchEffect } from 'vue'

/** Heights, in pixels, of what stands at the foot of the page. */
const feet = reactive(new Map<symbol, number>())
const height = computed(() => [
  ...feet.values(),
].reduce((sum, height) => sum + height, 0))

/** Toasts leave room for this at the foot of the page (`--page-foot`). */
export function usePageFoot(element: MaybeComputedElementRef) {
  const key = Symbol('foot')
  const size = useElementSize(element, undefined, { box: 'border-box' })
  watchEffect(() => {
    feet.set(key, size.height.value)
    document.documentElement.style.setProperty('--page-foot', `${height.value}px`)
  })
  onScopeDispose(() => {
    feet.delete(key)
    document.documentElement.style.setProperty('--page-foot', `${height.value}px`)
  })
}
