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
      paragraphs: ['By this link you set a new password, once. You are then signed out everywhere, your access tokens end, and you sign in with the new one.'],
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
      paragraphs: ['Über diesen Link setzen Sie einmal ein neues Passwort. Danach sind Sie überall abgemeldet, Ihre Zugriffstoken sind beendet, und Sie melden sich mit dem neuen wieder an.'],
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

const example = {
  from: 'anna.schmidt@example.com',
  to: 'anna@example.org',
}

/** To the address that somebody wants as theirs, or says is theirs. */
export const emailConfirmMail = defineMail({
  name: 'users.email-confirm',
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
      email: example.to,
      expiresAt: '2027-03-02T12:00:00.000Z',
    },
    secrets: { token: 'example' },
  },
  words: {
    en: ({ email, expiresAt, token }, { sender, when }) => ({
      subject: `Confirm your e-mail address for ${sender}`,
      heading: 'Confirm your e-mail address',
      paragraphs: ['Somebody with an account here gave this address as theirs. If it was you, confirm it: you then sign in with it.'],
      action: { label: 'Confirm the address', path: `/confirm-email#token=${token}` },
      facts: [
        ['Address', email],
        [
          'Good until',
          when(expiresAt),
        ],
      ],
      reason: 'You get this mail because this address was entered for an account. If that was not you, do nothing: nothing happens without the link.',
    }),
    de: ({ email, expiresAt, token }, { sender, when }) => ({
      subject: `Bestätigen Sie Ihre E-Mail-Adresse für ${sender}`,
      heading: 'E-Mail-Adresse bestätigen',
      paragraphs: ['Jemand mit einem Konto hier hat diese Adresse als die eigene angegeben. Wenn Sie das waren, bestätigen Sie sie: Danach melden Sie sich damit an.'],
      action: { label: 'Adresse bestätigen', path: `/confirm-email#token=${token}` },
      facts: [
        ['Adresse', email],
        [
          'Gilt bis',
          when(expiresAt),
        ],
      ],
      reason: 'Sie bekommen diese Mail, weil diese Adresse für ein Konto eingetragen wurde. Wenn Sie das nicht waren, tun Sie nichts: Ohne den Link geschieht nichts.',
    }),
  },
})

/** To the address that an account has, when another is asked for. */
export const emailChangeAskedMail = defineMail({
  name: 'users.email-change-asked',
  essential: true,
  data: {
    from: Type.String(),
    to: Type.String(),
  },
  secrets: {},
  sample: { data: example, secrets: {} },
  words: {
    en: ({ from, to }, { sender }) => ({
      subject: `Somebody wants another e-mail address for your account at ${sender}`,
      heading: 'Another address for your account',
      paragraphs: [
        'Whoever asked was signed in as you. Once the new address is confirmed, we write to you here again, with a link that takes it back.',
        'If it was not you, end the other sessions on your account page, and change the password by which you sign in: the one here, your provider’s, or, if you sign in with codes by mail, your mailbox’s.',
      ],
      action: { label: 'To your account', path: '/account' },
      facts: [
        ['Now', from],
        ['Asked for', to],
      ],
      reason: 'You get this mail because this is the address of an account. It cannot be switched off, for it is about who may use the account.',
    }),
    de: ({ from, to }, { sender }) => ({
      subject: `Für Ihr Konto bei ${sender} möchte jemand eine andere E-Mail-Adresse`,
      heading: 'Eine andere Adresse für Ihr Konto',
      paragraphs: [
        'Wer das angefordert hat, war als Sie angemeldet. Sobald die neue Adresse bestätigt ist, schreiben wir Ihnen hierher noch einmal, mit einem Link, der es zurücknimmt.',
        'Wenn Sie das nicht waren, beenden Sie die anderen Sitzungen auf der Seite Ihres Kontos und ändern Sie das Passwort, mit dem Sie sich anmelden: das hier, das bei Ihrem Anbieter oder, wenn Sie sich mit Codes per E-Mail anmelden, das Ihres Postfachs.',
      ],
      action: { label: 'Zu Ihrem Konto', path: '/account' },
      facts: [
        ['Jetzt', from],
        ['Gewünscht', to],
      ],
      reason: 'Sie bekommen diese Mail, weil dies die Adresse eines Kontos ist. Sie lässt sich nicht abbestellen, denn es geht darum, wer das Konto benutzen kann.',
    }),
  },
})

/** To the address that an account had until now. */
export const emailChangedMail = defineMail({
  name: 'users.email-changed',
  essential: true,
  data: {
    from: Type.String(),
    to: Type.String(),
    undoUntil: Instant,
  },
  secrets: {
    token: Type.String(),
  },
  sample: {
    data: { ...example, undoUntil: '2027-03-04T12:00:00.000Z' },
    secrets: { token: 'example' },
  },
  words: {
    en: ({ from, to, undoUntil, token }, { sender, when }) => ({
      subject: `Your account at ${sender} has another e-mail address`,
      heading: 'The address of your account was changed',
      paragraphs: [
        'If it was you, there is nothing to do.',
        'If it was not, take it back: your account gets this address again, everybody who is signed in is signed out, and you choose a new password.',
      ],
      action: { label: 'Take it back', path: `/undo-email-change#token=${token}` },
      facts: [
        ['Before', from],
        ['Now', to],
        [
          'Can be taken back until',
          when(undoUntil),
        ],
      ],
      reason: 'You get this mail because this was the address of an account until now. It cannot be switched off, for it is about who may use the account.',
    }),
    de: ({ from, to, undoUntil, token }, { sender, when }) => ({
      subject: `Ihr Konto bei ${sender} hat eine andere E-Mail-Adresse`,
      heading: 'Die Adresse Ihres Kontos wurde geändert',
      paragraphs: [
        'Wenn Sie das waren, ist nichts zu tun.',
        'Wenn nicht, nehmen Sie es zurück: Ihr Konto bekommt diese Adresse wieder, alle Angemeldeten werden abgemeldet, und Sie wählen ein neues Passwort.',
      ],
      action: { label: 'Zurücknehmen', path: `/undo-email-change#token=${token}` },
      facts: [
        ['Vorher', from],
        ['Jetzt', to],
        [
          'Lässt sich zurücknehmen bis',
          when(undoUntil),
        ],
      ],
      reason: 'Sie bekommen diese Mail, weil dies bis jetzt die Adresse eines Kontos war. Sie lässt sich nicht abbestellen, denn es geht darum, wer das Konto benutzen kann.',
    }),
  },
})

/** To an address that an account has, when somebody else wants it as theirs. */
export const emailTakenMail = defineMail({
  name: 'users.email-taken',
  essential: true,
  data: {
    email: Type.String(),
  },
  secrets: {},
  sample: {
    data: { email: example.to },
    secrets: {},
  },
  words: {
    en: ({ email }, { sender }) => ({
      subject: `You have an account at ${sender} already`,
      heading: 'This address has an account',
      paragraphs: [
        'Somebody gave this address as theirs. It belongs to an account already, so nothing was changed. If it was you, sign in with it; if you do not know the password any more, you get a new one from the sign-in page.',
      ],
      action: { label: 'Sign in', path: '/login' },
      facts: [
        ['Account', email],
      ],
      reason: 'You get this mail because somebody entered this address. If that was not you, do nothing.',
    }),
    de: ({ email }, { sender }) => ({
      subject: `Sie haben bei ${sender} schon ein Konto`,
      heading: 'Diese Adresse hat ein Konto',
      paragraphs: [
        'Jemand hat diese Adresse als die eigene angegeben. Sie gehört schon zu einem Konto, deshalb wurde nichts geändert. Wenn Sie das waren, melden Sie sich damit an; wenn Sie das Passwort nicht mehr wissen, bekommen Sie auf der Anmeldeseite ein neues.',
      ],
      action: { label: 'Anmelden', path: '/login' },
      facts: [
        ['Konto', email],
      ],
      reason: 'Sie bekommen diese Mail, weil jemand diese Adresse eingegeben hat. Wenn Sie das nicht waren, tun Sie nichts.',
    }),
  },
})
