import { defineCookie, hostName } from '../../http/cookies.ts'
import { ENDED_SESSION_DAYS } from '../sessions/sessions.policy.ts'
import { EMAIL_CODE_SECONDS } from './email-code.ts'

/** As long as browsers keep a cookie at most. */
export const DEVICE_DAYS = 400
const DAY_SECONDS = 86_400

export const sessionCookie = defineCookie({
  name: hostName('clientshare-session'),
  sameSite: 'strict',
  seconds: ({ sessionIdleMinutes, sessionTotalMinutes }) => Math.min(sessionIdleMinutes, sessionTotalMinutes ?? Infinity) * 60 + ENDED_SESSION_DAYS * DAY_SECONDS,
  purpose: {
    en: 'Keeps you signed in, and says why a session has ended',
    de: 'Hält Sie angemeldet und sagt, warum eine Sitzung beendet ist',
    fr: 'Vous garde connecté et indique pourquoi une session est terminée',
    es: 'Mantiene su sesión y dice por qué ha terminado',
  },
  setWhen: {
    en: 'when you sign in',
    de: 'wenn Sie sich anmelden',
    fr: 'quand vous vous connectez',
    es: 'cuando inicia sesión',
  },
})

/** Kept when a session ends: see known-devices.ts. */
export const deviceCookie = defineCookie({
  name: hostName('clientshare-device'),
  sameSite: 'strict',
  seconds: () => DEVICE_DAYS * DAY_SECONDS,
  purpose: {
    en: 'Says that you have signed in with this browser before, so that we tell you of a sign-in from another',
    de: 'Sagt, dass Sie sich mit diesem Browser schon angemeldet haben, damit wir Ihnen eine Anmeldung mit einem anderen melden',
    fr: 'Indique que vous vous êtes déjà connecté avec ce navigateur, pour vous signaler une connexion depuis un autre',
    es: 'Dice que ya inició sesión con este navegador, para avisarle de un inicio de sesión desde otro',
  },
  setWhen: {
    en: 'when you sign in',
    de: 'wenn Sie sich anmelden',
    fr: 'quand vous vous connectez',
    es: 'cuando inicia sesión',
  },
})

/** Kept while somebody waits for a mailed code, which counts with it alone. */
export const codeCookie = defineCookie({
  name: hostName('clientshare-code'),
  sameSite: 'strict',
  seconds: () => EMAIL_CODE_SECONDS,
  purpose: {
    en: 'Ties a code that we mail you for a sign-in to the browser in which you asked for it',
    de: 'Bindet einen Code, den wir Ihnen zur Anmeldung mailen, an den Browser, in dem Sie darum gebeten haben',
    fr: 'Lie un code que nous vous envoyons pour vous connecter au navigateur dans lequel vous l’avez demandé',
    es: 'Une un código que le enviamos para iniciar sesión al navegador en el que lo pidió',
  },
  setWhen: {
    en: 'when you ask for a code',
    de: 'wenn Sie um einen Code bitten',
    fr: 'quand vous demandez un code',
    es: 'cuando pide un código',
  },
})
