import { defineRetention, spanOf } from '../retention/define-retention.ts'
import { deleteOldClaims } from './idempotency.queries.ts'
import { KEPT_MS } from './idempotency.ts'

export const answers = defineRetention({
  name: 'answers',
  tables: ['idempotency_keys'],
  keeps: spanOf(KEPT_MS),
  what: {
    en: 'Answers to recent requests, encrypted, so that a repeat does nothing twice',
    de: 'Antworten auf jüngste Anfragen, verschlüsselt, damit eine Wiederholung nichts doppelt tut',
    fr: 'Réponses aux requêtes récentes, chiffrées, pour qu’une répétition ne fasse rien deux fois',
    es: 'Respuestas a solicitudes recientes, cifradas, para que una repetición no haga nada dos veces',
  },
  since: {
    en: 'the request',
    de: 'Anfrage',
    fr: 'la requête',
    es: 'la solicitud',
  },
  why: {
    en: 'Programs that lost the connection repeat a request within a day.',
    de: 'Programme, denen die Verbindung abbrach, wiederholen eine Anfrage innerhalb eines Tages.',
    fr: 'Les programmes qui ont perdu la connexion répètent leur requête dans la journée.',
    es: 'Los programas que perdieron la conexión repiten la solicitud en el plazo de un día.',
  },
  purge: (tx, { before }) => deleteOldClaims(tx, before),
})
