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
