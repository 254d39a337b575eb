import { Type } from 'typebox'
import { Instant, Literals } from '../../http/schemas.ts'
import { defineMail } from '../../mail/define-mail.ts'
import { requestKinds } from './requests.policy.ts'

const kinds = {
  en: {
    access: 'Access',
    onboarding: 'Getting started',
    question: 'A question about the product',
    support: 'Support',
    privacy: 'Privacy',
  },
  de: {
    access: 'Zugang',
    onboarding: 'Einstieg',
    question: 'Frage zum Produkt',
    support: 'Hilfe',
    privacy: 'Datenschutz',
  },
} as const

const example = { name: 'Anna Schmidt', reference: 'R-7F3K-92QD' }
/** The same for all mails of a request: by it, too, programs know a thread. */
const subjects = {
  en: (reference: string, sender: string) => `${reference} Your request to ${sender}`,
  de: (reference: string, sender: string) => `${reference} Ihre Anfrage an ${sender}`,
}

/** To the address that a request named, before anybody reads it. */
export const requestConfirmMail = defineMail({
  name: 'requests.confirm',
  essential: true,
  data: {
    name: Type.String(),
    reference: Type.String(),
    kind: Literals(...requestKinds),
    expiresAt: Instant,
  },
  secrets: {
    token: Type.String(),
    replyTag: Type.String(),
  },
  sample: {
    data: {
      ...example,
      kind: 'access',
      expiresAt: '2027-03-08T12:00:00.000Z',
    },
    secrets: { token: 'example', replyTag: '' },
  },
  words: {
    en: ({ name, reference, kind, expiresAt, token }, { sender, when }) => ({
      subject: subjects.en(reference, sender),
      heading: 'Confirm your request',
      paragraphs: [`Hello ${name}, thank you for writing. Confirm that this is your address: only then does somebody read your request. The same page shows our answer later, and takes what you want to add.`],
      action: { label: 'Confirm the request', path: `/requests#token=${token}` },
      facts: [
        ['Request', reference],
        ['About', kinds.en[kind]],
        [
          'Good until',
          when(expiresAt),
        ],
      ],
      reason: 'You get this mail because this address was entered in a form. If that was not you, do nothing: the request is deleted, and you get no more mail.',
    }),
    de: ({ name, reference, kind, expiresAt, token }, { sender, when }) => ({
      subject: subjects.de(reference, sender),
      heading: 'Bestätigen Sie Ihre Anfrage',
      paragraphs: [`Guten Tag ${name}, danke für Ihre Nachricht. Bestätigen Sie, dass dies Ihre Adresse ist: Erst dann liest jemand Ihre Anfrage. Auf derselben Seite steht später unsere Antwort, und dort können Sie etwas ergänzen.`],
      action: { label: 'Anfrage bestätigen', path: `/requests#token=${token}` },
      facts: [
        ['Anfrage', reference],
        ['Thema', kinds.de[kind]],
        [
          'Gilt bis',
          when(expiresAt),
        ],
      ],
      reason: 'Sie bekommen diese Mail, weil diese Adresse in ein Formular eingetragen wurde. Wenn Sie das nicht waren, tun Sie nichts: Die Anfrage wird gelöscht, und es kommt keine weitere Mail.',
    }),
  },
})

/** What an operator answers. */
export const requestReplyMail = defineMail({
  name: 'requests.reply',
  essential: true,
  data: {
    name: Type.String(),
    reference: Type.String(),
    text: Type.String(),
  },
  secrets: {
    token: Type.String(),
    replyTag: Type.String(),
  },
  prose: 'text',
  sample: {
    data: { ...example, text: 'Of course: a workspace holds as many folders as you like.\n\nThe folder **Contracts** is a good place to begin.' },
    secrets: { token: 'example', replyTag: '' },
    de: { text: 'Gern: Ein Arbeitsbereich fasst so viele Ordner, wie Sie möchten.\n\nFangen Sie am besten mit dem Ordner **Verträge** an.' },
  },
  words: {
    en: ({ name, reference, text, token }, { sender }) => ({
      subject: subjects.en(reference, sender),
      heading: 'An answer to your request',
      paragraphs: [`Hello ${name},`],
      prose: text,
      action: { label: 'Answer on the page of the request', path: `/requests#token=${token}` },
      facts: [
        ['Request', reference],
      ],
      reason: `You get this mail because you wrote to ${sender} and confirmed this address.`,
    }),
    de: ({ name, reference, text, token }, { sender }) => ({
      subject: subjects.de(reference, sender),
      heading: 'Eine Antwort auf Ihre Anfrage',
      paragraphs: [`Guten Tag ${name},`],
      prose: text,
      action: { label: 'Auf der Seite der Anfrage antworten', path: `/requests#token=${token}` },
      facts: [
        ['Anfrage', reference],
      ],
      reason: `Sie bekommen diese Mail, weil Sie an ${sender} geschrieben und diese Adresse bestätigt haben.`,
    }),
  },
})

/** That a privacy request takes longer, and why. */
export const requestExtendedMail = defineMail({
  name: 'requests.extended',
  essential: true,
  data: {
    name: Type.String(),
    reference: Type.String(),
    reason: Type.String(),
    dueAt: Instant,
  },
  secrets: {
    token: Type.String(),
    replyTag: Type.String(),
  },
  prose: 'reason',
  sample: {
    data: { ...example, reason: 'What you ask for lies in archives that have to be read by hand.', dueAt: '2027-05-30T12:00:00.000Z' },
    secrets: { token: 'example', replyTag: '' },
    de: { reason: 'Wonach Sie fragen, liegt in Archiven, die von Hand gelesen werden müssen.' },
  },
  words: {
    en: ({ name, reference, reason, dueAt, token }, { sender, when }) => ({
      subject: subjects.en(reference, sender),
      heading: 'Your request takes longer',
      paragraphs: [`Hello ${name}, we need more time for your privacy request. The reason:`],
      prose: reason,
      action: { label: 'To the page of the request', path: `/requests#token=${token}` },
      facts: [
        ['Request', reference],
        [
          'Now due',
          when(dueAt),
        ],
      ],
      reason: `You get this mail because you made a privacy request to ${sender}. If you do not agree, you may complain to a supervisory authority.`,
    }),
    de: ({ name, reference, reason, dueAt, token }, { sender, when }) => ({
      subject: subjects.de(reference, sender),
      heading: 'Ihre Anfrage dauert länger',
      paragraphs: [`Guten Tag ${name}, wir brauchen für Ihre Datenschutzanfrage mehr Zeit. Der Grund:`],
      prose: reason,
      action: { label: 'Zur Seite der Anfrage', path: `/requests#token=${token}` },
      facts: [
        ['Anfrage', reference],
        [
          'Neue Frist',
          when(dueAt),
        ],
      ],
      reason: `Sie bekommen diese Mail, weil Sie eine Datenschutzanfrage an ${sender} gestellt haben. Sind Sie nicht einverstanden, können Sie sich bei einer Aufsichtsbehörde beschweren.`,
    }),
  },
})

/** To whoever an operator made a workspace for. */
export const workspaceReadyMail = defineMail({
  name: 'requests.workspace-ready',
  essential: true,
  data: {
    name: Type.String(),
    email: Type.String(),
    workspace: Type.String(),
    /** Somebody new, who sets a password by the link; others have an account. */
    isNew: Type.Boolean(),
    expiresAt: Instant,
  },
  secrets: {
    path: Type.String(),
  },
  sample: {
    data: {
      name: example.name,
      email: 'anna.schmidt@example.com',
      workspace: 'Borealis',
      isNew: true,
      expiresAt: '2027-03-08T12:00:00.000Z',
    },
    secrets: { path: '/password-reset#token=example' },
  },
  words: {
    en: ({ name, email, workspace, isNew, expiresAt, path }, { sender, when }) => ({
      subject: `Your workspace at ${sender} is ready`,
      heading: `“${workspace}” is ready for you`,
      paragraphs: [
        `Hello ${name}, there is a workspace for you now, and you are its owner.`,
        isNew
          ? 'Choose a password, once, by this link; then sign in with your address.'
          : 'Sign in with the account that you have.',
      ],
      action: {
        label: isNew
          ? 'Choose a password'
          : 'Open the workspace',
        path,
      },
      facts: [
        ['Workspace', workspace],
        ['Account', email],
        ...isNew
          ? [
              [
                'Good until',
                when(expiresAt),
              ] as [string, string],
            ]
          : [],
      ],
      reason: `You get this mail because whoever runs ${sender} made a workspace for this address, mostly because somebody asked for it. If you do not expect it, do nothing.`,
    }),
    de: ({ name, email, workspace, isNew, expiresAt, path }, { sender, when }) => ({
      subject: `Ihr Arbeitsbereich bei ${sender} ist bereit`,
      heading: `„${workspace}“ ist für Sie bereit`,
      paragraphs: [
        `Guten Tag ${name}, für Sie gibt es jetzt einen Arbeitsbereich, und er gehört Ihnen.`,
        isNew
          ? 'Wählen Sie über diesen Link einmal ein Passwort; danach melden Sie sich mit Ihrer Adresse an.'
          : 'Melden Sie sich mit Ihrem Konto an.',
      ],
      action: {
        label: isNew
          ? 'Passwort wählen'
          : 'Arbeitsbereich öffnen',
        path,
      },
      facts: [
        ['Arbeitsbereich', workspace],
        ['Konto', email],
        ...isNew
          ? [
              [
                'Gilt bis',
                when(expiresAt),
              ] as [string, string],
            ]
          : [],
      ],
      reason: `Sie bekommen diese Mail, weil die Betreiber von ${sender} für diese Adresse einen Arbeitsbereich eingerichtet haben, meist weil jemand darum gebeten hat. Wenn Sie sie nicht erwarten, tun Sie nichts.`,
    }),
  },
})
