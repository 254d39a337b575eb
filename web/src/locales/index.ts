import { createI18n } from 'vue-i18n'
import { setProblemWords } from '../api/problem.ts'
import { keep, recall } from '../utils/browser-storage.ts'

/** A language's messages: `features/<name>/locales/<locale>.json` is reached as `<name>.…`, its `visitor.<locale>.json` as `visitor.<name>.…`. */
export type Messages = Record<string, unknown>

export const locales = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
] as const

export type Locale = (typeof locales)[number]['code']

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: {} as Record<string, any>,
})

/** How an app gets the messages of the other languages. */
export type LazyMessages = Record<Exclude<Locale, 'en'>, () => Promise<Messages>>

let lazy: LazyMessages

/** The first of the reader's languages that there is, English otherwise. */
export function pickLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split('-')[0]
    const found = locales.find(locale => locale.code === code)
    if (found) return found.code
  }
  return 'en'
}

/** The language that the reader has chosen here, where their browser would have got another: what the server is to be asked for. */
export const chosenLanguage = (): string | undefined => i18n.global.locale.value === pickLocale(navigator.languages)
  ? undefined
  : i18n.global.locale.value

/** The reader's own variety of a language, for dates and numbers: `en` is `en-GB` to a browser set so. */
export const regionOf = (locale: string): string => navigator.languages.find(tag => tag.split('-')[0] === locale) ?? locale

export async function setLocale(locale: Locale) {
  if (locale !== 'en') i18n.global.setLocaleMessage(locale, await lazy[locale]() as any)
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}

/** Switches and remembers. */
export async function chooseLocale(locale: Locale) {
  await setLocale(locale)
  keep('clientshare.locale', locale)
}

/** The words for what the server says no with come when it first does; those for what no server says are always there (`failures`). */
async function loadProblemWords(): Promise<void> {
  const { default: problems } = await import('./en/problems.json')
  i18n.global.mergeLocaleMessage('en', { problems })
}

/**
 * At the start of an app: takes its messages and picks the remembered language, else the browser's. A language that cannot be loaded
 * leaves English rather than a blank page.
 */
export async function startLocale(en: Messages, others: LazyMessages) {
  i18n.global.mergeLocaleMessage('en', en as any)
  setProblemWords(loadProblemWords)
  lazy = others
  const remembered = recall('clientshare.locale')
  await setLocale(pickLocale([
    ...(remembered
      ? [remembered]
      : []),
    ...navigator.languages,
  ])).catch(() => {})
}

/** What a language is called in the reader's own: “Deutsch”, “German”. @param inItself by those who speak it */
export function nameOfLanguage(tag: string, { inItself = false } = {}): string {
  try {
    return new Intl.DisplayNames([
      inItself ? tag : i18n.global.locale.value,
      'en',
    ], { type: 'language' }).of(tag) ?? tag
  }
  catch {
    return tag
  }
}

/** Which way the letters of its usual script run. Browsers know it too (`Intl.Locale`), not all of them. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return /^(?:ar|arc|ckb|dv|fa|he|ks|nqo|ps|sd|syr|ug|ur|yi)$/.test(tag)
    ? 'rtl'
    : 'ltr'
}
