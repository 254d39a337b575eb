import type { Config } from '../../config/config.ts'
import type { FactLanguage, LiveFact } from '../../facts/live-fact.ts'
import type { Issuers, Outgoing } from '../../outgoing.ts'
import { defineFact, literally } from '../../facts/live-fact.ts'
import { placeOf } from '../../http/place-of-address.ts'
import { OF_WORKSPACES } from '../../outgoing.ts'

type Place = ReturnType<typeof placeOf>['place']

const words: Record<FactLanguage, { columns: readonly string[], places: Record<Place, string>, folder: string, chosen: string, nothing: string }> = {
  en: {
    columns: ['What goes there', 'Where', 'Place'],
    places: { here: 'the same machine', private: 'our own network', outside: 'outside, by the internet' },
    folder: 'a folder',
    chosen: 'where a workspace chose',
    nothing: 'Nothing leaves this deployment.',
  },
  de: {
    columns: ['Was dorthin geht', 'Wohin', 'Ort'],
    places: { here: 'derselbe Rechner', private: 'unser eigenes Netz', outside: 'außerhalb, über das Internet' },
    folder: 'ein Ordner',
    chosen: 'wohin ein Arbeitsbereich es gewählt hat',
    nothing: 'Nichts verlässt diese Instanz.',
  },
  fr: {
    columns: ['Ce qui y est envoyé', 'Où', 'Lieu'],
    places: { here: 'la même machine', private: 'notre propre réseau', outside: 'à l’extérieur, par internet' },
    folder: 'un dossier',
    chosen: 'là où un espace de travail l’a choisi',
    nothing: 'Rien ne quitte cette instance.',
  },
  es: {
    columns: ['Qué se envía', 'Adónde', 'Lugar'],
    places: { here: 'la misma máquina', private: 'nuestra propia red', outside: 'fuera, por internet' },
    folder: 'una carpeta',
    chosen: 'donde un espacio de trabajo lo eligió',
    nothing: 'Nada sale de esta instancia.',
  },
}

/** Where this deployment sends what, by its settings: without secrets, and without paths. */
export function outgoingFacts({ config, outgoing, issuers }: { config: Config, outgoing: readonly Outgoing[], issuers: () => Promise<Issuers> }): LiveFact[] {
  const named = new Map(outgoing.map(each => [each.name, each]))
  return [
    defineFact<readonly { name: string, host: string | null, place: Place }[]>({
      name: 'elsewhere',
      form: 'block',
      read: async () => {
        const asked = { issuers: await issuers() }
        return outgoing.filter(({ name }) => name !== 'itself').flatMap(({ name, to }) => [
          ...new Set(to(config, asked)),
        ].map(address => ({
          name,
          ...address === OF_WORKSPACES
            ? { host: '', place: 'outside' as const }
            : placeOf(address),
        })))
      },
      words(value, language) {
        const { columns, places, folder, chosen, nothing } = words[language]
        const rows = value.filter(({ name }) => named.has(name))
        if (rows.length === 0) return nothing
        return [
          `| ${columns.join(' | ')} |`,
          '| --- | --- | --- |',
          ...rows.map(({ name, host, place }) => `| ${named.get(name)!.what[language]} | ${host === null
            ? folder
            : host === ''
              ? chosen
              : literally(host)} | ${places[place]} |`),
        ].join('\n')
      },
      label: {
        en: 'What is sent elsewhere',
        de: 'Was anderswohin gesendet wird',
        fr: 'Ce qui est envoyé ailleurs',
        es: 'Qué se envía a otros sitios',
      },
    }),
  ]
}
