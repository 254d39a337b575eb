import type { CommandGroup } from '../stores/ui.ts'
import { onScopeDispose } from 'vue'
import { useUiStore } from '../stores/ui.ts'

/** Adds a page's own actions to the command palette for as long as it is in view. */
export function useCommands(group: () => CommandGroup) {
  const ui = useUiStore()
  const key = Symbol('commands')
  ui.addCommands(key, group)
  onScopeDispose(() => ui.removeCommands(key))
}
