import type { Config } from '../../config/config.ts'
import type { FactLanguage } from '../../facts/live-fact.ts'
import type { Starter, Starters } from './policies.placeholders.ts'
import type { PolicyKind } from './policies.schemas.ts'
import { germanStarters } from './policies.starter.de.ts'
import { englishStarters } from './policies.starter.en.ts'
import { spanishStarters } from './policies.starter.es.ts'
import { frenchStarters } from './policies.starter.fr.ts'

/** A language is two files beside `policies.starter.en.ts` and a line here; it says the same as the others, section by section. */
const starters: Record<FactLanguage, Starters> = {
  en: englishStarters,
  de: germanStarters,
  fr: frenchStarters,
  es: spanishStarters,
}

export function starterText(kind: PolicyKind, mode: Config['deployment'], language: FactLanguage): Starter {
  return starters[language][kind](mode)
}
