import { createSharedComposable, useColorMode } from '@vueuse/core'
import { computed } from 'vue'
import { storageKey } from '../utils/browser-storage.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export const themeIcons = { system: 'i-lucide-monitor', light: 'i-lucide-sun', dark: 'i-lucide-moon' } satisfies Record<Theme, string>

/** Light, dark or as the system has it; remembered, and set before the first paint by `public/first-paint.js`. */
export const useTheme = createSharedComposable(() => {
  const { store } = useColorMode({
    storageKey: storageKey('vueuse-color-scheme'),
  })
  return computed<Theme>({
    get: () => store.value === 'auto'
      ? 'system'
      : store.value,
    set: (theme) => {
      store.value = theme === 'system'
        ? 'auto'
        : theme
    },
  })
})
