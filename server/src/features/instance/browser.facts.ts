import type { Config } from '../../config/config.ts'
import type { FactLanguage, LiveFact } from '../../facts/live-fact.ts'
import type { StoredInBrowser } from '../../http/browser-storage.ts'
import type { Cookie } from '../../http/cookies.ts'
import type { InstanceService } from './instance.service.ts'
import { defineFact, inUnits } from '../../facts/live-fact.ts'
import { browserStorage } from '../../http/browser-storage.ts'

const columns: Record<FactLanguage, readonly string[]> = {
  en: ['Name', 'What for', 'How long'],
  de: ['Name', 'Wofür', 'Wie lange'],
  fr: ['Nom', 'À quoi cela sert', 'Combien de temps'],
  es: ['Nombre', 'Para qué', 'Cuánto tiempo'],
}
const words: Record<FactLanguage, { cookie: string, set: (when: string) => string, where: Record<StoredInBrowser['where'], { kind: string, lasts: string }> }> = {
  en: {
    cookie: 'cookie',
    set: when => `Set ${when}`,
    where: {
      local: { kind: 'local storage', lasts: 'until you clear it' },
      session: { kind: 'session storage', lasts: 'until you close the window' },
      database: { kind: 'IndexedDB', lasts: 'until the upload has ended' },
    },
  },
  de: {
    cookie: 'Cookie',
    set: when => `Gesetzt, ${when}`,
    where: {
      local: { kind: 'lokaler Speicher', lasts: 'bis Sie ihn leeren' },
      session: { kind: 'Sitzungsspeicher', lasts: 'bis Sie das Fenster schließen' },
      database: { kind: 'IndexedDB', lasts: 'bis der Upload beendet ist' },
    },
  },
  fr: {
    cookie: 'cookie',
    set: when => `Posé ${when}`,
    where: {
      local: { kind: 'stockage local', lasts: 'jusqu’à ce que vous l’effaciez' },
      session: { kind: 'stockage de session', lasts: 'jusqu’à la fermeture de la fenêtre' },
      database: { kind: 'IndexedDB', lasts: 'jusqu’à la fin de l’envoi' },
    },
  },
  es: {
    cookie: 'cookie',
    set: when => `Se pone ${when}`,
    where: {
      local: { kind: 'almacenamiento local', lasts: 'hasta que lo borre' },
      session: { kind: 'almacenamiento de sesión', lasts: 'hasta que cierre la ventana' },
      database: { kind: 'IndexedDB', lasts: 'hasta que termine la subida' },
    },
  },
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** In the largest unit that it is whole in, and no more exactly than a minute. */
function lasts(seconds: number, language: FactLanguage): string {
  const [unit, length] = units.find(([, each]) => seconds % each === 0) ?? units[2]
  return inUnits(Math.ceil(seconds / length), unit, language)
}

/** What this deployment keeps in browsers: cookies by their names here, and what the web app stores. */
export function browserFacts({ instance, config, cookies }: { instance: Pick<InstanceService, 'settings'>, config: Config, cookies: readonly Cookie[] }): LiveFact[] {
  const named = new Map(cookies.map(cookie => [
    cookie.name(config),
    cookie,
  ]))
  return [
    defineFact<{ cookies: { name: string, seconds: number }[], stored: string[] }>({
      name: 'cookies',
      form: 'block',
      read: async () => {
        const settings = await instance.settings()
        return {
          cookies: [...named].map(([name, { seconds }]) => ({
            name,
            seconds: seconds(settings),
          })),
          stored: browserStorage.map(({ key }) => key),
        }
      },
      words(value, language) {
        const { cookie, set, where } = words[language]
        const row = (name: string, kind: string, what: string, time: string) => `| \`${name}\` (${kind}) | ${what} | ${time} |`
        return [
          `| ${columns[language].join(' | ')} |`,
          '| --- | --- | --- |',
          ...value.cookies.filter(({ name }) => named.has(name)).map(({ name, seconds }) => {
            const { purpose, setWhen } = named.get(name)!
            return row(name, cookie, `${purpose[language]}. ${set(setWhen[language])}`, lasts(seconds, language))
          }),
          ...browserStorage.filter(({ key }) => value.stored.includes(key)).map(each => row(each.key, where[each.where].kind, each.purpose[language], where[each.where].lasts)),
        ].join('\n')
      },
      label: {
        en: 'Cookies and storage in browsers',
        de: 'Cookies und Speicher in Browsern',
        fr: 'Cookies et stockage dans les navigateurs',
        es: 'Cookies y almacenamiento en los navegadores',
      },
    }),
  ]
}
