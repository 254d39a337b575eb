import { defineRetention } from '../../retention/define-retention.ts'
import { deleteOld } from './notifications.queries.ts'

export const oldNotifications = defineRetention({
  name: 'notifications',
  tables: ['notification_lines', 'notification_events', 'notifications'],
  days: {
    default: 90,
    minimum: 7,
    maximum: 730,
    mayBeForEver: false,
  },
  what: {
    en: 'Notifications in the app, read or not',
    de: 'Mitteilungen in der App, gelesen oder nicht',
    fr: 'Notifications dans l’application, lues ou non',
    es: 'Avisos en la aplicación, leídos o no',
  },
  since: {
    en: 'the last event that they tell of',
    de: 'letztes Ereignis, von dem sie erzählen',
    fr: 'le dernier événement dont elles parlent',
    es: 'el último suceso del que informan',
  },
  purge: (tx, { before }) => deleteOld(tx, before),
})
