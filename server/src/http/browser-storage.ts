import type { FactLanguage } from '../facts/live-fact.ts'
import { Type } from 'typebox'

/** What the web app keeps in a browser besides cookies. */
export interface StoredInBrowser {
  key: string
  /** `session`: until the window is closed; the others until somebody clears them. */
  where: 'local' | 'session' | 'database'
  purpose: Record<FactLanguage, string>
}

/** All of it: the web's helpers take no other key (`BrowserStorageKey` of the API's description), and policy texts tell of each. */
export const browserStorage = [
  {
    key: 'clientshare.session',
    where: 'local',
    purpose: {
      en: 'Says that a session may exist, so that the page asks for it',
      de: 'Sagt, dass es eine Sitzung geben kann, damit die Seite nach ihr fragt',
      fr: 'Indique qu’une session peut exister, pour que la page la demande',
      es: 'Dice que puede haber una sesión, para que la página la pida',
    },
  },
  {
    key: 'clientshare.locale',
    where: 'local',
    purpose: {
      en: 'The language that you chose',
      de: 'Die Sprache, die Sie gewählt haben',
      fr: 'La langue que vous avez choisie',
      es: 'El idioma que eligió',
    },
  },
  {
    // As @vueuse/core calls it.
    key: 'vueuse-color-scheme',
    where: 'local',
    purpose: {
      en: 'Light or dark, as you chose',
      de: 'Hell oder dunkel, wie Sie gewählt haben',
      fr: 'Clair ou sombre, selon votre choix',
      es: 'Claro u oscuro, según eligió',
    },
  },
  {
    key: 'clientshare.workspace',
    where: 'local',
    purpose: {
      en: 'The workspace that you were in last',
      de: 'Der Arbeitsbereich, in dem Sie zuletzt waren',
      fr: 'L’espace de travail où vous étiez en dernier',
      es: 'El espacio de trabajo en el que estuvo por última vez',
    },
  },
  {
    key: 'clientshare.sidebar.collapsed',
    where: 'local',
    purpose: {
      en: 'Whether the sidebar is folded',
      de: 'Ob die Seitenleiste eingeklappt ist',
      fr: 'Si la barre latérale est repliée',
      es: 'Si la barra lateral está plegada',
    },
  },
  {
    key: 'clientshare.tray.open',
    where: 'local',
    purpose: {
      en: 'Whether the list of uploads is open',
      de: 'Ob die Liste der Uploads offen ist',
      fr: 'Si la liste des envois est ouverte',
      es: 'Si la lista de subidas está abierta',
    },
  },
  {
    key: 'clientshare.first-steps.dismissed',
    where: 'local',
    purpose: {
      en: 'That you have seen enough of the first steps',
      de: 'Dass Sie die ersten Schritte nicht mehr sehen wollen',
      fr: 'Que vous ne voulez plus voir les premiers pas',
      es: 'Que ya no quiere ver los primeros pasos',
    },
  },
  {
    key: 'clientshare.sign-in-with',
    where: 'local',
    purpose: {
      en: 'By which provider of a workspace one signs in with this browser',
      de: 'Über welchen Anbieter eines Arbeitsbereichs man sich mit diesem Browser anmeldet',
      fr: 'Par quel fournisseur d’un espace de travail on se connecte avec ce navigateur',
      es: 'Con qué proveedor de un espacio de trabajo se inicia sesión en este navegador',
    },
  },
  {
    key: 'clientshare.reloaded',
    where: 'session',
    purpose: {
      en: 'When the page was loaded again by itself, so that it is not in a circle',
      de: 'Wann die Seite von selbst neu geladen wurde, damit es nicht im Kreis geschieht',
      fr: 'Quand la page s’est rechargée d’elle-même, pour ne pas tourner en rond',
      es: 'Cuándo se recargó la página por sí sola, para que no lo haga en círculo',
    },
  },
  {
    // As vue-router calls it.
    key: 'vue-router:scroll',
    where: 'session',
    purpose: {
      en: 'How far you had scrolled on the pages that you came from',
      de: 'Wie weit Sie auf den Seiten gescrollt hatten, von denen Sie kamen',
      fr: 'Jusqu’où vous aviez fait défiler les pages d’où vous venez',
      es: 'Hasta dónde se había desplazado en las páginas de las que viene',
    },
  },
  {
    key: 'clientshare-uploads',
    where: 'database',
    purpose: {
      en: 'Uploads that can be resumed: names, progress, and small files themselves until they are sent',
      de: 'Uploads, die fortgesetzt werden können: Namen, Fortschritt, und kleine Dateien selbst, bis sie gesendet sind',
      fr: 'Les envois à reprendre : noms, avancement, et les petits fichiers eux-mêmes jusqu’à leur envoi',
      es: 'Subidas que se pueden reanudar: nombres, avance, y los propios archivos pequeños hasta que se envían',
    },
  },
] as const satisfies readonly StoredInBrowser[]

export const BrowserStorageKey = Type.Unsafe<string>(Type.String({
  $id: 'BrowserStorageKey',
  enum: browserStorage.map(({ key }) => key),
  description: 'What the web app keeps in a browser, by its name there',
}))
