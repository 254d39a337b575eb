import type { FactLanguage, LiveFact } from '../../facts/live-fact.ts'
import type { PurgeContext } from '../../retention-kinds.ts'
import type { RetentionKind, Span } from '../../retention/define-retention.ts'
import type { RetentionService } from './retention.service.ts'
import { defineFact, inUnits } from '../../facts/live-fact.ts'

const forEver: Record<FactLanguage, string> = {
  en: 'for ever',
  de: 'für immer',
  fr: 'pour toujours',
  es: 'para siempre',
}

/** “30 days”, “2 years”, “for ever”. */
export function spanWords(span: Span, language: FactLanguage): string {
  if (span === 'for-ever') return forEver[language]
  if ('hours' in span) return inUnits(span.hours, 'hour', language)
  return span.days % 365 === 0
    ? inUnits(span.days / 365, 'year', language)
    : inUnits(span.days, 'day', language)
}

const columns: Record<FactLanguage, readonly string[]> = {
  en: ['What', 'How long', 'From when'],
  de: ['Was', 'Wie lange', 'Ab wann'],
  fr: ['Quoi', 'Combien de temps', 'À partir de'],
  es: ['Qué', 'Cuánto tiempo', 'Desde cuándo'],
}

const tableLabel: Record<FactLanguage, string> = {
  en: 'How long each kind of data is kept',
  de: 'Wie lange welche Daten aufbewahrt werden',
  fr: 'Durée de conservation de chaque type de données',
  es: 'Cuánto tiempo se conserva cada tipo de datos',
}

/** How long each kind of data is kept: `retention.trash` within a sentence, all of them as `retention`. */
export function retentionFacts({ retention, kinds }: { retention: Pick<RetentionService, 'spans'>, kinds: readonly RetentionKind<PurgeContext>[] }): LiveFact[] {
  const known = new Map(kinds.map(kind => [kind.name, kind]))
  return [
    ...kinds.map(({ name, what }) => defineFact<Span>({
      name: `retention.${name}`,
      form: 'inline',
      read: async () => (await retention.spans()).find(({ kind }) => kind.name === name)!.span,
      words: spanWords,
      label: what,
    })),
    defineFact<{ [kind: string]: Span }>({
      name: 'retention',
      form: 'block',
      read: async () => Object.fromEntries((await retention.spans()).map(({ kind, span }) => [kind.name, span])),
      words: (spans, language) => [
        `| ${columns[language].join(' | ')} |`,
        '| --- | --- | --- |',
        // What a later version knows no more is not told of.
        ...[
          ...known.values(),
        ].filter(({ name }) => name in spans).map(({ name, what, since }) => `| ${what[language]} | ${spanWords(spans[name]!, language)} | ${since[language]} |`),
      ].join('\n'),
      label: tableLabel,
    }),
  ]
}
