import type { Ref } from 'vue'
import type { Selection } from '../selection.ts'
import { useShortcuts } from '../../../composables/useShortcuts.ts'
import { move, noSelection, toggle } from '../selection.ts'

export interface ListKeysOptions {
  selection: Ref<Selection>
  order: () => readonly string[]
  /** Rows that a page key goes. */
  pageSize: () => number
  open: (id: string) => void
  rename: () => void
  trash: () => void
  all: () => void
  /** All of it is being asked for. */
  isSelecting: () => boolean
  stop: () => void
  up: () => void
  /** Brings a row into sight. */
  show: (id: string) => void
}

/** The keys of the list of files; the overlay that `?` opens names them. */
export function useListKeys({ selection, order, pageSize, open, rename, trash, all, isSelecting, stop, up, show }: ListKeysOptions) {
  useShortcuts([
    { keys: 'arrowup-arrowdown', label: 'items.keys.move', group: 'items.keys.title' },
    { keys: 'shift_arrowdown', label: 'items.keys.extend', group: 'items.keys.title' },
    { keys: 'space', label: 'items.keys.toggle', group: 'items.keys.title' },
    { keys: 'ctrl_a', label: 'items.keys.all', group: 'items.keys.title' },
    { keys: 'enter', label: 'items.keys.open', group: 'items.keys.title' },
    { keys: 'backspace', label: 'items.keys.up', group: 'items.keys.title' },
    { keys: 'f2', label: 'items.keys.rename', group: 'items.keys.title' },
    { keys: 'delete', label: 'items.keys.delete', group: 'items.keys.title' },
    { keys: 'escape', label: 'items.keys.clear', group: 'items.keys.title' },
  ])

  const steps: Record<string, () => number> = {
    ArrowDown: () => 1,
    ArrowUp: () => -1,
    PageDown: pageSize,
    PageUp: () => -pageSize(),
    Home: () => -order().length,
    End: () => order().length,
  }

  /** @returns whether the key was one of ours */
  function press(event: KeyboardEvent): boolean {
    const { key, shiftKey, ctrlKey, metaKey } = event
    const step = steps[key]
    if (step) {
      const next = move(selection.value, order(), step(), { shift: shiftKey, only: ctrlKey || metaKey })
      selection.value = next
      // Not `selection.value`: a component's model has the new value only after its parent has rendered.
      if (next.active !== null) show(next.active)
      return true
    }
    if ((ctrlKey || metaKey) && key.toLowerCase() === 'a') {
      all()
      return true
    }
    if (ctrlKey || metaKey) return false
    const { active } = selection.value
    if (key === ' ' && active !== null) selection.value = toggle(selection.value, active)
    else if (key === 'Enter' && active !== null) open(active)
    else if (key === 'Backspace') up()
    else if (key === 'F2') rename()
    else if (key === 'Delete') trash()
    else if (key === 'Escape' && isSelecting()) stop()
    else if (key === 'Escape' && selection.value.ids.size > 0) selection.value = { ...noSelection, active }
    else return false
    return true
  }

  return {
    onKeydown(event: KeyboardEvent) {
      // Keys in a header button or a row's button are theirs.
      if (event.target !== event.currentTarget && ['Enter', ' '].includes(event.key)) return
      if (press(event)) event.preventDefault()
    },
    press,
  }
}
