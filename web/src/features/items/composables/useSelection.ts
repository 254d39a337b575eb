import type { Ref } from 'vue'
import type { Item } from '../../../api/generated/types.gen.ts'
import type { Selection } from '../selection.ts'
import { computed, shallowRef, watch } from 'vue'
import { noSelection, reconcile } from '../selection.ts'

/** The selection of a list that changes beneath it. */
export function useSelection(items: Ref<Item[]>) {
  const selection = shallowRef<Selection>(noSelection)
  const order = computed(() => items.value.map(({ id }) => id))

  watch(order, (now, before) => {
    if (selection.value.ids.size > 0 || selection.value.active !== null) selection.value = reconcile(selection.value, now, before)
  })

  return {
    selection,
    order,
    selected: computed(() => selection.value.ids.size === 0
      ? []
      : items.value.filter(({ id }) => selection.value.ids.has(id))),
    clear: () => { selection.value = { ...noSelection, active: selection.value.active } },
  }
}
