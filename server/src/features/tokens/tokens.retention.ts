import { defineRetention } from '../../retention/define-retention.ts'
import { deleteExpired } from './tokens.queries.ts'

/** An expired token opens nothing; so long it is still listed. */
export const expiredTokens = defineRetention({
  name: 'tokens',
  tables: ['access_tokens'],
  days: {
    default: 30,
    minimum: 1,
    maximum: 365,
    mayBeForEver: false,
  },
  what: {
    en: 'Access tokens that have expired',
    de: 'Abgelaufene Zugriffstoken',
    fr: 'Jetons d’accès expirés',
    es: 'Tokens de acceso caducados',
  },
  since: {
    en: 'the end of the token',
    de: 'Ablauf des Tokens',
    fr: 'l’expiration du jeton',
    es: 'la caducidad del token',
  },
  purge: (tx, { before }) => deleteExpired(tx, before),
})
