import { defineCookie } from '../../http/cookies.ts'

export const PROOF_SECONDS = 24 * 3600

export const proofCookie = defineCookie({
  name: () => 'clientshare-download',
  sameSite: 'strict',
  seconds: () => PROOF_SECONDS,
  purpose: {
    en: 'Shows that a download that goes on is yours. For that download only',
    de: 'Zeigt, dass ein Download, der weitergeht, Ihrer ist. Nur für diesen Download',
    fr: 'Montre qu’un téléchargement repris est le vôtre. Pour ce téléchargement seulement',
    es: 'Muestra que una descarga que continúa es suya. Solo para esa descarga',
  },
  setWhen: {
    en: 'when you download by a link whose downloads are limited',
    de: 'wenn Sie über einen Link mit begrenzten Downloads herunterladen',
    fr: 'quand vous téléchargez par un lien au nombre de téléchargements limité',
    es: 'cuando descarga por un enlace con descargas limitadas',
  },
})
