import { defineCookie, hostName, isHttps } from '../../http/cookies.ts'

/** So long somebody may be at their provider's. */
export const STATE_SECONDS = 10 * 60

export const stateCookie = defineCookie({
  name: hostName('clientshare-oidc'),
  // Unlike the session's: a browser comes back from another site, by a link. What it holds is good for one return alone.
  sameSite: 'lax',
  /** `__Host-` is for the whole origin; without it, only what needs the cookie gets it. */
  path: config => isHttps(config)
    ? '/'
    : '/api/v1/auth/oidc',
  seconds: () => STATE_SECONDS,
  purpose: {
    en: 'Knows the browser again that went to a provider to sign in there',
    de: 'Erkennt den Browser wieder, der zur Anmeldung bei einem Anbieter war',
    fr: 'Reconnaît le navigateur parti se connecter chez un fournisseur',
    es: 'Reconoce el navegador que fue a iniciar sesión con un proveedor',
  },
  setWhen: {
    en: 'when you sign in by a provider',
    de: 'wenn Sie sich über einen Anbieter anmelden',
    fr: 'quand vous vous connectez par un fournisseur',
    es: 'cuando inicia sesión con un proveedor',
  },
})
