import { Type } from 'typebox'
import { Instant } from '../../http/schemas.ts'
import { defineMail } from '../../mail/define-mail.ts'

/** To whoever asked for a new password, if the address is an account's. */
export const passwordResetMail = defineMail({
  name: 'users.password-reset',
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
      expiresAt: '2027-03-01T12:30:00.000Z',
    },
    secrets: { token: 'example' },
  },
  words: {
    en: ({ email, expiresAt, token }, { sender, when }) => ({
      subject: `A new password for ${sender}`,
      heading: 'Choose a new password',
      paragraphs: ['By this link you set a new password, once. You are then signed out everywhere, and sign in with the new one.'],
      action: { label: 'Choose a new password', path: `/password-reset#token=${token}` },
      facts: [
        ['Account', email],
        [
          'Good until',
          when(expiresAt),
        ],
      ],
      reason: 'You get this mail because somebody asked for a new password with this address. If that was not you, do nothing: your password stays as it is, and nobody else gets this link.',
    }),
    de: ({ email, expiresAt, token }, { sender, when }) => ({
      subject: `Ein neues Passwort für ${sender}`,
      heading: 'Neues Passwort wählen',
      paragraphs: ['Über diesen Link setzen Sie einmal ein neues Passwort. Danach sind Sie überall abgemeldet und melden sich mit dem neuen wieder an.'],
      action: { label: 'Neues Passwort wählen', path: `/password-reset#token=${token}` },
      facts: [
        ['Konto', email],
        [
          'Gilt bis',
          when(expiresAt),
        ],
      ],
      reason: 'Sie bekommen diese Mail, weil jemand mit dieser Adresse ein neues Passwort angefordert hat. Wenn Sie das nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist, und niemand sonst bekommt diesen Link.',
    }),
  },
})
