import type { Config } from '../../config/config.ts'
import type { FactLanguage, LiveFact } from '../../facts/live-fact.ts'
import type { BackupsAnswer, PlansAnswer, PolicyAnswers, Vendor } from './policy-answers.schemas.ts'
import type { PolicyAnswersService } from './policy-answers.service.ts'
import { defineFact, inUnits, literally } from '../../facts/live-fact.ts'

/** Those whose answers operators are asked for, or which stand beside the questions as known. */
export const factsOfAnswers: ReadonlySet<string> = new Set([
  'organisation',
  'address',
  'contact',
  'mode',
  'subprocessors',
  'analytics',
  'backups',
  'retention.backups',
  'plans',
  'jurisdiction',
  'authority',
])

type Words = Record<FactLanguage, string>

const modes: Record<Config['deployment'], Words> = {
  'self-hosted': {
    en: 'run for its own work',
    de: 'für die eigene Arbeit betrieben',
    fr: 'exploitée pour son propre travail',
    es: 'operada para el propio trabajo',
  },
  'hosted': {
    en: 'run as a service for others',
    de: 'als Dienst für andere betrieben',
    fr: 'exploitée comme service pour d’autres',
    es: 'operada como servicio para otros',
  },
}

const vendorColumns: Record<FactLanguage, [who: string, what: string, where: string, data: string]> = {
  en: [
    'Who',
    'For what',
    'Where',
    'Which data',
  ],
  de: ['Wer', 'Wofür', 'Wo', 'Welche Daten'],
  fr: [
    'Qui',
    'Pour quoi',
    'Où',
    'Quelles données',
  ],
  es: [
    'Quién',
    'Para qué',
    'Dónde',
    'Qué datos',
  ],
}
const noVendors: Words = {
  en: 'Nobody processes personal data for us: we do all of it ourselves.',
  de: 'Niemand verarbeitet für uns personenbezogene Daten: Wir tun alles selbst.',
  fr: 'Personne ne traite de données personnelles pour nous\u00A0: nous faisons tout nous-mêmes.',
  es: 'Nadie trata datos personales por nosotros: lo hacemos todo nosotros mismos.',
}

/** An address that a link's brackets hold. */
const linkTo = (url: string) => url.replaceAll(/[()<>[\]|\\*_`]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

function vendorsTable(vendors: readonly Vendor[], language: FactLanguage): string {
  if (vendors.length === 0) return noVendors[language]
  const columns = vendorColumns[language].slice(0, vendors.some(({ data }) => data)
    ? 4
    : 3)
  const row = (cells: readonly string[]) => `| ${cells.slice(0, columns.length).join(' | ')} |`
  return [
    row(columns),
    row(columns.map(() => '---')),
    ...vendors.map(({ name, purpose, place, data = '', url }) => row([
      url
        ? `[${literally(name)}](${linkTo(url)})`
        : literally(name),
      literally(purpose),
      literally(place),
      literally(data),
    ])),
  ].join('\n')
}

const noBackups: Words = {
  en: 'No backups are made of this service: what is gone from it is gone.',
  de: 'Von diesem Dienst werden keine Sicherungen gemacht: Was aus ihm verschwunden ist, ist verschwunden.',
  fr: 'Aucune sauvegarde de ce service n’est faite\u00A0: ce qui en a disparu a disparu.',
  es: 'No se hacen copias de seguridad de este servicio: lo que ha desaparecido de él ha desaparecido.',
}

function backupsSentence({ days, place }: BackupsAnswer, language: FactLanguage): string {
  if (days === 0) return noBackups[language]
  const time = inUnits(days, 'day', language)
  const where = literally(place)
  const sentences: Words = {
    en: `Backups are kept for ${time} at most, so that nothing is lost by accident. What has been deleted from the service leaves them as they are replaced, ${time} later at the latest; until then it serves nothing but restoring.`,
    de: `Sicherungen werden höchstens ${time} aufbewahrt, damit nichts aus Versehen verloren geht. Was im Dienst gelöscht wurde, verschwindet aus ihnen, wenn sie ersetzt werden, spätestens ${time} danach; bis dahin dient es nur zum Wiederherstellen.`,
    fr: `Des sauvegardes sont conservées pendant ${time} au plus, pour que rien ne se perde par accident. Ce qui a été supprimé du service en disparaît à mesure qu’elles sont remplacées, au plus tard ${time} après\u00A0; jusque-là, cela ne sert qu’à restaurer.`,
    es: `Las copias de seguridad se guardan durante ${time} como máximo, para que nada se pierda por accidente. Lo que se ha eliminado del servicio desaparece de ellas a medida que se sustituyen, a más tardar ${time} después; hasta entonces solo sirve para restaurar.`,
  }
  const places: Words = {
    en: `They are here: ${where}.`,
    de: `Sie liegen hier: ${where}.`,
    fr: `Elles se trouvent ici\u00A0: ${where}.`,
    es: `Están aquí: ${where}.`,
  }
  return where
    ? `${sentences[language]} ${places[language]}`
    : sentences[language]
}

const nothingSold: Words = {
  en: 'Nothing is sold here: there are no plans, no bills, and no data about payments.',
  de: 'Hier wird nichts verkauft: Es gibt keine Tarife, keine Rechnungen und keine Daten über Zahlungen.',
  fr: 'Rien n’est vendu ici\u00A0: il n’y a ni formules, ni factures, ni données de paiement.',
  es: 'Aquí no se vende nada: no hay planes, ni facturas, ni datos sobre pagos.',
}
const soldBy = (processor: string): Words => ({
  en: `Plans are paid for by way of ${processor}. Details of cards and accounts are entered there and stay there; we never see them. We keep who has which plan, the address for bills, the amounts, and whether they were paid.`,
  de: `Tarife werden über diesen Anbieter bezahlt: ${processor}. Karten- und Kontodaten werden dort eingegeben und bleiben dort; wir sehen sie nie. Wir bewahren auf, wer welchen Tarif hat, die Rechnungsanschrift, die Beträge und ob sie bezahlt sind.`,
  fr: `Les formules sont payées par l’intermédiaire de ${processor}. Les données de carte et de compte y sont saisies et y restent\u00A0; nous ne les voyons jamais. Nous conservons qui a quelle formule, l’adresse de facturation, les montants, et s’ils ont été payés.`,
  es: `Los planes se pagan por medio de ${processor}. Los datos de tarjetas y cuentas se introducen allí y allí se quedan; nunca los vemos. Guardamos quién tiene qué plan, la dirección de facturación, los importes y si se han pagado.`,
})

const notCounted: Words = {
  en: 'No analytics are used: nobody’s visits are followed or counted, neither by us nor by others.',
  de: 'Es wird keine Analyse verwendet: Niemandes Besuche werden verfolgt oder gezählt, weder von uns noch von anderen.',
  fr: 'Aucune mesure d’audience n’est utilisée\u00A0: les visites de personne ne sont ni suivies ni comptées, ni par nous ni par d’autres.',
  es: 'No se usa ningún análisis: las visitas de nadie se siguen ni se cuentan, ni por nosotros ni por otros.',
}

const counted = (tool: string, host: string): Words => ({
  en: `We count visits of our home page, our contact page and our policies with ${tool}, on our own account at ${host}. Your browser tells it the address of the page, the website that you come from, your language and, as with every connection, your IP address and what browser it is. No cookie is set for it and nothing is kept in your browser; links to files, requests and everything behind sign-in are not counted. If your browser sends “Do Not Track” or “Global Privacy Control”, it tells nothing.`,
  de: `Wir zählen Besuche unserer Startseite, unserer Kontaktseite und unserer Richtlinien mit ${tool}, in eigener Verantwortung auf ${host}. Ihr Browser teilt dorthin die Adresse der Seite mit, die Website, von der Sie kommen, Ihre Sprache und, wie bei jeder Verbindung, Ihre IP-Adresse und um welchen Browser es sich handelt. Dafür wird kein Cookie gesetzt und nichts in Ihrem Browser gespeichert; Links zu Dateien, Anfragen und alles hinter der Anmeldung werden nicht gezählt. Sendet Ihr Browser „Do Not Track“ oder „Global Privacy Control“, teilt er nichts mit.`,
  fr: `Nous comptons les visites de notre page d’accueil, de notre page de contact et de nos politiques avec ${tool}, sous notre responsabilité, sur ${host}. Votre navigateur lui indique l’adresse de la page, le site d’où vous venez, votre langue et, comme à chaque connexion, votre adresse IP et de quel navigateur il s’agit. Aucun cookie n’est déposé pour cela et rien n’est conservé dans votre navigateur\u00A0; les liens vers des fichiers, les demandes et tout ce qui suit la connexion ne sont pas comptés. Si votre navigateur envoie «\u00A0Do Not Track\u00A0» ou «\u00A0Global Privacy Control\u00A0», il n’indique rien.`,
  es: `Contamos las visitas a nuestra página de inicio, a nuestra página de contacto y a nuestras políticas con ${tool}, bajo nuestra responsabilidad, en ${host}. Su navegador le comunica la dirección de la página, el sitio web del que viene, su idioma y, como en toda conexión, su dirección IP y de qué navegador se trata. Para ello no se instala ninguna cookie ni se guarda nada en su navegador; los enlaces a archivos, las solicitudes y todo lo que hay tras el inicio de sesión no se cuentan. Si su navegador envía «Do Not Track» o «Global Privacy Control», no comunica nada.`,
})

/** Where what is missing is said. */
const asked = (what: Words): Words => ({
  en: `${what.en} (Policies → Ten questions)`,
  de: `${what.de} (Richtlinien → Zehn Fragen)`,
  fr: `${what.fr} (Politiques → Dix questions)`,
  es: `${what.es} (Políticas → Diez preguntas)`,
})

/** What the ten questions give to policy texts, besides what is a setting of the instance. */
export function policyAnswersFacts({ policyAnswers }: { policyAnswers: Pick<PolicyAnswersService, 'read'> }): LiveFact[] {
  const backups = async () => (await policyAnswers.read()).backups
  const askedBackups = asked({
    en: 'Whether there are backups, where, and how long they live',
    de: 'Ob es Sicherungen gibt, wo, und wie lange sie leben',
    fr: 'S’il y a des sauvegardes, où, et combien de temps elles vivent',
    es: 'Si hay copias de seguridad, dónde, y cuánto tiempo viven',
  })
  return [
    defineFact<Config['deployment']>({
      name: 'mode',
      form: 'inline',
      read: async () => (await policyAnswers.read()).mode,
      words: (mode, language) => modes[mode][language],
      label: {
        en: 'Whom this deployment is for',
        de: 'Für wen diese Instanz da ist',
        fr: 'À qui sert cette instance',
        es: 'Para quién es esta instancia',
      },
    }),
    defineFact<Vendor[]>({
      name: 'subprocessors',
      form: 'block',
      read: async () => (await policyAnswers.read()).vendors,
      words: vendorsTable,
      missing: asked({
        en: 'Who processes data for you, or that nobody does',
        de: 'Wer für Sie Daten verarbeitet, oder dass es niemand tut',
        fr: 'Qui traite des données pour vous, ou que personne ne le fait',
        es: 'Quién trata datos por usted, o que nadie lo hace',
      }),
      label: {
        en: 'Vendors that process data',
        de: 'Dienstleister, die Daten verarbeiten',
        fr: 'Prestataires qui traitent des données',
        es: 'Proveedores que tratan datos',
      },
    }),
    defineFact<PolicyAnswers['analytics']>({
      name: 'analytics',
      form: 'block',
      read: async () => (await policyAnswers.read()).analytics,
      words: (value, language) => value === 'off'
        ? notCounted[language]
        : counted(value.tool, literally(value.host))[language],
      label: {
        en: 'Analytics',
        de: 'Analyse',
        fr: 'Mesure d’audience',
        es: 'Análisis de visitas',
      },
    }),
    defineFact<BackupsAnswer>({
      name: 'backups',
      form: 'block',
      read: backups,
      words: backupsSentence,
      missing: askedBackups,
      label: {
        en: 'Backups, as a sentence',
        de: 'Sicherungen, als Satz',
        fr: 'Sauvegardes, en une phrase',
        es: 'Copias de seguridad, en una frase',
      },
    }),
    defineFact<number>({
      name: 'retention.backups',
      form: 'inline',
      read: async () => (await backups())?.days ?? null,
      words: (days, language) => inUnits(days, 'day', language),
      missing: askedBackups,
      label: {
        en: 'How long backups are kept',
        de: 'Wie lange Sicherungen bleiben',
        fr: 'Durée de conservation des sauvegardes',
        es: 'Cuánto se guardan las copias de seguridad',
      },
    }),
    defineFact<PlansAnswer>({
      name: 'plans',
      form: 'block',
      read: async () => (await policyAnswers.read()).plans,
      words: ({ processor }, language) => (processor === null
        ? nothingSold
        : soldBy(literally(processor)))[language],
      missing: asked({
        en: 'Whether plans are sold, and who takes the payments',
        de: 'Ob Tarife verkauft werden, und wer die Zahlungen annimmt',
        fr: 'Si des formules sont vendues, et qui reçoit les paiements',
        es: 'Si se venden planes, y quién recibe los pagos',
      }),
      label: {
        en: 'Plans and payments',
        de: 'Tarife und Zahlungen',
        fr: 'Formules et paiements',
        es: 'Planes y pagos',
      },
    }),
    defineFact<string>({
      name: 'jurisdiction',
      form: 'inline',
      read: async () => (await policyAnswers.read()).jurisdiction,
      words: literally,
      missing: asked({
        en: 'Which law applies, and which courts are competent',
        de: 'Welches Recht gilt und welche Gerichte zuständig sind',
        fr: 'Quel droit s’applique, et quels tribunaux sont compétents',
        es: 'Qué derecho se aplica y qué tribunales son competentes',
      }),
      label: {
        en: 'Law and courts',
        de: 'Recht und Gerichte',
        fr: 'Droit et tribunaux',
        es: 'Derecho y tribunales',
      },
    }),
    defineFact<string>({
      name: 'authority',
      form: 'inline',
      read: async () => (await policyAnswers.read()).authority,
      words: literally,
      missing: asked({
        en: 'Name of your data protection authority',
        de: 'Name Ihrer Datenschutzbehörde',
        fr: 'Nom de votre autorité de protection des données',
        es: 'Nombre de su autoridad de protección de datos',
      }),
      label: {
        en: 'Data protection authority',
        de: 'Datenschutzbehörde',
        fr: 'Autorité de protection des données',
        es: 'Autoridad de protección de datos',
      },
    }),
  ]
}
