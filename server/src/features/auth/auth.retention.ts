import { DAY_MS, defineRetention, spanOf } from '../../retention/define-retention.ts'
import { ENDED_SESSION_DAYS } from '../sessions/sessions.policy.ts'
import * as queries from './auth-retention.queries.ts'
import { DEVICE_DAYS } from './auth.cookies.ts'
import { GOOD_MS } from './registrations.service.ts'
import { THROTTLE_DECAY_MS } from './throttle.ts'

export const endedSessions = defineRetention({
  name: 'sessions',
  tables: ['sessions'],
  keeps: { days: ENDED_SESSION_DAYS },
  what: {
    en: 'Sessions that have ended',
    de: 'Beendete Sitzungen',
    fr: 'Sessions terminées',
    es: 'Sesiones terminadas',
  },
  since: {
    en: 'the end of the session',
    de: 'Ende der Sitzung',
    fr: 'la fin de la session',
    es: 'el fin de la sesión',
  },
  why: {
    en: 'So that whoever comes back is told why they have to sign in again. How long a session lasts is in the settings.',
    de: 'Damit, wer zurückkommt, erfährt, warum eine neue Anmeldung nötig ist. Wie lange eine Sitzung dauert, steht in den Einstellungen.',
    fr: 'Pour dire à qui revient pourquoi il faut se reconnecter. La durée d’une session se règle dans les paramètres.',
    es: 'Para decir a quien vuelve por qué tiene que iniciar sesión de nuevo. Cuánto dura una sesión está en los ajustes.',
  },
  purge: (tx, { before, now }) => queries.deleteEndedSessions(tx, {
    expired: before,
    revoked: new Date(now.getTime() - DAY_MS),
  }),
})

export const unusedDevices = defineRetention({
  name: 'devices',
  tables: ['known_devices'],
  keeps: { days: DEVICE_DAYS },
  what: {
    en: 'Browsers in which somebody has signed in',
    de: 'Browser, in denen sich jemand angemeldet hat',
    fr: 'Navigateurs dans lesquels quelqu’un s’est connecté',
    es: 'Navegadores en los que alguien ha iniciado sesión',
  },
  since: {
    en: 'the last sign-in there',
    de: 'letzte Anmeldung dort',
    fr: 'la dernière connexion dans ce navigateur',
    es: 'el último inicio de sesión en él',
  },
  why: {
    en: 'As long as browsers keep a cookie at most: a sign-in from another browser is told of.',
    de: 'So lange, wie Browser ein Cookie höchstens behalten: Eine Anmeldung in einem anderen Browser wird gemeldet.',
    fr: 'Aussi longtemps qu’un navigateur garde un cookie au plus : une connexion depuis un autre navigateur est signalée.',
    es: 'Lo máximo que un navegador guarda una cookie: se avisa de un inicio de sesión desde otro navegador.',
  },
  purge: (tx, { before }) => queries.deleteUnusedDevices(tx, before),
})

export const unfinishedSignIns = defineRetention({
  name: 'sign-ins',
  tables: [
    'sign_in_steps',
    'email_codes',
    'oidc_states',
    'passkey_challenges',
    'totp_factors',
  ],
  keeps: { days: 1 },
  what: {
    en: 'Sign-ins and second factors that were begun and not finished',
    de: 'Begonnene, nicht beendete Anmeldungen und zweite Faktoren',
    fr: 'Connexions et seconds facteurs commencés et non terminés',
    es: 'Inicios de sesión y segundos factores empezados y no terminados',
  },
  since: {
    en: 'the beginning, at most',
    de: 'Beginn, höchstens',
    fr: 'le début, au plus',
    es: 'el comienzo, como máximo',
  },
  why: {
    en: 'They open nothing after a few minutes.',
    de: 'Nach wenigen Minuten öffnen sie nichts mehr.',
    fr: 'Après quelques minutes, ils n’ouvrent plus rien.',
    es: 'A los pocos minutos ya no abren nada.',
  },
  purge: (tx, due) => queries.deleteUnfinishedSignIns(tx, due),
})

export const unfinishedAccounts = defineRetention({
  name: 'registrations',
  tables: ['registrations'],
  keeps: spanOf(GOOD_MS),
  what: {
    en: 'Accounts that somebody began to make and did not finish',
    de: 'Konten, die jemand begonnen und nicht fertiggestellt hat',
    fr: 'Comptes que quelqu’un a commencé à créer sans terminer',
    es: 'Cuentas que alguien empezó a crear y no terminó',
  },
  since: {
    en: 'the mail with the link',
    de: 'E-Mail mit dem Link',
    fr: 'l’e-mail contenant le lien',
    es: 'el correo con el enlace',
  },
  why: {
    en: 'As long as the link in the mail is good.',
    de: 'So lange, wie der Link in der E-Mail gilt.',
    fr: 'Aussi longtemps que le lien de l’e-mail est valable.',
    es: 'Mientras el enlace del correo es válido.',
  },
  purge: (tx, { now }) => queries.deleteExpiredRegistrations(tx, now),
})

export const failedAttempts = defineRetention({
  name: 'failed-attempts',
  tables: ['throttles'],
  keeps: spanOf(THROTTLE_DECAY_MS),
  what: {
    en: 'Counts of failed attempts, by account or link and by network address',
    de: 'Zähler fehlgeschlagener Versuche, je Konto oder Link und je Netzadresse',
    fr: 'Compteurs de tentatives échouées, par compte ou lien et par adresse réseau',
    es: 'Recuentos de intentos fallidos, por cuenta o enlace y por dirección de red',
  },
  since: {
    en: 'the last failure',
    de: 'letzter Fehlversuch',
    fr: 'le dernier échec',
    es: 'el último fallo',
  },
  why: {
    en: 'They slow down guessing; after a day without a failure none of them counts.',
    de: 'Sie bremsen das Raten; nach einem Tag ohne Fehlversuch zählt keiner mehr.',
    fr: 'Ils ralentissent les essais au hasard ; après un jour sans échec, aucun ne compte plus.',
    es: 'Frenan a quien prueba al azar; tras un día sin fallos, ninguno cuenta ya.',
  },
  purge: (tx, { before }) => queries.deleteOldFailures(tx, before),
})
