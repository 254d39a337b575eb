import { defineRetention, spanOf } from '../../retention/define-retention.ts'
import { UPLOAD_LIFETIME_MS } from './parts/upload-lifetime.ts'

export const unfinishedUploads = defineRetention({
  name: 'uploads',
  tables: ['uploads', 'upload_parts', 'upload_part_sends'],
  keeps: spanOf(UPLOAD_LIFETIME_MS),
  what: {
    en: 'Uploads that were not finished, with what had arrived of them',
    de: 'Nicht beendete Uploads, mit dem, was von ihnen angekommen war',
    fr: 'Envois non terminés, avec ce qui en était arrivé',
    es: 'Subidas no terminadas, con lo que había llegado de ellas',
  },
  since: {
    en: 'the last part that arrived',
    de: 'letztes Teil, das ankam',
    fr: 'la dernière partie reçue',
    es: 'la última parte recibida',
  },
  why: {
    en: 'So long an upload can be resumed. The sweep of the store ends it then, every quarter of an hour.',
    de: 'So lange kann ein Upload fortgesetzt werden. Danach beendet ihn die Durchsicht des Speichers, jede Viertelstunde.',
    fr: 'Pendant ce temps, un envoi peut être repris. Le nettoyage du stockage y met fin ensuite, tous les quarts d’heure.',
    es: 'Durante ese tiempo una subida se puede reanudar. Después la cierra el repaso del almacén, cada cuarto de hora.',
  },
  job: 'storage.sweep',
})
