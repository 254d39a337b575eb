import type { Ref, ShallowRef } from 'vue'
import type { Item } from '../../../api/generated/types.gen.ts'
import type { Selection } from '../selection.ts'
import { useEventListener } from '@vueuse/core'
import { nextTick, watch } from 'vue'
import { useRoute } from 'vue-router'
import { noSelection } from '../selection.ts'

/** How far down each list was, by the step of the tab's history that shows it. */
const scrolled = new Map<string, number>()

export interface ListPlaceOptions {
  /** Which list is in view; its steps are those of Back. */
  name: Ref<string>
  items: Ref<Item[]>
  isPending: Ref<boolean>
  /** The way to the folder in view. */
  path: Ref<{ id: string }[]>
  selection: Ref<Selection>
  grid: Readonly<ShallowRef<{ focus: () => unknown, press: (event: KeyboardEvent) => boolean, show: (id: string) => void, scrollTo: (top: number) => void } | null>>
  up: () => void
}

/**
 * Where one is in the lists that one goes through: Back leads to where one was; from anywhere else one comes to the first row, or to the
 * folder that one was in. Keys that nothing else has the focus for are the list's.
 */
export function useListPlace({ name, items, isPending, path, selection, grid, up }: ListPlaceOptions) {
  const route = useRoute()
  const stepName = () => JSON.stringify([history.state?.position, name.value])
  let arrived: { name: string, step: string } | undefined
  /** Where one was until now. */
  let from: string[] = []

  watch(path, now => now.length > 0 && arrived?.name === name.value && (from = now.map(({ id }) => id)))

  async function arrive() {
    const first = arrived === undefined
    const top = scrolled.get(stepName())
    arrived = {
      name: name.value,
      step: stepName(),
    }
    const came = items.value.find(({ id }) => from.includes(id))
    if (path.value.length > 0) from = path.value.map(({ id }) => id)
    await nextTick()
    if (!grid.value) return
    const active = came ?? (first
      ? undefined
      : items.value[0])
    if (active) selection.value = { ...noSelection, active: active.id }
    grid.value.scrollTo(top ?? 0)
    if (top === undefined && came) grid.value.show(came.id)
    // What had the focus went with the list that one left.
    if (!first && isNowhere()) void grid.value.focus()
  }

  watch(name, () => { selection.value = noSelection })
  watch(() => [name.value, isPending.value, route.fullPath] as const, ([now, pending]) => {
    if (pending) return
    if (arrived?.name !== now) return void arrive()
    // Another step of the same list.
    const top = scrolled.get(arrived.step)
    arrived.step = stepName()
    if (top !== undefined) scrolled.set(arrived.step, top)
  }, { immediate: true, flush: 'post' })

  const isNowhere = () => document.activeElement === null || document.activeElement === document.body || document.activeElement.id === 'main'
  useEventListener(document, 'keydown', (event) => {
    if (event.defaultPrevented || event.altKey || !isNowhere()) return
    if (grid.value) {
      if (!grid.value.press(event)) return
      void grid.value.focus()
    }
    else if (event.key === 'Backspace') { up() }
    else { return }
    event.preventDefault()
  })

  return {
    /** To be told how far down the list in view is. */
    onScrolled: (top: number) => {
      if (arrived?.name === name.value) scrolled.set(arrived.step, top)
    },
  }
}
