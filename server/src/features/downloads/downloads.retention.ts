import { defineRetention, spanOf } from '../../retention/define-retention.ts'
import * as queries from './downloads.queries.ts'
import { CONTINUED_MS, TICKET_LIFE_MS } from './downloads.service.ts'

export const downloadsUnderWay = defineRetention({
  name: 'downloads',
  tables: ['download_tickets', 'noted_downloads'],
  keeps: spanOf(Math.max(CONTINUED_MS, TICKET_LIFE_MS)),
  what: {
    en: 'Downloads under way, so that they can be resumed',
    de: 'Laufende Downloads, damit sie fortgesetzt werden können',
    fr: 'Téléchargements en cours, pour pouvoir les reprendre',
    es: 'Descargas en curso, para poder reanudarlas',
  },
  since: {
    en: 'the beginning, at most',
    de: 'Beginn, höchstens',
    fr: 'le début, au plus',
    es: 'el comienzo, como máximo',
  },
  why: {
    en: 'So long a download may be continued without being another.',
    de: 'So lange darf ein Download fortgesetzt werden, ohne ein neuer zu sein.',
    fr: 'Pendant ce temps, un téléchargement peut être repris sans en être un autre.',
    es: 'Durante ese tiempo una descarga se puede continuar sin que sea otra.',
  },
  purge: async (tx, { now, before }) => [
    await queries.deleteExpiredTickets(tx, now),
    await queries.deleteNotedBefore(tx, before),
  ].includes(true),
})
