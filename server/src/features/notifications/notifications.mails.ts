import type { Static } from 'typebox'
import type { MailLanguage } from '../../mail/define-mail.ts'
import { Type } from 'typebox'
import { Instant, Literals, Nullable, Uuid } from '../../http/schemas.ts'
import { defineMail } from '../../mail/define-mail.ts'
import { fileUploaded, linkDownloaded, memberRoleChanged, sessionStarted } from '../audit/audit.actions.ts'
import { mailAdvice, mailSentences, ownAdvice } from './mail-sentences.ts'

/** One line of news, as far as its sentence names it. */
export const MailedLine = Type.Object({
  type: Type.String(),
  count: Type.Integer(),
  /** Empty: somebody without an account. */
  actor: Type.String(),
  subject: Type.String(),
  place: Type.String(),
  workspace: Type.String(),
  /** Absent: it happened in none. By it a line goes again, when its reader has left meanwhile. */
  workspaceId: Type.Optional(Uuid),
  /** It is about who gets the mail. */
  isAboutYou: Type.Boolean(),
  /** What its sentence counts in one event: per cent, refusals. */
  amount: Type.Optional(Type.Integer()),
  expiresAt: Type.Optional(Instant),
}, { additionalProperties: false })
export type MailedLine = Static<typeof MailedLine>

/** Lines that a mail names; the others are counted. */
export const MAILED_LINES = 20

const texts = {
  en: {
    day: 'Your day',
    week: 'Your week',
    others: (count: number) => ` and ${count} more`,
    headings: { 'at-once': 'What just happened', 'daily': 'What happened since yesterday', 'weekly': 'What happened this week' },
    notNamed: (count: number) => `And ${count} more.`,
    show: 'Show it',
    workspace: 'Workspace',
    expires: 'Expires',
    reasons: {
      'at-once': 'You get this mail because your notifications are set so that this is mailed at once. What you have read in the app is not mailed.',
      'daily': 'You get this mail because you want to be told once a day. What you have read in the app is not mailed.',
      'weekly': 'You get this mail because you want to be told once a week. What you have read in the app is not mailed.',
    },
  },
  de: {
    day: 'Ihr Tag',
    week: 'Ihre Woche',
    others: (count: number) => ` und ${count} weitere`,
    headings: { 'at-once': 'Was gerade geschehen ist', 'daily': 'Was seit gestern geschehen ist', 'weekly': 'Was diese Woche geschehen ist' },
    notNamed: (count: number) => `Und ${count} weitere.`,
    show: 'Anzeigen',
    workspace: 'Arbeitsbereich',
    expires: 'Läuft ab',
    reasons: {
      'at-once': 'Sie bekommen diese Mail, weil Ihre Benachrichtigungen so eingestellt sind, dass das sofort gemailt wird. Was Sie in der App gelesen haben, wird nicht gemailt.',
      'daily': 'Sie bekommen diese Mail, weil Sie einmal am Tag benachrichtigt werden möchten. Was Sie in der App gelesen haben, wird nicht gemailt.',
      'weekly': 'Sie bekommen diese Mail, weil Sie einmal in der Woche benachrichtigt werden möchten. Was Sie in der App gelesen haben, wird nicht gemailt.',
    },
  },
} satisfies Record<MailLanguage, object>

interface News { rhythm: 'at-once' | 'daily' | 'weekly', lines: readonly MailedLine[], more: number }

function wordsIn(language: MailLanguage) {
  const { day, week, others, headings, notNamed, show, workspace, expires, reasons } = texts[language]
  return ({ rhythm, lines, more }: News, { when }: { when: (at: string) => string }) => {
    const told = lines.map(line => ({
      sentence: mailSentences[language](line),
      workspace: line.workspace,
    }))
    const [only] = told
    const isAtOnce = rhythm === 'at-once'
    const isAlone = told.length === 1 && more === 0
    const rest = told.length + more - 1
    return {
      subject: `${isAtOnce
        ? ''
        : `${rhythm === 'daily'
          ? day
          : week}: `}${only!.sentence}${rest > 0
        ? others(rest)
        : ''}`,
      heading: isAtOnce && isAlone
        ? only!.sentence
        : headings[rhythm],
      paragraphs: isAtOnce && isAlone
        ? adviceIn(language, lines[0]!)
        : [],
      groups: isAtOnce && isAlone
        ? []
        : grouped(told, more > 0
            ? notNamed(more)
            : undefined),
      action: { label: show, path: '/notifications' },
      facts: isAlone
        ? [
            [workspace, lines[0]!.workspace],
            [
              expires,
              lines[0]!.expiresAt === undefined
                ? ''
                : when(lines[0]!.expiresAt),
            ],
          ].filter((fact): fact is [string, string] => fact[1] !== '')
        : [],
      reason: reasons[rhythm],
    }
  }
}

/** What happened that concerns somebody: of one type at once, or of all of them once a day or a week. */
export const newsMail = defineMail({
  name: 'notifications.news',
  essential: false,
  data: {
    rhythm: Literals('at-once', 'daily', 'weekly'),
    lines: Type.Array(MailedLine, { minItems: 1, maxItems: MAILED_LINES }),
    /** Not named. */
    more: Type.Integer({ minimum: 0 }),
  },
  secrets: {
    unsubscribePath: Type.String(),
  },
  sample: {
    data: {
      rhythm: 'daily',
      lines: [
        {
          type: fileUploaded.action,
          count: 10,
          actor: 'Anna Schmidt',
          subject: 'Annex A.pdf',
          place: 'Contracts',
          workspace: 'Borealis',
          isAboutYou: false,
        },
        {
          type: linkDownloaded.action,
          count: 2,
          actor: '',
          subject: 'Audit set',
          place: '',
          workspace: 'Borealis',
          isAboutYou: false,
        },
        {
          type: memberRoleChanged.action,
          count: 1,
          actor: 'Jonas Meyer',
          subject: 'Olga Operator',
          place: '',
          workspace: 'Harbour',
          isAboutYou: true,
        },
      ],
      more: 3,
    },
    secrets: { unsubscribePath: '/unsubscribe/example' },
  },
  words: {
    en: wordsIn('en'),
    de: wordsIn('de'),
  },
})

/** Something about who may use an account: to its person, whatever they chose. */
export const accountNewsMail = defineMail({
  name: 'notifications.account',
  essential: true,
  data: {
    line: MailedLine,
    at: Instant,
    /** From where; null: another acted, or nobody knows. */
    ip: Nullable(Type.String()),
    /** By its browser and system. Absent in mails of before. */
    device: Type.Optional(Nullable(Type.String())),
  },
  secrets: {},
  sample: {
    data: {
      line: {
        type: sessionStarted.action,
        count: 1,
        actor: 'Anna Schmidt',
        subject: 'Anna Schmidt',
        place: '',
        workspace: '',
        isAboutYou: true,
      },
      at: '2027-03-01T12:00:00.000Z',
      ip: '203.0.113.5',
      device: 'Firefox, Windows',
    },
    secrets: {},
  },
  words: {
    en: ({ line, at, ip, device }, { when }) => ({
      subject: mailSentences.en(line),
      heading: mailSentences.en(line),
      paragraphs: [
        'If this was you, or you know of it, there is nothing to do.',
        'If not, end on your account page what is not yours: sessions, second factors, access tokens.',
        'Then change the password by which you sign in: the one here, your provider’s, or, if you sign in with codes by mail, your mailbox’s.',
      ],
      action: { label: 'To your account', path: '/account' },
      facts: [
        [
          'When',
          when(at),
        ],
        ...device == null
          ? []
          : [
              ['Device', device] as [string, string],
            ],
        ...ip === null
          ? []
          : [
              ['From the address', ip] as [string, string],
            ],
      ],
      reason: 'You get this mail because you have an account here. It cannot be switched off, for it is about who may use the account.',
    }),
    de: ({ line, at, ip, device }, { when }) => ({
      subject: mailSentences.de(line),
      heading: mailSentences.de(line),
      paragraphs: [
        'Wenn Sie das waren oder davon wissen, ist nichts zu tun.',
        'Wenn nicht, beenden Sie auf der Seite Ihres Kontos, was nicht von Ihnen ist: Sitzungen, zweite Faktoren, Zugriffstoken.',
        'Ändern Sie dann das Passwort, mit dem Sie sich anmelden: das hier, das bei Ihrem Anbieter oder, wenn Sie sich mit Codes per E-Mail anmelden, das Ihres Postfachs.',
      ],
      action: { label: 'Zu Ihrem Konto', path: '/account' },
      facts: [
        [
          'Wann',
          when(at),
        ],
        ...device == null
          ? []
          : [
              ['Gerät', device] as [string, string],
            ],
        ...ip === null
          ? []
          : [
              ['Von der Adresse', ip] as [string, string],
            ],
      ],
      reason: 'Sie bekommen diese Mail, weil Sie hier ein Konto haben. Sie lässt sich nicht abbestellen, denn es geht darum, wer das Konto benutzen kann.',
    }),
  },
})

function adviceIn(language: MailLanguage, { type, isAboutYou }: MailedLine): string[] {
  const advice = mailAdvice[language][type] ?? []
  return isAboutYou && advice.length > 0
    ? [ownAdvice[language]]
    : advice
}

/** The sentences by workspace, in the order in which each comes first. Of one workspace alone it is the mail's sender already. */
function grouped(told: readonly { sentence: string, workspace: string }[], notNamed: string | undefined): { title: string, lines: string[] }[] {
  const groups = [
    ...Map.groupBy(told, ({ workspace }) => workspace),
  ].map(([title, sentences]) => ({
    title,
    lines: sentences.map(({ sentence }) => `${sentence}.`),
  }))
  if (groups.length === 1) groups[0]!.title = ''
  return [
    // What is of none goes first: below another's title it would seem to be of it.
    ...groups.filter(({ title }) => title === ''),
    ...groups.filter(({ title }) => title !== ''),
    ...notNamed === undefined
      ? []
      : [
          {
            title: '',
            lines: [notNamed],
          },
        ],
  ]
}
