import { defineRetention, spanOf } from '../../retention/define-retention.ts'
import { HOUR_MS } from './link-visits.ts'
import { deleteVisitsBefore } from './public-links.queries.ts'

export const comparedVisits = defineRetention({
  name: 'link-visits',
  tables: ['link_visits'],
  keeps: spanOf(HOUR_MS),
  what: {
    en: 'Hashes of network and browser of who opened a link, so that the log tells of it once',
    de: 'Hashes von Netz und Browser derer, die einen Link geöffnet haben, damit das Protokoll es einmal erzählt',
    fr: 'Empreintes du réseau et du navigateur de qui a ouvert un lien, pour que le journal n’en parle qu’une fois',
    es: 'Hashes de la red y del navegador de quien abrió un enlace, para que el registro lo cuente una sola vez',
  },
  since: {
    en: 'the visit',
    de: 'Besuch',
    fr: 'la visite',
    es: 'la visita',
  },
  why: {
    en: 'What happens again within the hour is not told again.',
    de: 'Was sich in der Stunde wiederholt, wird nicht noch einmal erzählt.',
    fr: 'Ce qui se répète dans l’heure n’est pas raconté de nouveau.',
    es: 'Lo que se repite dentro de la hora no se vuelve a contar.',
  },
  purge: (tx, { before }) => deleteVisitsBefore(tx, before),
})
