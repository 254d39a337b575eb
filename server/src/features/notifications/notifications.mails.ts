import type { Static } from 'typebox'
import type { MailLanguage } from '../../mail/define-mail.ts'
import { Type } from 'typebox'
import { Literals } from '../../http/schemas.ts'
import { defineMail } from '../../mail/define-mail.ts'
import { fileUploaded, linkDownloaded, memberRoleChanged } from '../audit/audit.actions.ts'
import { mailSentences } from './mail-sentences.ts'

/** One line of news, as far as its sentence names it. */
export const MailedLine = Type.Object({
  type: Type.String(),
  count: Type.Integer(),
  /** Empty: somebody without an account. */
  actor: Type.String(),
  subject: Type.String(),
  place: Type.String(),
  workspace: Type.String(),
  /** It is about who gets the mail. */
  isAboutYou: Type.Boolean(),
}, { additionalProperties: false })
export type MailedLine = Static<typeof MailedLine>

/** Lines that a mail names; the others are counted. */
export const MAILED_LINES = 20

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
    en: ({ rhythm, lines, more }) => {
      const told = tell('en', lines)
      const [only] = told
      const isAlone = told.length === 1 && more === 0
      const heading = {
        'at-once': isAlone
          ? only!.sentence
          : 'What just happened',
        'daily': 'What happened since yesterday',
        'weekly': 'What happened this week',
      }[rhythm]
      return {
        subject: rhythm === 'at-once'
          ? only!.sentence
          : { daily: 'Your day', weekly: 'Your week' }[rhythm].concat(`: ${only!.sentence}${told.length + more > 1
              ? ` and ${told.length + more - 1} more`
              : ''}`),
        heading,
        paragraphs: [
          ...isAlone && rhythm === 'at-once'
            ? []
            : told.map(({ line }) => line),
          ...more > 0
            ? [`And ${more} more.`]
            : [],
        ],
        action: { label: 'Show it', path: '/notifications' },
        facts: isAlone && lines[0]!.workspace !== ''
          ? [
              ['Workspace', lines[0]!.workspace],
            ]
          : [],
        reason: {
          'at-once': 'You get this mail because you want to be told of this at once. What you have read in the app is not mailed.',
          'daily': 'You get this mail because you want to be told once a day. What you have read in the app is not mailed.',
          'weekly': 'You get this mail because you want to be told once a week. What you have read in the app is not mailed.',
        }[rhythm],
      }
    },
    de: ({ rhythm, lines, more }) => {
      const told = tell('de', lines)
      const [only] = told
      const isAlone = told.length === 1 && more === 0
      const heading = {
        'at-once': isAlone
          ? only!.sentence
          : 'Was gerade geschehen ist',
        'daily': 'Was seit gestern geschehen ist',
        'weekly': 'Was diese Woche geschehen ist',
      }[rhythm]
      return {
        subject: rhythm === 'at-once'
          ? only!.sentence
          : { daily: 'Ihr Tag', weekly: 'Ihre Woche' }[rhythm].concat(`: ${only!.sentence}${told.length + more > 1
              ? ` und ${told.length + more - 1} weitere`
              : ''}`),
        heading,
        paragraphs: [
          ...isAlone && rhythm === 'at-once'
            ? []
            : told.map(({ line }) => line),
          ...more > 0
            ? [`Und ${more} weitere.`]
            : [],
        ],
        action: { label: 'Anzeigen', path: '/notifications' },
        facts: isAlone && lines[0]!.workspace !== ''
          ? [
              ['Arbeitsbereich', lines[0]!.workspace],
            ]
          : [],
        reason: {
          'at-once': 'Sie bekommen diese Mail, weil Ihnen das sofort gemeldet werden soll. Was Sie in der App gelesen haben, wird nicht gemailt.',
          'daily': 'Sie bekommen diese Mail, weil Sie einmal am Tag benachrichtigt werden möchten. Was Sie in der App gelesen haben, wird nicht gemailt.',
          'weekly': 'Sie bekommen diese Mail, weil Sie einmal in der Woche benachrichtigt werden möchten. Was Sie in der App gelesen haben, wird nicht gemailt.',
        }[rhythm],
      }
    },
  },
})

/** `line`: the sentence with where it was, among others. */
function tell(language: MailLanguage, lines: readonly MailedLine[]): { sentence: string, line: string }[] {
  return lines.map((given) => {
    const sentence = mailSentences[language](given)
    return {
      sentence,
      line: given.workspace === ''
        ? `${sentence}.`
        : `${given.workspace}: ${sentence}.`,
    }
  })
}
