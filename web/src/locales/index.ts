import uiEn from '@nuxt/ui/runtime/locale/en.js'
import { shallowRef } from 'vue'
import { createI18n } from 'vue-i18n'
import en from './en.ts'

/** A language's messages, one namespace a file: `locales/<locale>/<feature>.json` is reached as `<feature>.…`. */
export type Messages = Record<string, unknown>

export const locales = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
] as const

export type Locale = (typeof locales)[number]['code']

const storageKey = 'clientshare.locale'

/** What Nuxt UI itself says (“Close”, “No results”), in the same language. */
export const uiLocale = shallowRef(uiEn)

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en } as Record<string, any>,
})

const lazy: Record<Exclude<Locale, 'en'>, () => Promise<{ messages: Messages, ui: typeof uiEn }>> = {
  de: async () => {
    const [{ default: messages }, { default: ui }] = await Promise.all([import('./de.ts'), import('@nuxt/ui/runtime/locale/de.js')])
    return { messages, ui: ui as unknown as typeof uiEn }
  },
}

/** The first of the reader's languages that there is, English otherwise. */
export function pickLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split('-')[0]
    const found = locales.find(locale => locale.code === code)
    if (found) return found.code
  }
  return 'en'
}

export async function setLocale(locale: Locale) {
  if (locale === 'en') {
    uiLocale.value = uiEn
  }
  else {
    const { messages, ui } = await lazy[locale]()
    i18n.global.setLocaleMessage(locale, messages as any)
    uiLocale.value = ui
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}

/** Switches and remembers. */
export async function chooseLocale(locale: Locale) {
  await setLocale(locale)
  try {
    localStorage.setItem(storageKey, locale)
  }
  catch {
    // A browser that keeps nothing still switches.
  }
}

/** The remembered language, else the browser's. A language that cannot be loaded leaves English rather than a blank page. */
export async function restoreLocale() {
  let remembered: string | null = null
  try {
    remembered = localStorage.getItem(storageKey)
  }
  catch {
    // see chooseLocale
  }
  await setLocale(pickLocale([
    ...(remembered
      ? [remembered]
      : []),
    ...navigator.languages,
  ])).catch(() => {})
}
