import { i18n } from '../locales/index.ts'

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

/** Which way its letters run. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(tag)
    ? 'rtl'
    : 'ltr'
}

/** Whose usual script is Arabic, Hebrew, Thaana, N’Ko or Syriac. Browsers know it too (`Intl.Locale`), not all of them. */
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set([
  'ar',
  'arc',
  'ckb',
  'dv',
  'fa',
  'he',
  'ks',
  'nqo',
  'ps',
  'sd',
  'syr',
  'ug',
  'ur',
  'yi',
])
