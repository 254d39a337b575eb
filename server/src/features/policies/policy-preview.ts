import type { FactLanguage, LiveFact } from '../../facts/live-fact.ts'
import { placeholder } from './policies.placeholders.ts'

const DIRECTIVE = /\{\{([a-z][a-z0-9.-]*)\}\}|^::([a-z][a-z0-9.-]*)$/gm

/** The directives of a text, by the names of their facts, in their order. */
export const directivesIn = (markdown: string): string[] =>
  [
    ...markdown.matchAll(DIRECTIVE),
  ].map(([, inline, block]) => inline ?? block!)

/** A text as it would read now: each fact that there is in the place of its directive, and what is to be said where nobody has said it. */
export async function previewOf(markdown: string, facts: ReadonlyMap<string, LiveFact>, language: FactLanguage): Promise<string> {
  const words = new Map<string, string>()
  for (const name of new Set(directivesIn(markdown))) {
    const fact = facts.get(name)
    if (!fact) continue
    const value = await fact.read()
    words.set(name, value === null
      ? placeholder(fact.missing?.[language] ?? fact.label[language])
      : fact.words(value, language))
  }
  return markdown.replaceAll(DIRECTIVE, (directive, inline?: string, block?: string) => words.get(inline ?? block!) ?? directive)
}
