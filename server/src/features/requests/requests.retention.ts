import { defineRetention } from '../../retention/define-retention.ts'
import { deleteHandled } from './requests.queries.ts'

/** What nobody has handled yet waits, however long. */
export const answeredRequests = defineRetention({
  name: 'requests',
  tables: ['requests'],
  days: {
    default: 180,
    minimum: 1,
    maximum: 3650,
    mayBeForEver: false,
  },
  what: {
    en: 'Requests for access or support that were answered',
    de: 'Beantwortete Anfragen nach Zugang oder Hilfe',
    fr: 'Demandes d’accès ou d’aide auxquelles il a été répondu',
    es: 'Solicitudes de acceso o de ayuda ya respondidas',
  },
  since: {
    en: 'the answer',
    de: 'Antwort',
    fr: 'la réponse',
    es: 'la respuesta',
  },
  purge: (tx, { before }) => deleteHandled(tx, 'answered', before),
})

export const spamRequests = defineRetention({
  name: 'spam-requests',
  tables: ['requests'],
  days: {
    default: 30,
    minimum: 1,
    maximum: 365,
    mayBeForEver: false,
  },
  what: {
    en: 'Requests that were marked as spam',
    de: 'Als Spam markierte Anfragen',
    fr: 'Demandes marquées comme indésirables',
    es: 'Solicitudes marcadas como spam',
  },
  since: {
    en: 'the marking',
    de: 'Markierung',
    fr: 'le marquage',
    es: 'la marcación',
  },
  purge: (tx, { before }) => deleteHandled(tx, 'spam', before),
})
