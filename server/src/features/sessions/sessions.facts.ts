import type { FactLanguage, LiveFact } from '../../facts/live-fact.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import { defineFact, inUnits } from '../../facts/live-fact.ts'

const UNITS = [
  [1440, 'day'],
  [60, 'hour'],
  [1, 'minute'],
] as const

/** In the largest unit that it is whole in. */
function span(minutes: number, language: FactLanguage): string {
  const [length, unit] = UNITS.find(([length]) => minutes % length === 0)!
  return inUnits(minutes / length, unit, language)
}

const NO_END = {
  en: 'no fixed limit',
  de: 'keine feste Grenze',
  fr: 'aucune limite fixe',
  es: 'sin límite fijo',
}

/** How long people stay signed in. */
export function sessionsFacts({ instance }: { instance: Pick<InstanceService, 'settings'> }): LiveFact[] {
  return [
    defineFact<number>({
      name: 'session.idle',
      form: 'inline',
      read: async () => (await instance.settings()).sessionIdleMinutes,
      words: span,
      label: {
        en: 'After how long without use a session ends',
        de: 'Nach welcher Zeit ohne Nutzung eine Sitzung endet',
        fr: 'Après combien de temps d’inactivité une session prend fin',
        es: 'Tras cuánto tiempo sin uso termina una sesión',
      },
    }),
    defineFact<number | 'never'>({
      name: 'session.total',
      form: 'inline',
      read: async () => (await instance.settings()).sessionTotalMinutes ?? 'never',
      words: (minutes, language) => minutes === 'never'
        ? NO_END[language]
        : span(minutes, language),
      label: {
        en: 'How long after the sign-in a session ends in any case',
        de: 'Wie lange nach der Anmeldung eine Sitzung auf jeden Fall endet',
        fr: 'Combien de temps après la connexion une session prend fin dans tous les cas',
        es: 'Cuánto después del inicio de sesión termina una sesión en todo caso',
      },
    }),
  ]
}
