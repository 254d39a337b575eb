import type { FactLanguage, LiveFact } from '../../facts/live-fact.ts'
import type { DataCategory, DataRule, PersonalData } from '../../personal-data/define-personal-data.ts'
import type { Span } from '../../retention/define-retention.ts'
import type { RetentionService } from './retention.service.ts'
import { defineFact } from '../../facts/live-fact.ts'
import { dataCategories } from '../../personal-data/define-personal-data.ts'
import { spanWords } from './retention.facts.ts'

interface Said { columns: readonly string[], categories: Record<DataCategory, string>, rules: Record<DataRule, string>, after: (span: string, since: string) => string }

const said: Record<FactLanguage, Said> = {
  en: {
    columns: ['Which data', 'Why', 'How long'],
    categories: {
      account: 'Contact and account',
      files: 'Workspaces, files and links',
      technical: 'Technical data',
      messages: 'Messages and requests',
    },
    rules: {
      account: 'As long as the account exists',
      workspace: 'Until it is deleted for ever, or the workspace is',
      person: 'Until you remove it, or as long as the account exists',
      deployment: 'Until those who run this service remove it',
    },
    after: (span, since) => `${span} (from: ${since})`,
  },
  de: {
    columns: ['Welche Daten', 'Warum', 'Wie lange'],
    categories: {
      account: 'Kontakt und Konto',
      files: 'Arbeitsbereiche, Dateien und Links',
      technical: 'Technische Daten',
      messages: 'Nachrichten und Anfragen',
    },
    rules: {
      account: 'Solange das Konto besteht',
      workspace: 'Bis es endgültig gelöscht wird oder der Arbeitsbereich',
      person: 'Bis Sie es entfernen, oder solange das Konto besteht',
      deployment: 'Bis die Betreiber es entfernen',
    },
    after: (span, since) => `${span} (ab: ${since})`,
  },
  fr: {
    columns: ['Quelles données', 'Pourquoi', 'Combien de temps'],
    categories: {
      account: 'Contact et compte',
      files: 'Espaces, fichiers et liens',
      technical: 'Données techniques',
      messages: 'Messages et demandes',
    },
    rules: {
      account: 'Aussi longtemps que le compte existe',
      workspace: 'Jusqu’à la suppression définitive, ou celle de l’espace de travail',
      person: 'Jusqu’à ce que vous l’enleviez, ou tant que le compte existe',
      deployment: 'Jusqu’à ce que l’exploitant l’enlève',
    },
    after: (span, since) => `${span} (depuis : ${since})`,
  },
  es: {
    columns: ['Qué datos', 'Por qué', 'Cuánto tiempo'],
    categories: {
      account: 'Contacto y cuenta',
      files: 'Espacios, archivos y enlaces',
      technical: 'Datos técnicos',
      messages: 'Mensajes y solicitudes',
    },
    rules: {
      account: 'Mientras exista la cuenta',
      workspace: 'Hasta que se elimine para siempre, o el espacio de trabajo',
      person: 'Hasta que lo quite, o mientras exista la cuenta',
      deployment: 'Hasta que lo quite quien opera el servicio',
    },
    after: (span, since) => `${span} (desde: ${since})`,
  },
}

/** Which data about people this deployment holds, by category: what, why, and what ends it. */
export function personalDataFacts({ retention, personalData }: { retention: Pick<RetentionService, 'spans'>, personalData: readonly PersonalData[] }): LiveFact[] {
  const since = new Map<string, Record<FactLanguage, string>>()
  return [
    defineFact<{ [data: string]: Span | DataRule }>({
      name: 'personal-data',
      form: 'block',
      read: async () => {
        const spans = new Map((await retention.spans()).map(({ kind, span }) => {
          since.set(kind.name, kind.since)
          return [kind.name, span]
        }))
        return Object.fromEntries(personalData.map(({ name, ends }) => [name, spans.get(ends) ?? ends as DataRule]))
      },
      words(value, language) {
        const { columns, categories, rules, after } = said[language]
        const howLong = (ends: Span | DataRule, kind: string) => typeof ends === 'object' && since.has(kind)
          ? after(spanWords(ends, language), since.get(kind)![language])
          : ends === 'for-ever' || typeof ends === 'object'
            ? spanWords(ends, language)
            : rules[ends]
        return dataCategories.map(category => [
          `**${categories[category]}**`,
          '',
          `| ${columns.join(' | ')} |`,
          '| --- | --- | --- |',
          // What a later version knows no more is not told of.
          ...personalData.filter(each => each.category === category && each.name in value).map(({ name, what, why, ends }) => `| ${what[language]} | ${why[language]} | ${howLong(value[name]!, ends)} |`),
        ].join('\n')).join('\n\n')
      },
      label: {
        en: 'Which data about people is held',
        de: 'Welche Daten über Menschen gespeichert sind',
        fr: 'Quelles données personnelles sont conservées',
        es: 'Qué datos personales se guardan',
      },
    }),
  ]
}
