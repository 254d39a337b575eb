import { Type } from 'typebox'
import { Instant } from '../../http/schemas.ts'
import { defineMail } from '../../mail/define-mail.ts'

/** To whoever asked for an account with this address, where people may. */
export const registrationMail = defineMail({
  name: 'auth.registration',
  essential: true,
  data: {
    email: Type.String(),
    expiresAt: Instant,
  },
  secrets: {
    token: Type.String(),
  },
  sample: {
    data: {
      email: 'anna.schmidt@example.com',
      expiresAt: '2027-03-02T12:00:00.000Z',
    },
    secrets: { token: 'example' },
  },
  words: {
    en: ({ email, expiresAt, token }, { sender, when }) => ({
      subject: `Your account at ${sender}`,
      heading: 'Finish your account',
      paragraphs: ['By this link you choose your name and a password, and are signed in.'],
      action: { label: 'Finish the account', path: `/register#token=${token}` },
      facts: [
        ['Address', email],
        [
          'Good until',
          when(expiresAt),
        ],
      ],
      reason: 'You get this mail because somebody asked for an account with this address. If that was not you, do nothing: none is made without the link.',
    }),
    de: ({ email, expiresAt, token }, { sender, when }) => ({
      subject: `Ihr Konto bei ${sender}`,
      heading: 'Konto fertigstellen',
      paragraphs: ['Über diesen Link wählen Sie Ihren Namen und ein Passwort und sind danach angemeldet.'],
      action: { label: 'Konto fertigstellen', path: `/register#token=${token}` },
      facts: [
        ['Adresse', email],
        [
          'Gilt bis',
          when(expiresAt),
        ],
      ],
      reason: 'Sie bekommen diese Mail, weil jemand mit dieser Adresse ein Konto haben möchte. Wenn Sie das nicht waren, tun Sie nichts: Ohne den Link entsteht keines.',
    }),
  },
})

/** To a client's contact who asked for one; and to one who has shown their password, where that is not enough. */
export const emailCodeMail = defineMail({
  name: 'auth.email-code',
  essential: true,
  data: {
    email: Type.String(),
    expiresAt: Instant,
  },
  secrets: {
    code: Type.String(),
  },
  sample: {
    data: {
      email: 'anna.schmidt@example.com',
      expiresAt: '2027-03-02T12:10:00.000Z',
    },
    secrets: { code: '350286' },
  },
  words: {
    en: ({ email, expiresAt, code }, { sender, when }) => ({
      subject: `Your code to sign in at ${sender}`,
      heading: `Your code: ${code}`,
      paragraphs: ['Type it on the page where you asked for it. It counts once, and nowhere else.'],
      facts: [
        ['Account', email],
        [
          'Good until',
          when(expiresAt),
        ],
      ],
      reason: 'You get this mail because somebody is signing in with this address. If that was not you, do nothing, and tell nobody the code: nobody of us ever asks for it.',
    }),
    de: ({ email, expiresAt, code }, { sender, when }) => ({
      subject: `Ihr Code für die Anmeldung bei ${sender}`,
      heading: `Ihr Code: ${code}`,
      paragraphs: ['Geben Sie ihn auf der Seite ein, auf der Sie ihn angefordert haben. Er gilt einmal und nirgendwo sonst.'],
      facts: [
        ['Konto', email],
        [
          'Gilt bis',
          when(expiresAt),
        ],
      ],
      reason: 'Sie bekommen diese Mail, weil sich jemand mit dieser Adresse anmeldet. Wenn Sie das nicht waren, tun Sie nichts, und nennen Sie niemandem den Code: Niemand von uns fragt je danach.',
    }),
  },
})

/** To whoever asked for a code with the address of an account that signs in otherwise. */
export const signInOtherwiseMail = defineMail({
  name: 'auth.sign-in-otherwise',
  essential: true,
  data: {
    email: Type.String(),
  },
  secrets: {},
  sample: {
    data: { email: 'anna.schmidt@example.com' },
    secrets: {},
  },
  words: {
    en: ({ email }, { sender }) => ({
      subject: `How you sign in at ${sender}`,
      heading: 'Your account does not sign in by codes',
      paragraphs: [
        'Codes by mail are for the contacts of clients. You sign in with your password, a passkey or your organisation’s account. If you do not know the password any more, or never had one, you choose a new one from the sign-in page.',
      ],
      action: { label: 'Sign in', path: '/login' },
      facts: [
        ['Account', email],
      ],
      reason: 'You get this mail because somebody asked for a code with this address. If that was not you, do nothing.',
    }),
    de: ({ email }, { sender }) => ({
      subject: `So melden Sie sich bei ${sender} an`,
      heading: 'Ihr Konto meldet sich nicht mit Codes an',
      paragraphs: [
        'Codes per E-Mail sind für Ansprechpersonen von Kunden. Sie melden sich mit Ihrem Passwort, einem Passkey oder dem Konto Ihrer Organisation an. Wenn Sie das Passwort nicht mehr wissen oder nie eines hatten, wählen Sie auf der Anmeldeseite ein neues.',
      ],
      action: { label: 'Anmelden', path: '/login' },
      facts: [
        ['Konto', email],
      ],
      reason: 'Sie bekommen diese Mail, weil jemand mit dieser Adresse einen Code angefordert hat. Wenn Sie das nicht waren, tun Sie nichts.',
    }),
  },
})
