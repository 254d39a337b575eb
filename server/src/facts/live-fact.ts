/** In which what the server knows of itself is said. A text in another language shows these parts in English. */
export const factLanguages = [
  'en',
  'de',
  'fr',
  'es',
] as const
export type FactLanguage = typeof factLanguages[number]

/** The first of these that facts are said in; English when none is. */
export const factLanguageOf = (...wanted: (string | null | undefined)[]): FactLanguage =>
  wanted.flatMap(each => factLanguages.filter(language => language === each?.slice(0, 2)))[0] ?? 'en'

/** What can be kept with a text, and compared with what holds later. */
export type FactValue = string | number | boolean | null | readonly FactValue[] | { readonly [name: string]: FactValue }

/**
 * Something true of this deployment that a policy text names instead of saying it: `{{name}}` within a sentence, or `::name` as a line of
 * its own. It is read from where the server itself reads it.
 */
export interface LiveFact<Value extends FactValue = FactValue> {
  /** Lower case, dotted: `retention.trash`, `cookies`. */
  name: string
  form: 'inline' | 'block'
  /** As it holds now; null while nobody has said it. */
  read: () => Promise<Value | null>
  /** As Markdown: inline without line breaks, a block of whole lines. */
  words: (value: Value, language: FactLanguage) => string
  /** As a line of its own, of one that stands within sentences too. */
  blockWords?: (value: Value, language: FactLanguage) => string
  /** What is to be said, and where, while it is null. */
  missing?: Record<FactLanguage, string>
  /** What an operator finds it by in the editor. */
  label: Record<FactLanguage, string>
}

/** As lists of facts of many kinds hold it. */
export const defineFact = <Value extends FactValue>(fact: LiveFact<Value>): LiveFact => fact as unknown as LiveFact

/** “30 days”, “1 jour”: as the language says so many of a unit. */
export const inUnits = (count: number, unit: 'minute' | 'hour' | 'day' | 'year', language: FactLanguage): string =>
  new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count)

/** What somebody wrote, as Markdown that shows it literally, on one line. */
export const literally = (text: string): string =>
  text.split(/\r?\n/).map(part => part.trim()).filter(Boolean).join(', ').replaceAll(/[\\`*_[\]<>#|~]/g, '\\$&')
