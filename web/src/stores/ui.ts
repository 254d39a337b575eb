import type { CommandPaletteItem } from '@nuxt/ui'
import { defineStore } from 'pinia'
import { computed, reactive, ref } from 'vue'
import { useKept } from '../composables/useKept.ts'

export interface CommandGroup {
  id: string
  label: string
  items: CommandPaletteItem[]
}

/** The state of the interface that is nobody else's: what is folded, what is open, what the shell offers for the page in view. */
export const useUiStore = defineStore('ui', () => {
  const groups = reactive(new Map<symbol, () => CommandGroup>())

  return {
    sidebarCollapsed: useKept('clientshare.sidebar.collapsed', false),
    /** The workspace that `/` leads to. */
    lastWorkspace: useKept<string | null>('clientshare.workspace', null),
    /** The server could not be asked who this is; nothing else can be shown. */
    startError: ref<{ error: unknown, path: string } | null>(null),
    drawerOpen: ref(false),
    paletteOpen: ref(false),
    shortcutsOpen: ref(false),
    commandGroups: computed(() => [
      ...groups.values(),
    ].map(group => group())),
    addCommands: (key: symbol, group: () => CommandGroup) => groups.set(key, group),
    removeCommands: (key: symbol) => groups.delete(key),
  }
})
