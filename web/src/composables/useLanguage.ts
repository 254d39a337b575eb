import type { Me } from '../api/generated/types.gen.ts'
import type { Locale } from '../locales/index.ts'
import { watch } from 'vue'
import { requestJson } from '../api/http.ts'
import { chooseLocale, i18n, locales } from '../locales/index.ts'
import { useSessionStore } from '../stores/session.ts'
import { useNotify } from './useNotify.ts'

/** Switches the language here, and in the person's account for every other browser. */
export function useLanguage() {
  const session = useSessionStore()
  return async (locale: Locale): Promise<void> => {
    await chooseLocale(locale)
    if (session.me && session.me.locale !== locale) session.me = await requestJson<Me>('PATCH', '/me', { locale })
  }
}

/** Called once, by the staff's layout: the account's language is the page's. */
export function useAccountLanguage() {
  const session = useSessionStore()
  const notify = useNotify()
  watch(() => session.me?.locale, (wanted) => {
    const known = locales.find(({ code }) => code === wanted)
    if (known && known.code !== i18n.global.locale.value) void chooseLocale(known.code).catch(notify.failed)
  }, { immediate: true })
}
