import { defineShortcuts } from '@nuxt/ui/composables'
import { computed, onScopeDispose, reactive } from 'vue'

export interface Shortcut {
  /** As Nuxt UI writes them: `meta_k` (Ctrl on other systems), `g-f` (one after the other), `delete`, `?`. */
  keys: string
  /** i18n key of what it does. */
  label: string
  /** i18n key of the heading in the overlay. */
  group: string
  /** Absent: only listed, the widget in view handles it (arrows in a list). */
  run?: () => void
  usingInput?: boolean
}

const lists = reactive(new Map<symbol, Shortcut[]>())

/** Binds shortcuts while the calling component is there, and lists them in the overlay that `?` opens. */
export function useShortcuts(shortcuts: Shortcut[]) {
  const key = Symbol('shortcuts')
  lists.set(key, shortcuts)
  onScopeDispose(() => lists.delete(key))
  defineShortcuts(Object.fromEntries(shortcuts
    .filter(shortcut => shortcut.run)
    .map(({ keys, run, usingInput = false }) => [
      keys,
      {
        handler: () => run?.(),
        usingInput,
      },
    ])))
}

/** What works right now, by heading. */
export const activeShortcuts = computed(() => Map.groupBy([
  ...lists.values(),
].flat(), shortcut => shortcut.group))
