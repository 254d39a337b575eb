import uiEn from '@nuxt/ui/runtime/locale/en.js'
import { computed, shallowRef } from 'vue'
import { i18n } from './index.ts'

const loaded = shallowRef<Record<string, typeof uiEn>>({ en: uiEn })

/** What Nuxt UI itself says (“Close”, “No results”), in the reader's language. */
export const uiLocale = computed(() => loaded.value[i18n.global.locale.value] ?? uiEn)

/** Loads the staff's messages of a language together with Nuxt UI's. */
export async function loadGerman() {
  const [{ default: messages }, { default: ui }] = await Promise.all([import('./de.ts'), import('@nuxt/ui/runtime/locale/de.js')])
  loaded.value = { ...loaded.value, de: ui as unknown as typeof uiEn }
  return messages
}
