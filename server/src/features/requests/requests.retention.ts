import { defineRetention } from '../../retention/define-retention.ts'
import { UNCONFIRMED_DAYS } from './requests.policy.ts'
import { deleteHandled, deleteUnconfirmed } from './requests.queries.ts'

/** What nobody has handled yet waits, however long. */
export const answeredRequests = defineRetention({
  name: 'requests',
  tables: [
    'requests',
    'request_messages',
    'request_tokens',
    'policy_acceptances',
  ],
  days: {
    default: 180,
    minimum: 1,
    maximum: 3650,
    mayBeForEver: false,
  },
  what: {
    en: 'Requests that were answered, approved or declined, with all that was written on them and agreed to with them',
    de: 'Beantwortete, genehmigte oder abgelehnte Anfragen, mit allem, was dazu geschrieben und worin dabei eingewilligt wurde',
    fr: 'Demandes auxquelles il a été répondu, acceptées ou refusées, avec tout ce qui a été écrit à leur sujet et accepté avec elles',
    es: 'Solicitudes respondidas, aceptadas o rechazadas, con todo lo que se escribió sobre ellas y se aceptó con ellas',
  },
  since: {
    en: 'the answer or decision',
    de: 'Antwort oder Entscheidung',
    fr: 'la réponse ou la décision',
    es: 'la respuesta o la decisión',
  },
  purge: (tx, { before }) => deleteHandled(tx, ['answered', 'approved', 'declined'], before),
})

export const spamRequests = defineRetention({
  name: 'spam-requests',
  tables: ['requests', 'policy_acceptances'],
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
  purge: (tx, { before }) => deleteHandled(tx, ['spam'], before),
})

export const unconfirmedRequests = defineRetention({
  name: 'unconfirmed-requests',
  tables: ['requests', 'request_proofs', 'policy_acceptances'],
  keeps: { days: UNCONFIRMED_DAYS },
  what: {
    en: 'Requests whose sender has not confirmed the address',
    de: 'Anfragen, deren Absender die Adresse nicht bestätigt hat',
    fr: 'Demandes dont l’expéditeur n’a pas confirmé l’adresse',
    es: 'Solicitudes cuyo remitente no ha confirmado la dirección',
  },
  since: {
    en: 'the request',
    de: 'Anfrage',
    fr: 'la demande',
    es: 'la solicitud',
  },
  why: {
    en: 'As long as the link in the mail that asks for it is good; until then nobody reads them.',
    de: 'So lange, wie der Link in der E-Mail gilt, die darum bittet; bis dahin liest sie niemand.',
    fr: 'Aussi longtemps que le lien de l’e-mail qui le demande est valable ; d’ici là, personne ne les lit.',
    es: 'Mientras vale el enlace del correo que lo pide; hasta entonces nadie las lee.',
  },
  purge: (tx, due) => deleteUnconfirmed(tx, due),
})
