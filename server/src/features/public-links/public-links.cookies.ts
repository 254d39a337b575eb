import { defineCookie } from '../../http/cookies.ts'
import { LINK_GRANT_SECONDS } from '../../http/tokens.ts'

export const linkGrantCookie = defineCookie({
  name: () => 'clientshare-link-grant',
  sameSite: 'strict',
  seconds: () => LINK_GRANT_SECONDS,
  purpose: {
    en: 'Remembers that you opened a link. For that link only',
    de: 'Merkt sich, dass Sie einen Link geöffnet haben. Nur für diesen Link',
    fr: 'Se souvient que vous avez ouvert un lien. Pour ce lien seulement',
    es: 'Recuerda que abrió un enlace. Solo para ese enlace',
  },
  setWhen: {
    en: 'when you open a link',
    de: 'wenn Sie einen Link öffnen',
    fr: 'quand vous ouvrez un lien',
    es: 'cuando abre un enlace',
  },
})
