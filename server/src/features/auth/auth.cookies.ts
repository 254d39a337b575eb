import { defineCookie, hostName } from '../../http/cookies.ts'
import { ENDED_SESSION_DAYS } from '../sessions/sessions.policy.ts'

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
