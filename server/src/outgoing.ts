import type { Config } from './config/config.ts'
import type { FactLanguage } from './facts/live-fact.ts'

type Words = Record<FactLanguage, string>

/** A kind of connection that the server opens, and what goes by it. */
/** By whose word people may sign in. */
export interface Issuers {
  /** The addresses of the deployment's own providers. */
  own: string[]
  /** Workspaces have some, too. Which, is theirs to say: their hosts tell who is a customer here, and anybody's name may stand in one. */
  ofWorkspaces: boolean
}

export interface Outgoing {
  name: string
  /** The files that may open it. */
  modules: readonly string[]
  what: Words
  /** Addresses that it goes to, by the settings; none: it is not used. `asked`: those that were entered in the app. */
  to: (config: Config, asked: { issuers: Issuers }) => readonly string[]
}

/** In place of addresses that workspaces chose for themselves. */
export const OF_WORKSPACES = ''

const some = (...addresses: (string | undefined)[]) => addresses.filter(address => address !== undefined)

/** All of them: code that opens a connection elsewhere fails a test. Policy texts tell of those that are used. */
export const outgoing: readonly Outgoing[] = [
  {
    name: 'database',
    modules: [
      'db/database.ts',
      'db/migrate.ts',
      'db/kept-connection.ts',
      'features/backups/backup-connection.ts',
      'features/storage-move/move-lock.ts',
      'jobs/job-queue.ts',
      'jobs/job-schema.ts',
    ],
    what: {
      en: 'Database: all that is stored but the bytes of files',
      de: 'Datenbank: alles Gespeicherte außer den Bytes der Dateien',
      fr: 'Base de données : tout ce qui est enregistré, hormis les octets des fichiers',
      es: 'Base de datos: todo lo guardado salvo los bytes de los archivos',
    },
    to: ({ databaseUrl }) => [databaseUrl],
  },
  {
    name: 'store',
    modules: ['storage/s3-connection.ts', 'features/doctor/examine-store.ts'],
    what: {
      en: 'Store: the bytes of files, under names that say nothing',
      de: 'Speicher: die Bytes der Dateien, unter Namen, die nichts sagen',
      fr: 'Stockage : les octets des fichiers, sous des noms qui ne disent rien',
      es: 'Almacén: los bytes de los archivos, con nombres que no dicen nada',
    },
    to: ({ storage, s3Endpoint, s3PublicEndpoint }) => storage === 's3'
      ? some(s3Endpoint, s3PublicEndpoint)
      : [],
  },
  {
    name: 'mail',
    modules: ['mail/transport.ts'],
    what: {
      en: 'Mail server: mails with the addresses, names and links in them',
      de: 'Mailserver: E-Mails mit den Adressen, Namen und Links darin',
      fr: 'Serveur de messagerie : les e-mails, avec les adresses, noms et liens qu’ils contiennent',
      es: 'Servidor de correo: los correos, con las direcciones, nombres y enlaces que contienen',
    },
    to: ({ smtpUrl }) => some(smtpUrl),
  },
  {
    name: 'replies',
    modules: ['mail/reply-inbox.ts'],
    what: {
      en: 'Mailbox of answers: nothing; mails that people sent there are read',
      de: 'Postfach für Antworten: nichts; gelesen werden E-Mails, die Menschen dorthin gesandt haben',
      fr: 'Boîte de réception des réponses : rien ; on y lit les e-mails qui y ont été envoyés',
      es: 'Buzón de respuestas: nada; se leen los correos que se enviaron allí',
    },
    to: ({ replyInbox }) => some(replyInbox),
  },
  {
    name: 'providers',
    modules: ['http/outgoing-fetch.ts', 'features/oidc/oidc-client.ts'],
    what: {
      en: 'Sign-in providers: that somebody signs in here, when they choose that provider',
      de: 'Anmeldeanbieter: dass sich jemand hier anmeldet, wenn diese Person den Anbieter wählt',
      fr: 'Fournisseurs de connexion : qu’une personne se connecte ici, quand elle choisit ce fournisseur',
      es: 'Proveedores de inicio de sesión: que alguien inicia sesión aquí, cuando elige ese proveedor',
    },
    to: (_config, { issuers }) => [
      ...issuers.own,
      ...issuers.ofWorkspaces
        ? [OF_WORKSPACES]
        : [],
    ],
  },
  {
    name: 'backups',
    // By the store's own connection.
    modules: [],
    what: {
      en: 'Backups: a copy of everything',
      de: 'Sicherungen: eine Kopie von allem',
      fr: 'Sauvegardes : une copie de tout',
      es: 'Copias de seguridad: una copia de todo',
    },
    to: ({ backupTo, backupS3Endpoint }) => backupTo === 's3'
      ? some(backupS3Endpoint)
      : some(backupTo),
  },
  {
    name: 'analytics',
    // By browsers (web/src/visitor/visit-count.ts).
    modules: [],
    what: {
      en: 'Analytics: that a page for everybody was visited, told by the visitor’s browser',
      de: 'Analyse: dass eine Seite für alle besucht wurde, vom Browser der Besucher mitgeteilt',
      fr: 'Mesure d’audience : qu’une page ouverte à tous a été visitée, indiqué par le navigateur',
      es: 'Análisis: que se visitó una página abierta a todos, comunicado por el navegador',
    },
    to: ({ analyticsUrl }) => some(analyticsUrl),
  },
  {
    name: 'itself',
    modules: ['features/doctor/examine-address.ts'],
    what: {
      en: 'This deployment’s own address, which the doctor tries: nothing about people',
      de: 'Die eigene Adresse dieser Instanz, die die Prüfung ausprobiert: nichts über Menschen',
      fr: 'L’adresse de cette instance, que le diagnostic essaie : rien sur des personnes',
      es: 'La dirección de esta misma instancia, que el diagnóstico prueba: nada sobre personas',
    },
    to: ({ publicUrl }) => [publicUrl],
  },
]
