import type { Ref } from 'vue'
import type { Selection } from '../selection.ts'
import { computed, ref, watch } from 'vue'
import { selectAll } from '../selection.ts'

/** As many as the server takes in one request. */
export const mostSelected = 1000

export interface SelectAllOptions {
  /** Which list is in view. */
  name: Ref<string>
  order: Ref<readonly string[]>
  hasMore: Ref<boolean>
  /** Loads the next page; never throws. */
  loadMore: () => Promise<void>
  error: Ref<unknown>
  selection: Ref<Selection>
  onFailed: (error: unknown) => void
}

/** All of a list means all: what is not loaded yet is loaded first, page after page, which shows and can be stopped. */
export function useSelectAll({ name, order, hasMore, loadMore, error, selection, onFailed }: SelectAllOptions) {
  const loading = ref(false)
  let running = new AbortController()

  function stop() {
    running.abort()
    loading.value = false
  }
  // At once: a page that comes meanwhile is another list's.
  watch(name, stop, { flush: 'sync' })

  async function run() {
    stop()
    running = new AbortController()
    const { signal } = running
    loading.value = true
    while (!signal.aborted && hasMore.value && !error.value && order.value.length < mostSelected) await loadMore()
    if (signal.aborted) return
    stop()
    if (error.value) return onFailed(error.value)
    selection.value = selectAll(selection.value, order.value.slice(0, mostSelected))
  }

  return {
    run,
    stop,
    /** How many have been loaded, while they are. */
    loaded: computed(() => loading.value
      ? order.value.length
      : undefined),
    /** There are more than can be chosen at once. */
    isCut: computed(() => selection.value.ids.size >= mostSelected && (hasMore.value || order.value.length > selection.value.ids.size)),
  }
}
