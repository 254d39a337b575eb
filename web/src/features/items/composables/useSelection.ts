import type { Ref } from 'vue'
import type { SelectedItem } from '../../../api/generated/types.gen.ts'
import type { ItemListQuery } from '../item-queries.ts'
import type { Selection } from '../selection.ts'
import { useQuery, useQueryCache } from '@pinia/colada'
import { computed, shallowRef, watch } from 'vue'
import { selectionQuery } from '../item-queries.ts'
import { noSelection, reconcile, selectAll, without } from '../selection.ts'

export interface SelectionOptions {
  /** The list in view. */
  query: () => ItemListQuery
  /** Which list it is, however it is sorted. */
  name: Ref<string>
  /** What of it is loaded. */
  items: Ref<SelectedItem[]>
  hasMore: Ref<boolean>
  onFailed: (error: unknown) => void
}

/**
 * What is chosen in a list that is loaded page by page and changes beneath it. All of it means all: what that is, one request says, and says
 * again whenever the list changes, as long as something is chosen that is not loaded.
 */
export function useSelection({ query, name, items, hasMore, onFailed }: SelectionOptions) {
  const cache = useQueryCache()
  const selection = shallowRef<Selection>(noSelection)
  const order = computed(() => items.value.map(({ id }) => id))
  const asked = shallowRef<ItemListQuery & { nth: number }>()
  const isSelecting = shallowRef(false)
  const answer = useQuery(() => selectionQuery(asked.value))
  const all = computed(() => asked.value && answer.data.value)
  /** What can be chosen, in the list's order; of what is loaded as well, the list has the latest. */
  const known = computed(() => new Map([
    ...all.value?.items ?? [],
    ...items.value,
  ].map(item => [item.id, item])))
  let count = 0

  function stop() {
    if (isSelecting.value) cache.cancelQueries({ key: selectionQuery(asked.value).key })
    isSelecting.value = false
    asked.value = undefined
  }
  // At once: an answer that comes meanwhile is another list's.
  watch(name, stop, { flush: 'sync' })

  function run() {
    stop()
    if (hasMore.value) {
      isSelecting.value = true
      asked.value = {
        ...query(),
        nth: ++count,
      }
    }
    else { selection.value = selectAll(selection.value, order.value) }
  }

  watch(answer.state, ({ status, data, error }) => {
    if (!isSelecting.value || status === 'pending') return
    isSelecting.value = false
    if (data) {
      selection.value = selectAll(selection.value, data.items.map(({ id }) => id))
    }
    else {
      stop()
      onFailed(error)
    }
  })
  watch([order, known], ([now, there], [before]) => {
    if (selection.value.ids.size > 0 || selection.value.active !== null) selection.value = reconcile(selection.value, now, before, there)
  })
  // What is loaded, the list itself keeps true.
  watch(selection, ({ ids }) => {
    const loaded = new Set(order.value)
    if (asked.value && !isSelecting.value && [...ids].every(id => loaded.has(id))) stop()
  })

  const itemsOf = (ids: ReadonlySet<string>) => [
    ...known.value.values(),
  ].filter(({ id }) => ids.has(id))

  return {
    selection,
    order,
    /** What is known of these, loaded or not, in the list's order. */
    itemsOf,
    selected: computed(() => selection.value.ids.size === 0
      ? []
      : itemsOf(selection.value.ids)),
    run,
    stop,
    /** All of it is being asked for. */
    isSelecting,
    isAll: computed(() => selection.value.ids.size > 0 && selection.value.ids.size >= (all.value?.total ?? (hasMore.value
      ? Infinity
      : order.value.length))),
    /** How many the list has, where that is more than can be chosen at once. */
    total: computed(() => all.value && all.value.total > all.value.items.length
      ? all.value.total
      : undefined),
    drop: (ids: ReadonlySet<string>) => { selection.value = without(selection.value, ids) },
    clear: () => { selection.value = { ...noSelection, active: selection.value.active } },
  }
}
